// The list of regions: a card for each with its name, its corners and, once it is read, its result.

import { announce, copy, download, element, iconButton, setText } from './dom.js';
import { FieldForm, isTyped, kindName } from './fields.js';
import { corners, height, width } from './geometry.js';
import { asTable, makeGrid } from './grid.js';
import { percent, t } from './language.js';
import { title } from './regions.js';
import { fileName, isOutdated } from './results.js';
import { makeSortable } from './sortable.js';
import { tint } from './words.js';

/** The edges of a region, and the API's names for them. */
const EDGES = { left: 'topLeftX', top: 'topLeftY', right: 'bottomRightX', bottom: 'bottomRightY' };

const EXTENSIONS = { Pdf: 'pdf', Hocr: 'html', ImagePNG: 'png' };
const MEDIA = { Pdf: 'application/pdf', Hocr: 'text/html', ImagePNG: 'image/png' };

export class Cards extends EventTarget {
  #list;
  #regions;
  #cards = new Map(); // region id to its card
  #own = []; // cards of what was read and has no region: the whole image, or the fields of a template
  #pages = 1;
  #page = 1;
  #reading = null;
  #sizeOf = () => null;
  #problems = new Map(); // region id to what the service says is wrong with it
  #spans = new Map(); // word to its element

  constructor(list, regions) {
    super();
    this.#list = list;
    this.#regions = regions;
    regions.addEventListener('change', () => this.#show());
    regions.addEventListener('select', () => this.#showSelection(true));
    list.addEventListener('focusin', (event) => {
      const id = event.target.closest('.card')?.dataset.id;
      if (id) regions.select(id);
    });
  }

  /** Gives a page's size, by which regions beyond it are told; null where it is not known. */
  set sizeOf(sizeOf) {
    this.#sizeOf = sizeOf;
    this.#show();
  }

  /** Show what was read; null shows nothing. */
  set reading(reading) {
    this.#reading = reading;
    this.#spans.clear();
    this.#makeAllOwn();
    for (const card of this.#cards.values()) card.fillResult();
    this.#show();
  }

  /** Which page is open: of a whole document, the text of that page is shown. */
  set page(number) {
    if (number === this.#page) return;
    this.#page = number;
    if (!this.#reading?.items.some(isOfPages)) return;
    this.#spans.clear();
    this.#makeAllOwn();
    this.#list.append(...this.#own);
  }

  /** How many pages there are; where there is more than one, each card tells its own. */
  set pages(number) {
    this.#pages = number;
    this.#show();
  }

  /** Messages of the service on regions, by region id. */
  set problems(problems) {
    this.#problems = problems;
    this.#show();
  }

  /** Mark a word's place in the text, and tell its confidence beneath; the picture may be out of sight. */
  showWord(word) {
    for (const span of this.#list.querySelectorAll('.word.pointed')) span.classList.remove('pointed');
    for (const facts of this.#list.querySelectorAll('.word-facts')) facts.textContent = '';
    const span = this.#spans.get(word);
    if (!span) return;
    span.classList.add('pointed');
    span.closest('.card').querySelector('.word-facts').textContent = t('result.word', { text: word.text, percent: percent(word.confidence) });
  }

  /** Give the focus to the name of a region. */
  edit(id) {
    const { name } = this.#cards.get(id);
    name.focus();
    name.select();
  }

  #show() {
    const seen = new Set();
    this.#regions.all.forEach((region, at) => {
      seen.add(region.id);
      let card = this.#cards.get(region.id);
      if (!card) {
        card = this.#makeCard(region.id);
        this.#cards.set(region.id, card);
        card.fillResult();
      }
      if (this.#list.children[at] !== card.node) {
        const focused = card.node.contains(document.activeElement) ? document.activeElement : null;
        this.#list.insertBefore(card.node, this.#list.children[at] ?? null);
        focused?.focus();
      }
      card.update(region, at + 1);
    });
    for (const [id, { node }] of this.#cards) {
      if (!seen.has(id)) {
        node.remove();
        this.#cards.delete(id);
      }
    }
    this.#list.append(...this.#own);
    this.#showSelection(false);
  }

  #showSelection(scroll) {
    const selected = this.#regions.selected?.id;
    for (const [id, { node }] of this.#cards) {
      node.classList.toggle('selected', id === selected);
      // On a phone the picture would scroll away under the finger.
      if (scroll && id === selected && !node.contains(document.activeElement) && matchMedia('(min-width: 901px)').matches) {
        node.scrollIntoView({ block: 'nearest' });
      }
    }
  }

  #makeCard(id) {
    const regions = this.#regions;
    const number = element('span', { class: 'number' });
    const name = element('input', {
      type: 'text',
      class: 'name',
      placeholder: t('region.name'),
      maxLength: 100,
      autocomplete: 'off',
      spellcheck: false,
      on: { input: () => regions.change(id, { name: name.value }, `name ${id}`) },
    });
    const grip = iconButton('grip', '', () => {}, { class: 'grip' });
    const double = iconButton('duplicate', '', () => this.edit(regions.duplicate(id).id));
    const remove = iconButton('delete', '', () => this.#remove(id));
    const inputs = Object.entries(EDGES).map(([edge, api]) =>
      element('input', { type: 'number', step: 1, inputMode: 'numeric', title: api, data: { edge }, on: { change: () => this.#typed(id) } }),
    );
    const size = element('span', { class: 'size' });
    const details = new FieldForm(id, (field) => regions.change(id, { field }));
    const split = element('button', { type: 'button', class: 'button small', on: { click: () => this.#split(id) } }, t('region.split'));
    const merge = element('button', { type: 'button', class: 'button small', on: { click: () => this.#merge(id) } }, t('region.merge'));
    const complaint = element('p', { class: 'complaint', id: `complaint-${id}`, hidden: true });
    const note = element('p', { class: 'note', hidden: true });
    const summary = element('p', { class: 'summary' });
    const result = element('div', { class: 'result', hidden: true });
    const node = element(
      'li',
      { class: 'card', data: { id } },
      element('div', { class: 'card-head' }, grip, number, name, double, remove),
      summary,
      element(
        'div',
        { class: 'edges' },
        ...inputs.map((input) => element('label', {}, element('span', {}, t(`region.${input.dataset.edge}`)), input)),
        size,
      ),
      details.node,
      element('p', { class: 'row-actions region-actions' }, split, merge),
      complaint,
      note,
      result,
    );
    makeSortable({
      list: this.#list,
      selector: '.card[data-id]',
      node,
      grip,
      position: () => regions.position(id) - 1,
      move: (to) => {
        regions.move(id, to);
        announce(t('region.moved', { position: regions.position(id), count: regions.all.length }));
      },
    });
    let shown = null;
    return {
      node,
      name,
      inputs,
      complaint,
      update: (region, position) => {
        const label = title(region, position);
        setText(number, String(position));
        if (name.value !== region.name) name.value = region.name;
        name.setAttribute('aria-label', t('region.name.label', { number: position }));
        grip.setAttribute('aria-label', t('region.order.label', { name: label, position, count: regions.all.length }));
        grip.title = t('region.order');
        for (const [button, verb] of [[double, 'duplicate'], [remove, 'delete']]) {
          button.setAttribute('aria-label', t(`region.${verb}.label`, { name: label }));
          button.title = t(`region.${verb}`);
        }
        for (const input of inputs) {
          const { edge } = input.dataset;
          input.setAttribute('aria-label', t(`region.${edge}.label`, { name: label }));
          if (!shown || shown[edge] !== region[edge]) input.value = region[edge];
        }
        if (!shown || Object.keys(corners(region)).some((edge) => shown[edge] !== region[edge])) this.#complain(id, null);
        setText(size, `${width(region)} × ${height(region)}`);
        const place = `${region.left}, ${region.top} – ${region.right}, ${region.bottom}`;
        setText(summary, [this.#pages > 1 && t('region.page', { page: region.page }), isTyped(region.field) && kindName(region.field), place].filter(Boolean).join(' · '));
        details.update(region.field);
        details.node.setAttribute('aria-label', t('region.holds', { name: label }));
        split.setAttribute('aria-label', t('region.split.label', { name: label }));
        const next = regions.all[position];
        merge.hidden = next?.page !== region.page;
        if (!merge.hidden) merge.setAttribute('aria-label', t('region.merge.label', { name: label, next: title(next, position + 1) }));
        shown = region;
        const item = this.#item(id);
        const notes = [
          this.#problems.get(id),
          this.#beyond(region),
          item?.message,
          item && isOutdated(item, region) && t('region.changed'),
        ].filter(Boolean);
        note.hidden = !notes.length;
        setText(note, notes.join(' '));
        result.classList.toggle('outdated', Boolean(item && isOutdated(item, region)));
      },
      fillResult: () => {
        const item = this.#item(id);
        result.hidden = !item;
        result.replaceChildren(...(item ? this.#makeResult(item).childNodes : []));
      },
    };
  }

  #item(id) {
    return this.#reading?.items.find(({ region }) => region?.id === id) ?? null;
  }

  #beyond(region) {
    // What the service has said of a reading is said already.
    const size = this.#sizeOf(region.page);
    if (!size || (this.#item(region.id)?.message && !isOutdated(this.#item(region.id), region))) return '';
    const { width: w, height: h } = size;
    if (region.left >= w || region.top >= h || region.right <= 0 || region.bottom <= 0) {
      return t('region.outside', size);
    }
    if (region.left < 0 || region.top < 0 || region.right > w || region.bottom > h) {
      return t('region.beyond', size);
    }
    return '';
  }

  #split(id) {
    const half = this.#regions.split(id);
    if (half) this.edit(half.id);
  }

  #merge(id) {
    const next = this.#regions.all[this.#regions.position(id)];
    this.edit(this.#regions.merge([id, next.id]).id);
  }

  #remove(id) {
    const at = this.#regions.position(id) - 1;
    const label = title(this.#regions.get(id), at + 1);
    this.#regions.remove(id);
    announce(t('region.deleted', { name: label }));
    const next = this.#regions.all[at] ?? this.#regions.all[at - 1];
    if (next) this.#cards.get(next.id).name.focus();
  }

  /** Take the typed corners, or say why they make no rectangle. */
  #typed(id) {
    const { inputs } = this.#cards.get(id);
    const typed = Object.fromEntries(inputs.map((input) => [input.dataset.edge, input.value === '' ? NaN : Number(input.value)]));
    const wrong = Object.values(typed).some((value) => !Number.isInteger(value) || Math.abs(value) >= 2 ** 31)
      ? [t('region.whole'), Object.keys(EDGES).filter((edge) => !Number.isInteger(typed[edge]))]
      : typed.right <= typed.left
        ? [t('region.right.least', { edge: typed.left }), ['right']]
        : typed.bottom <= typed.top
          ? [t('region.bottom.least', { edge: typed.top }), ['bottom']]
          : null;
    this.#complain(id, wrong);
    if (wrong) announce(wrong[0]);
    else this.#regions.change(id, typed);
  }

  #complain(id, wrong) {
    const card = this.#cards.get(id);
    if (!card) return;
    card.complaint.hidden = !wrong;
    setText(card.complaint, wrong?.[0] ?? '');
    for (const input of card.inputs) {
      const isWrong = Boolean(wrong?.[1].includes(input.dataset.edge));
      input.setAttribute('aria-invalid', String(isWrong));
      if (isWrong) input.setAttribute('aria-describedby', card.complaint.id);
      else input.removeAttribute('aria-describedby');
    }
  }

  // Results

  #makeAllOwn() {
    for (const card of this.#own) card.remove();
    this.#own = (this.#reading?.items ?? []).filter(({ region }) => !region).map((item) => this.#makeOwn(isOfPages(item) ? ofPage(item, this.#page) : item));
  }

  #makeOwn(item) {
    const name = item.name || t('result.whole');
    const kind = item.field && item.field.kind !== 'text' ? kindName(item.field) : '';
    return element(
      'li',
      { class: 'card whole', data: { field: item.name } },
      element('p', { class: 'whole-title' }, element('strong', {}, name), kind && element('span', { class: 'muted' }, ` ${kind}`)),
      isOfPrint(item) ? element('p', { class: 'hint' }, t('result.printed', { text: item.field.text })) : null,
      item.message && item.field ? element('p', { class: 'note' }, item.message) : null,
      this.#makeResult(item),
    );
  }

  #makeResult(item) {
    const box = element('div', { class: 'result' });
    if (item.text === null && !item.files.length) return box;
    const isGrid = item.tables?.length > 0;
    if (item.text !== null && !isGrid) box.append(this.#makeText(item));
    for (const table of item.tables ?? []) box.append(makeGrid(table, nameOf(item)));
    for (const file of item.files) box.append(makeFile(item, file));
    const facts = element('div', { class: 'result-facts' });
    if (item.confidence !== null) {
      facts.append(
        element('span', { class: `confidence ${tint(item.confidence)}` }, percent(item.confidence)),
        item.words.length ? element('span', { class: 'muted' }, t('result.words', { count: item.words.length })) : '',
        element('span', { class: 'word-facts', aria: { hidden: 'true' } }), // announced where keys lead to it
      );
    }
    if (item.text) {
      const button = element('button', { type: 'button', class: 'button small', on: { click: () => copy(item.text, button) } }, t('copy'));
      button.setAttribute('aria-label', t('result.copy', { name: nameOf(item) }));
      facts.append(button);
    }
    for (const [at, table] of (item.tables ?? []).entries()) {
      const save = () => download(fileName(item, `${at + 1}.csv`), new Blob([asTable(table)], { type: 'text/csv;charset=utf-8' }));
      facts.append(element('button', { type: 'button', class: 'button small', aria: { label: t('result.table.label', { name: nameOf(item) }) }, on: { click: save } }, t('result.table')));
    }
    box.append(facts);
    return box;
  }

  /** The text with its words tinted; one stop for Tab, arrow keys go from word to word. */
  #makeText(item) {
    const label = nameOf(item);
    if (!item.text) return element('p', { class: 'text empty' }, t(item.field ? 'result.empty' : 'result.none'));
    if (!item.words.length || isOfPrint(item)) return element('p', { class: 'text' }, item.text);
    const text = element('p', { class: 'text', tabIndex: 0, role: 'group', aria: { label: t('result.text.label', { name: label }) } });
    item.words.forEach((word, at) => {
      const former = item.words[at - 1];
      if (former) text.append(former.line === word.line ? ' ' : '\n');
      const span = element('span', { class: `word ${tint(word.confidence)}` }, word.text);
      span.addEventListener('pointerenter', () => this.#point(word, false));
      span.addEventListener('pointerleave', () => this.#point(null, false));
      span.addEventListener('click', () => this.#point(word, true));
      this.#spans.set(word, span);
      text.append(span);
    });
    let at = -1;
    text.addEventListener('keydown', (event) => {
      const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
      if (!by || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      at = Math.max(0, Math.min(item.words.length - 1, at + by));
      this.#point(item.words[at], true);
      announce(t('result.word.said', { text: item.words[at].text, percent: percent(item.words[at].confidence) }));
    });
    text.addEventListener('blur', () => {
      at = -1;
      this.#point(null, false);
    });
    return text;
  }

  #point(word, reveal) {
    this.showWord(word);
    this.dispatchEvent(new CustomEvent('word', { detail: { word, reveal } }));
  }
}

/** Whether it is the text of several pages: too much to be shown at once. */
const isOfPages = ({ region, field, words }) => !region && !field && words.some(({ page }) => page !== words[0].page);

/** What stands on one page. */
function ofPage(item, number) {
  const words = item.words.filter(({ page }) => page === number);
  const text = Object.values(Object.groupBy(words, ({ line }) => line)).map((line) => line.map((word) => word.text).join(' ')).join('\n');
  const confidence = words.length ? words.reduce((sum, word) => sum + word.confidence, 0) / words.length : null;
  return { ...item, name: t('page', { number }), words, text, confidence };
}

/** Whether the value of a field is written otherwise than it was printed. */
const isOfPrint = ({ field, text }) => Boolean(field?.text) && field.text !== text;

const nameOf = (item) => (item.region ? title(item, item.position) : item.name || t('result.whole.of'));

function makeFile(item, { type, bytes }) {
  const blob = new Blob([bytes], { type: MEDIA[type] });
  const save = element(
    'button',
    { type: 'button', class: 'button small', on: { click: () => download(fileName(item, EXTENSIONS[type] ?? 'bin'), blob) } },
    t('result.download', { kind: type }),
  );
  if (type !== 'ImagePNG' || !bytes.length) return element('p', {}, save);
  const url = URL.createObjectURL(blob);
  const picture = element('img', { class: 'result-picture', src: url, alt: t('result.picture'), on: { load: () => URL.revokeObjectURL(url) } });
  return element('div', {}, picture, element('p', {}, save));
}
