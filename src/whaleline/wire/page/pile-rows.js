// The rows of the pile's table: what each file is at and what was read of it. Only those in sight are in the document.

import { isDoubtful } from './checking.js';
import { $, element } from './dom.js';
import { t } from './language.js';
import { pagesOf } from './piled.js';
import { cells } from './table.js';
import { Thumbnails } from './thumbnails.js';

const ROW = 44; // pixels, as in style.css
const BEYOND = 10; // rows above and below those in sight
const LONGEST = 200; // characters of a value that the list shows

export class PileRows {
  #pile;
  #chosen;
  #on;
  #scroller = $('#files-table');
  #body = $('#files-rows');
  #thumbnails;
  #items = [];
  #names = null; // of the columns
  #shown = new Map(); // id to {item, names, far, node}

  /**
   * @param chosen the ids of the files that are ticked.
   * @param on what happens: {choose(id, isChosen), open(id), review(id, at), again(id), remove(id)}.
   */
  constructor(api, pile, chosen, on) {
    this.#thumbnails = new Thumbnails(api, (id, count) => pile.tellPages(id, count));
    this.#pile = pile;
    this.#chosen = chosen;
    this.#on = on;
    const draw = () => requestAnimationFrame(() => this.#showRows());
    this.#scroller.addEventListener('scroll', draw);
    new ResizeObserver(draw).observe(this.#scroller);
  }

  /** Show these files, with a column for each name. */
  show(items, names) {
    this.#items = items;
    this.#showHead(names);
    this.#showRows();
  }

  toTop() {
    this.#scroller.scrollTop = 0;
  }

  /** Forget the small pictures of a file, or of all. */
  forget(id) {
    if (id === undefined) this.#thumbnails.clear();
    else this.#thumbnails.remove(id);
  }

  #showHead(names) {
    if (this.#names && names.length === this.#names.length && names.every((name, at) => name === this.#names[at])) return;
    this.#names = names;
    const head = [t('files.file'), t('state'), ...names].map((name) => element('th', { scope: 'col' }, name));
    const tick = $('#files-all').parentNode; // stays itself, and keeps its listener
    $('#files-head').replaceChildren(tick, ...head, element('th', { scope: 'col' }, element('span', { class: 'visually-hidden' }, t('actions'))));
  }

  #showRows() {
    const items = this.#items;
    const names = this.#names;
    const first = Math.max(0, Math.floor(this.#scroller.scrollTop / ROW) - BEYOND);
    const last = Math.min(items.length, Math.ceil((this.#scroller.scrollTop + this.#scroller.clientHeight) / ROW) + BEYOND);
    const seen = new Set();
    const rows = items.slice(first, last).map((item) => {
      seen.add(item.id);
      const shown = this.#shown.get(item.id);
      const far = this.#pile.progress(item)?.done;
      if (shown?.item === item && shown.names === this.#names && shown.far === far) {
        shown.node.querySelector('.file-tick input').checked = this.#chosen.has(item.id);
        return shown.node;
      }
      const node = this.#makeRow(item, names);
      const focused = shown?.node.contains(document.activeElement) ? document.activeElement.dataset.act : null;
      shown?.node.replaceWith(node);
      if (focused) node.querySelector(`[data-act="${focused}"]`)?.focus();
      this.#shown.set(item.id, { item, names: this.#names, far, node });
      return node;
    });
    for (const [id, { node }] of this.#shown) {
      if (seen.has(id)) continue;
      node.remove();
      this.#shown.delete(id);
    }
    rows.forEach((node, at) => {
      if (this.#body.children[at] !== node) this.#body.insertBefore(node, this.#body.children[at] ?? null);
    });
    this.#body.style.setProperty('--above', `${first * ROW}px`);
    this.#body.style.setProperty('--below', `${(items.length - last) * ROW}px`);
  }

  #makeRow(item, names) {
    const found = cells(item);
    const state = element('span', { class: 'state', data: { state: item.state } }, t(`files.state.${item.state}`));
    const pages = this.#pile.progress(item);
    const far = item.state === 'reading' && pages ? farOf(pages) : [];
    const most = pagesOf(item);
    const tick = element('input', { type: 'checkbox', checked: this.#chosen.has(item.id), aria: { label: t('files.choose', { name: item.name }) }, on: { change: ({ target }) => this.#on.choose(item.id, target.checked) } });
    const isApart = item.state === 'unfit' || item.state === 'failed'; // the reason takes the place of the values
    const values = isApart ? [] : names.map((name) => {
      const field = found.get(name);
      if (!field) return element('td');
      const label = field.text.slice(0, LONGEST) || t(field.original === undefined ? 'files.nothing' : 'files.emptied');
      const mark = isDoubtful(field) ? 'low' : field.original !== undefined ? 'corrected' : '';
      return element(
        'td',
        {},
        element('button', { type: 'button', class: `value ${mark}`.trim(), title: label, data: { act: `field-${field.at}` }, aria: { label: t(mark === 'low' ? 'files.value.check' : 'files.value', { name, text: label }) }, on: { click: () => this.#on.review(item.id, field.at) } }, label),
      );
    });
    const note = item.message && element('span', { class: 'muted state-code', title: item.message }, item.message);
    return element(
      'tr',
      { data: { id: item.id } },
      element('td', { class: 'file-tick' }, tick),
      element(
        'th',
        { scope: 'row' },
        this.#thumbnails.of(item),
        element('button', { type: 'button', class: 'file-name', title: t('files.open', { name: item.name }), data: { act: 'open' }, on: { click: () => this.#on.open(item.id) } }, item.name),
      ),
      element('td', { class: 'file-state', colSpan: isApart ? 1 + names.length : 1 }, state, ...far, most > 1 && !far.length ? element('span', { class: 'muted state-code' }, t('pages.all', { count: most })) : null, note || null),
      ...values,
      element('td', { class: 'file-actions' }, ...this.#actions(item)),
    );
  }

  #actions({ id, name, state }) {
    const button = (act, label, onClick) => element('button', { type: 'button', class: 'button small', data: { act }, aria: { label: t(`files.${act}.label`, { name }) }, on: { click: onClick } }, label);
    if (state === 'reading') return [button('cancel', t('cancel'), () => this.#pile.cancel(id))];
    const rest = [button('remove', t('files.remove'), () => this.#on.remove(id))];
    return state === 'waiting' ? rest : [button('again', t('files.again'), () => this.#on.again(id)), ...rest];
  }
}

/** How many pages of a file are done, as a bar and in words. */
function farOf({ done, all }) {
  const told = t('pages.done', { done, count: all });
  return [element('progress', { class: 'file-progress', max: all, value: done, aria: { label: told } }), element('span', { class: 'muted state-code' }, told)];
}
