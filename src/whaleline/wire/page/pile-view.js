// The view of the pile: what each file is at and what was read of it. Only the rows in sight are in the document.

import { $, announce, ask, duration, element, setText } from './dom.js';
import { t } from './language.js';
import { PileOut } from './pile-out.js';
import { isDoubtful } from './pile.js';
import { cells, columns } from './table.js';

const ROW = 44; // pixels, as in style.css
const BEYOND = 10; // rows above and below those in sight
const THUMBNAIL = 36; // pixels
const LONGEST = 200; // characters of a value that the list shows

/** Which files the list shows. */
const SHOWN = {
  all: () => true,
  doubtful: ({ state, fields }) => state === 'done' && fields.some(isDoubtful),
  unfit: ({ state }) => state === 'unfit',
  failed: ({ state }) => state === 'failed',
};

export class PileView {
  #pile;
  #request;
  #ready;
  #onReview;
  #scroller = $('#files-table');
  #body = $('#files-rows');
  #thumbnails = new Map(); // id to the canvas, once it is drawn
  #shown = new Map(); // id to {item, names, node}
  #began = null;
  #beganWith = 0;
  #isAsked = false;
  #onOpen;
  #out;
  #chosen = new Set(); // ids of the files that are ticked

  /**
   * @param request gives what `Pile.start` takes.
   * @param ready resolves to whether tasks may be sent: somebody is signed in, and the settings are right.
   * @param onOpen shows a file with what was read of it.
   * @param onReview shows the doubtful fields, from one on if given.
   */
  constructor(api, pile, { request, ready, onReview, onOpen }) {
    this.#onOpen = onOpen;
    this.#pile = pile;
    this.#request = request;
    this.#ready = ready;
    this.#onReview = onReview;
    pile.addEventListener('change', () => this.refresh());
    const rows = () => requestAnimationFrame(() => this.#showRows(this.#listed()));
    this.#scroller.addEventListener('scroll', rows);
    new ResizeObserver(rows).observe(this.#scroller);
    for (const id of ['choose-files', 'choose-folder']) {
      $(`#${id}`).addEventListener('change', (event) => {
        pile.add([...event.target.files]);
        event.target.value = '';
      });
    }
    $('#read-files').addEventListener('click', () => this.#startOrPause());
    $('#review-files').addEventListener('click', () => onReview());
    $('#forget-files').addEventListener('click', () => this.#forget());
    $('#files-show').addEventListener('change', () => {
      this.#scroller.scrollTop = 0;
      this.refresh();
    });
    $('#files-all').addEventListener('change', ({ target }) => {
      this.#chosen = new Set(target.checked ? this.#listed().map(({ id }) => id) : []);
      this.refresh();
    });
    this.#out = new PileOut(api, pile, () => this.chosen);
    this.#show();
  }

  /** The files that are ticked; all where none is. */
  get chosen() {
    const ticked = this.#pile.all.filter(({ id }) => this.#chosen.has(id));
    return ticked.length ? ticked : this.#pile.all;
  }

  #listed() {
    return this.#pile.all.filter(SHOWN[$('#files-show').value]);
  }

  /** Draw at the next frame, however much changes until then. */
  refresh() {
    if (this.#isAsked) return;
    this.#isAsked = true;
    requestAnimationFrame(() => {
      this.#isAsked = false;
      this.#show();
    });
  }

  async #startOrPause() {
    const { reading, waiting } = this.#counts();
    if (reading && !this.#pile.isPaused && waiting) {
      this.#pile.pause();
      announce(t('files.paused'));
      return;
    }
    if (!(await this.#ready())) return;
    this.#began = performance.now();
    this.#beganWith = this.#counts().ended;
    this.#pile.start(this.#request());
  }

  #counts() {
    const pile = this.#pile;
    return { waiting: pile.count('waiting'), reading: pile.count('reading'), ended: pile.count('done', 'unfit', 'failed', 'cancelled') };
  }

  #show() {
    const pile = this.#pile;
    const items = pile.all;
    const { waiting, reading, ended } = this.#counts();
    const isRunning = reading > 0 && !pile.isPaused;
    const doubtful = pile.doubtful.length;
    $('#files-empty').hidden = items.length > 0;
    for (const id of ['files-bar', 'files-table', 'files-out']) $(`#${id}`).hidden = !items.length;
    $('#read-files').disabled = !waiting;
    setText($('#read-files'), isRunning && waiting ? t('files.pause') : waiting ? t('files.read', { count: waiting }) : t('files.read.none'));
    $('#review-files').disabled = !doubtful;
    $('#review-files').classList.toggle('primary', doubtful > 0 && !waiting && !reading);
    $('#read-files').classList.toggle('primary', waiting > 0);
    setText($('#review-files'), doubtful ? t('files.check', { count: doubtful }) : t('files.check.none'));
    const { regions, template } = this.#request();
    const how = template
      ? t('files.how.template', { name: template })
      : regions.length
        ? t('files.how.regions', { count: regions.length })
        : t('files.how.whole');
    setText($('#files-how'), how);
    $('#files-mark').hidden = Boolean(template) || regions.length > 0 || !items.length;
    for (const state of ['unfit', 'failed']) setText($(`#files-show option[value=${state}]`), t(`files.show.${state}`, { count: pile.count(state) }));
    const ticked = this.#chosen.size;
    $('#files-all').checked = ticked > 0 && ticked >= this.#listed().length;
    setText($('#files-chosen'), ticked ? t('files.out.chosen', { count: ticked }) : t('files.out.all'));
    $('#files-progress').max = Math.max(1, items.length);
    $('#files-progress').value = ended;
    setText($('#files-done'), this.#far(ended, items.length));
    this.#showHead(columns(items));
    this.#showRows(this.#listed());
    this.#out.show();
    if (!reading && !waiting && this.#began !== null) {
      this.#began = null;
      announce(doubtful ? t('files.all.check', { count: doubtful }) : t('files.all.read'));
    }
  }

  /** How many are done, and how long the rest may take by what was read since the start. */
  #far(done, count) {
    const read = done - this.#beganWith;
    if (this.#began === null || read < 3 || done === count) return t('files.done', { done, count });
    const time = duration(((performance.now() - this.#began) / 1000 / read) * (count - done));
    return t('files.done.left', { done, count, time });
  }

  #showRows(items) {
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

  #names = null;

  #showHead(names) {
    if (this.#names && names.length === this.#names.length && names.every((name, at) => name === this.#names[at])) return;
    this.#names = names;
    const head = [t('files.file'), t('state'), ...names].map((name) => element('th', { scope: 'col' }, name));
    const tick = $('#files-all').parentNode; // stays itself, and keeps its listener
    $('#files-head').replaceChildren(tick, ...head, element('th', { scope: 'col' }, element('span', { class: 'visually-hidden' }, t('actions'))));
  }

  #makeRow(item, names) {
    const found = cells(item);
    const state = element('span', { class: 'state', data: { state: item.state } }, t(`files.state.${item.state}`));
    const pages = this.#pile.progress(item);
    const far = item.state === 'reading' && pages ? element('span', { class: 'muted state-code' }, t('pages.done', { done: pages.done, count: pages.all })) : null;
    const most = Math.max(1, ...item.fields.map((field) => field.pages ?? 1));
    const tick = element('input', { type: 'checkbox', checked: this.#chosen.has(item.id), aria: { label: t('files.choose', { name: item.name }) }, on: { change: ({ target }) => this.#choose(item.id, target.checked) } });
    const isApart = item.state === 'unfit' || item.state === 'failed'; // the reason takes the place of the values
    const values = isApart ? [] : names.map((name) => {
      const field = found.get(name);
      if (!field) return element('td');
      const label = field.text.slice(0, LONGEST) || t('files.nothing');
      const mark = isDoubtful(field) ? 'low' : field.original !== undefined ? 'corrected' : '';
      return element(
        'td',
        {},
        element('button', { type: 'button', class: `value ${mark}`.trim(), title: label, data: { act: `field-${field.at}` }, aria: { label: t(mark === 'low' ? 'files.value.check' : 'files.value', { name, text: label }) }, on: { click: () => this.#onReview(item.id, field.at) } }, label),
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
        this.#thumbnail(item),
        element('button', { type: 'button', class: 'file-name', title: t('files.open', { name: item.name }), data: { act: 'open' }, on: { click: () => this.#onOpen(item.id) } }, item.name),
      ),
      element('td', { class: 'file-state', colSpan: isApart ? 1 + names.length : 1 }, state, far, most > 1 ? element('span', { class: 'muted state-code' }, t('pages.all', { count: most })) : null, note || null),
      ...values,
      element('td', { class: 'file-actions' }, ...this.#actions(item)),
    );
  }

  #actions({ id, name, state }) {
    const button = (act, label, onClick) => element('button', { type: 'button', class: 'button small', data: { act }, aria: { label: t(`files.${act}.label`, { name }) }, on: { click: onClick } }, label);
    if (state === 'reading') return [button('cancel', t('cancel'), () => this.#pile.cancel(id))];
    const rest = [button('remove', t('files.remove'), () => this.#remove(id))];
    return state === 'waiting' ? rest : [button('again', t('files.again'), () => this.#pile.again(id)), ...rest];
  }

  #choose(id, isChosen) {
    if (isChosen) this.#chosen.add(id);
    else this.#chosen.delete(id);
    this.refresh();
  }

  #remove(id) {
    this.#chosen.delete(id);
    this.#thumbnails.delete(id);
    this.#pile.remove(id);
    $('#read-files').focus();
  }

  /** A small picture, made when its row comes in sight; the kind of the file where the browser cannot show it. */
  #thumbnail({ id, file, name }) {
    if (this.#thumbnails.has(id)) return this.#thumbnails.get(id);
    const canvas = element('canvas', { class: 'thumbnail', width: THUMBNAIL, height: THUMBNAIL, aria: { hidden: 'true' } });
    this.#thumbnails.set(id, canvas);
    draw(canvas, file).catch(() => {
      const context = canvas.getContext('2d');
      context.fillStyle = '#83919d';
      context.font = '11px sans-serif';
      context.textAlign = 'center';
      context.fillText(name.split('.').at(-1).toUpperCase().slice(0, 4), THUMBNAIL / 2, THUMBNAIL / 2 + 4);
    });
    return canvas;
  }

  async #forget() {
    const answer = await ask({
      title: t('files.forget.title'),
      text: t('files.forget.text'),
      choices: [
        { label: t('files.forget.keep'), value: '' },
        { label: t('files.forget.yes'), value: 'yes', kind: 'danger' },
      ],
    });
    if (!answer) return;
    this.#thumbnails.clear();
    this.#chosen.clear();
    this.#pile.forget();
    announce(t('files.forgotten'));
  }
}

async function draw(canvas, file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(THUMBNAIL / picture.width, THUMBNAIL / picture.height);
  const [w, h] = [picture.width * scale, picture.height * scale];
  canvas.getContext('2d').drawImage(picture, (THUMBNAIL - w) / 2, (THUMBNAIL - h) / 2, w, h);
  picture.close();
}
