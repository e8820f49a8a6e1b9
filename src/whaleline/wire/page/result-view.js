// What was read, as the cards show it: the text with its words tinted, tables, files, and what can be done with them.

import { announce, copy, download, element } from './dom.js';
import { asTable, makeGrid } from './grid.js';
import { confidence, t } from './language.js';
import { title } from './regions.js';
import { fileName } from './results.js';
import { tint } from './words.js';

const EXTENSIONS = { Pdf: 'pdf', Hocr: 'html', ImagePNG: 'png' };
const MEDIA = { Pdf: 'application/pdf', Hocr: 'text/html', ImagePNG: 'image/png' };

export class ResultView {
  #spans = new Map(); // word to its element
  #pointed = null;
  #onPoint;
  #onCorrect;

  /**
   * @param onPoint is told of a word that is pointed at, or null, and whether it is to be brought into sight.
   * @param onCorrect is told of an item whose text a person wants to correct.
   */
  constructor({ onPoint, onCorrect }) {
    this.#onPoint = onPoint;
    this.#onCorrect = onCorrect;
  }

  /** Forget the words of what was made so far. */
  clear() {
    this.#spans.clear();
    this.#pointed = null;
  }

  /** Mark a word's place in the text, and tell its confidence beneath; the picture may be out of sight. */
  showWord(word) {
    this.#tell(this.#pointed, '');
    this.#pointed?.classList.remove('pointed');
    this.#pointed = this.#spans.get(word) ?? null;
    this.#pointed?.classList.add('pointed');
    if (this.#pointed) this.#tell(this.#pointed, t('result.word', { text: word.text, percent: confidence(word.confidence) }));
  }

  #tell(span, text) {
    const facts = span?.closest('.card')?.querySelector('.word-facts');
    if (facts) facts.textContent = text;
  }

  /** What was read of an item, as nodes. */
  make(item) {
    if (item.text === null && !item.files.length) return [];
    const tables = item.tables ?? [];
    const made = [];
    if (item.text !== null && (!tables.length || isCorrected(item))) made.push(this.#makeText(item));
    if (isCorrected(item)) made.push(element('p', { class: 'note corrected-by' }, t('review.corrected', { text: item.original })));
    return [...made, ...tables.map((table) => makeGrid(table, nameOf(item))), ...item.files.map((file) => makeFile(item, file)), this.#makeFacts(item)];
  }

  /** The confidence, and buttons for the text and the tables. */
  #makeFacts(item) {
    const facts = element('div', { class: 'result-facts' });
    if (item.confidence !== null) {
      facts.append(
        element('span', { class: `confidence ${tint(item.confidence)}` }, confidence(item.confidence)),
        item.words.length ? element('span', { class: 'muted' }, t('result.words', { count: item.words.length })) : '',
        element('span', { class: 'word-facts', aria: { hidden: 'true' } }), // announced where keys lead to it
      );
    }
    const name = nameOf(item);
    const button = (key, act) => element('button', { type: 'button', class: 'button small', aria: { label: t(`${key}.label`, { name }) }, on: { click: act } }, t(key));
    if (item.text) facts.append(button('result.copy', ({ currentTarget }) => copy(item.text, currentTarget)));
    if (item.text !== null && !item.isPart) facts.append(button('result.correct', () => this.#onCorrect(item)));
    for (const [at, table] of (item.tables ?? []).entries()) {
      const save = () => download(fileName(item, `${at + 1}.csv`), new Blob([asTable(table)], { type: 'text/csv;charset=utf-8' }));
      facts.append(button('result.table', save));
    }
    return facts;
  }

  /** The text with its words tinted; one stop for Tab, arrow keys go from word to word. */
  #makeText(item) {
    if (!item.text) return element('p', { class: 'text empty' }, t(item.field ? 'result.empty' : 'result.none'));
    if (!item.words.length || isOfPrint(item) || isCorrected(item)) return element('p', { class: 'text' }, item.text);
    const text = element('p', { class: 'text', tabIndex: 0, role: 'group', aria: { label: t('result.text.label', { name: nameOf(item) }) } });
    item.words.forEach((word, at) => {
      const former = item.words[at - 1];
      if (former) text.append(former.line === word.line ? ' ' : '\n');
      const span = element('span', { class: `word ${tint(word.confidence)}` }, word.text);
      span.addEventListener('pointerenter', () => this.#onPoint(word, false));
      span.addEventListener('pointerleave', () => this.#onPoint(null, false));
      span.addEventListener('click', () => this.#onPoint(word, true));
      this.#spans.set(word, span);
      text.append(span);
    });
    let at = -1;
    text.addEventListener('keydown', (event) => {
      const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
      if (!by || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      at = Math.max(0, Math.min(item.words.length - 1, at + by));
      const word = item.words[at];
      this.#onPoint(word, true);
      announce(t('result.word.said', { text: word.text, percent: confidence(word.confidence) }));
    });
    text.addEventListener('blur', () => {
      at = -1;
      this.#onPoint(null, false);
    });
    return text;
  }
}

/** Whether the value of a field is written otherwise than it was printed. */
export const isOfPrint = ({ field, text, original }) => Boolean(field?.text) && ![text, original].includes(field.text);

const isCorrected = ({ original }) => original !== undefined;

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
