// The list beside the picture: a card for each region, and for what was read without one.

import { announce, element } from './dom.js';
import { kindName } from './fields.js';
import { t } from './language.js';
import { RegionCard, beyond } from './region-card.js';
import { title } from './regions.js';
import { ResultView, isOfPrint } from './result-view.js';
import { isOutdated } from './results.js';

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
  #results = new ResultView({
    onPoint: (word, reveal) => {
      this.showWord(word);
      this.dispatchEvent(new CustomEvent('word', { detail: { word, reveal } }));
    },
    onCorrect: (item) => this.dispatchEvent(new CustomEvent('correct', { detail: item })),
  });

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
    this.#results.clear();
    this.#makeAllOwn();
    for (const id of this.#cards.keys()) this.#fill(id);
    this.#show();
  }

  /** Which page is open: of a whole document, the text of that page is shown. */
  set page(number) {
    if (number === this.#page) return;
    this.#page = number;
    if (!this.#reading?.items.some(isOfPages)) return;
    this.#results.clear();
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

  /** Mark a word's place in the text; null marks none. */
  showWord(word) {
    this.#results.showWord(word);
  }

  /** Give the focus to the name of a region. */
  edit(id) {
    this.#cards.get(id).edit();
  }

  #show() {
    const seen = new Set();
    this.#regions.all.forEach((region, at) => {
      seen.add(region.id);
      const card = this.#cards.get(region.id) ?? this.#make(region.id);
      if (this.#list.children[at] !== card.node) {
        const focused = card.node.contains(document.activeElement) ? document.activeElement : null;
        this.#list.insertBefore(card.node, this.#list.children[at] ?? null);
        focused?.focus();
      }
      const item = this.#item(region.id);
      // What the service has said of a reading is said already.
      const isSaid = item?.message && !isOutdated(item, region);
      const notes = [this.#problems.get(region.id), isSaid ? '' : beyond(region, this.#sizeOf(region.page))];
      card.update(region, { position: at + 1, pages: this.#pages, item, notes });
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

  #make(id) {
    const card = new RegionCard(id, { list: this.#list, regions: this.#regions, onEdit: (other) => this.edit(other), onRemove: () => this.#remove(id) });
    this.#cards.set(id, card);
    this.#fill(id);
    return card;
  }

  #fill(id) {
    const item = this.#item(id);
    this.#cards.get(id).fill(item && this.#results.make(item));
  }

  #item(id) {
    return this.#reading?.items.find(({ region }) => region?.id === id) ?? null;
  }

  #remove(id) {
    const at = this.#regions.position(id) - 1;
    const name = title(this.#regions.get(id), at + 1);
    this.#regions.remove(id);
    announce(t('region.deleted', { name }));
    const next = this.#regions.all[at] ?? this.#regions.all[at - 1];
    if (next) this.#cards.get(next.id).focus();
  }

  #makeAllOwn() {
    for (const card of this.#own) card.remove();
    const items = this.#reading?.items.filter(({ region }) => !region) ?? [];
    this.#own = items.map((item) => this.#makeOwn(isOfPages(item) ? ofPage(item, this.#page) : item));
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
      element('div', { class: 'result' }, ...this.#results.make(item)),
    );
  }
}

/** Whether it is the text of several pages: too much to be shown at once. */
const isOfPages = ({ region, field, words }) => !region && !field && words.some(({ page }) => page !== words[0].page);

/** What stands on one page. */
function ofPage(item, number) {
  const words = item.words.filter(({ page }) => page === number);
  const text = Object.values(Object.groupBy(words, ({ line }) => line)).map((line) => line.map((word) => word.text).join(' ')).join('\n');
  const confidence = words.length ? words.reduce((sum, word) => sum + word.confidence, 0) / words.length : null;
  return { ...item, name: t('page', { number }), words, text, confidence, isPart: true };
}
