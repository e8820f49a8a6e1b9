// Checking what was read: the doubtful fields of all files one after the other, each large beside its value, by keys alone.

import { $, announce, setText } from './dom.js';
import { confidence as toPercent, t } from './language.js';
import { Source } from './source.js';
import { columns, cells } from './table.js';

const MARGIN = 0.5; // of the field's height, shown around it

export class Review {
  #api;
  #pile = null;
  #dialog = $('#review');
  #value = $('#review-value');
  #canvas = $('#review-picture');
  #at = null; // {id, at} of the field that is shown
  #passed = new Set(); // fields that were left as they are on this round
  #picture = null; // {id, page, bitmap} of the page that was shown last

  constructor(api) {
    this.#api = api;
    $('#review-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#accept();
    });
    $('#review-other').addEventListener('click', ({ target }) => {
      this.#value.value = target.dataset.value;
      this.#value.focus();
    });
    $('#review-skip').addEventListener('click', () => this.#pass());
    $('#review-close').addEventListener('click', () => this.#dialog.close());
    this.#value.addEventListener('keydown', (event) => {
      if (event.shiftKey || !['Tab', 'Enter'].includes(event.key)) return; // Shift+Enter breaks the line
      event.preventDefault();
      if (event.key === 'Tab') this.#pass();
      else this.#accept();
    });
    this.#dialog.addEventListener('close', () => {
      this.#picture?.bitmap.close();
      this.#picture = null;
    });
  }

  /**
   * Show a field, or the least sure one.
   *
   * @param pile what is checked: gives items and their doubtful fields, and takes what a person says (Pile, OpenedChecks).
   */
  open(pile, id, at) {
    this.#pile = pile;
    this.#passed.clear();
    const first = id === undefined ? this.#rest()[0] : { id, at };
    if (!first) return;
    this.#dialog.showModal();
    this.#show(first);
  }

  /** The fields that are still to be looked at. */
  #rest() {
    return this.#pile.doubtful.filter((place) => !this.#passed.has(key(place)));
  }

  #accept() {
    this.#pile.check(this.#at.id, this.#at.at, this.#value.value);
    this.#next();
  }

  #pass() {
    this.#passed.add(key(this.#at));
    this.#next();
  }

  #next() {
    const [next] = this.#rest();
    if (next) {
      this.#show(next);
      return;
    }
    this.#dialog.close();
    announce(t('review.none'));
  }

  async #show(place) {
    this.#at = place;
    const item = this.#pile.get(place.id);
    const field = item.fields[place.at];
    const name = [...cells(item)].find(([, { at }]) => at === place.at)?.[0] ?? columns([item])[0];
    setText($('#review-title'), name);
    setText($('#review-file'), item.name);
    setText($('#review-left'), t('review.left', { count: this.#rest().length }));
    setText($('#review-facts'), facts(field));
    const other = field.other && field.other !== field.text ? field.other : '';
    $('#review-other').hidden = !other;
    $('#review-other').dataset.value = other;
    setText($('#review-other'), t('review.other', { text: other }));
    this.#value.value = field.text;
    this.#value.rows = Math.min(8, field.text.split('\n').length);
    this.#value.focus();
    this.#value.select();
    const isShown = await this.#draw(item, field).catch(() => false);
    if (this.#at !== place) return;
    this.#canvas.hidden = !isShown;
    $('#review-unseen').hidden = isShown;
  }

  /** Draw the field upright, with some of what is around it. */
  async #draw(item, field) {
    const { page = 1 } = field;
    if (this.#picture?.id !== item.id || this.#picture.page !== page) {
      const bitmap = await Source.bitmap(this.#api, item.file, page);
      this.#picture?.bitmap.close();
      this.#picture = { id: item.id, page, bitmap };
    }
    const { bitmap } = this.#picture;
    const [[x, y], [rightX, rightY], , [downX, downY]] = field.corners ?? cornersOf(field.box ?? { left: 0, top: 0, right: bitmap.width, bottom: bitmap.height });
    const [w, h] = [Math.max(1, Math.hypot(rightX - x, rightY - y)), Math.max(1, Math.hypot(downX - x, downY - y))];
    const rim = field.corners || field.box ? MARGIN * Math.min(w, h) : 0;
    const scale = Math.min(560 / (w + 2 * rim), 280 / (h + 2 * rim), 4);
    this.#canvas.width = Math.max(1, Math.round((w + 2 * rim) * scale));
    this.#canvas.height = Math.max(1, Math.round((h + 2 * rim) * scale));
    const context = this.#canvas.getContext('2d');
    context.fillStyle = '#ffffff';
    context.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
    context.scale(scale, scale);
    context.translate(rim, rim);
    context.rotate(-Math.atan2(rightY - y, rightX - x));
    context.translate(-x, -y);
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, 0, 0);
    return true;
  }
}

/** What there is to know of a field before it is accepted. */
function facts({ text, confidence, original, message, kind, printed }) {
  if (original !== undefined) return t('review.corrected', { text: original });
  const known = confidence === null ? '' : t('review.sure', { percent: toPercent(confidence) });
  const sure = text ? known : t('review.nothing');
  const print = kind && kind !== 'text' && printed && printed !== text ? t('result.printed', { text: printed }) : '';
  return [sure, print, message].filter(Boolean).join(' ');
}

const cornersOf = ({ left, top, right, bottom }) => [[left, top], [right, top], [right, bottom], [left, bottom]];

const key = ({ id, at }) => `${id}/${at}`;
