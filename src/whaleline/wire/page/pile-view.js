// The view of the pile: its buttons, how far it is, and the list of the files (pile-rows.js).

import { isDoubtful } from './checking.js';
import { $, announce, confirm, duration, setText, tell } from './dom.js';
import { isRead } from './incoming.js';
import { t } from './language.js';
import { PileOut } from './pile-out.js';
import { PileRows } from './pile-rows.js';
import { columns } from './table.js';

const LEAST_SECONDS = 5; // of reading, before the time left is guessed

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
  #rows;
  #began = null;
  #beganWith = 0;
  #isAsked = false;
  #out;
  #chosen = new Set(); // ids of the files that are ticked

  /**
   * @param request gives what `Pile.start` takes.
   * @param ready resolves to whether tasks may be sent: somebody is signed in, and the settings are right.
   * @param onOpen shows a file with what was read of it.
   * @param onReview shows the doubtful fields, from one on if given.
   */
  constructor(api, pile, { request, ready, onReview, onOpen }) {
    this.#pile = pile;
    this.#request = request;
    this.#ready = ready;
    pile.addEventListener('change', () => this.refresh());
    pile.addEventListener('held', ({ detail }) => tell($('#files-problem'), detail));
    this.#rows = new PileRows(api, pile, this.#chosen, {
      choose: (id, isChosen) => this.#choose(id, isChosen),
      open: onOpen,
      review: onReview,
      again: async (id) => (await this.#mayLose(id)) && pile.again(id),
      remove: async (id) => (await this.#mayLose(id)) && this.#remove(id),
    });
    for (const id of ['choose-files', 'choose-folder']) {
      $(`#${id}`).addEventListener('change', (event) => {
        const files = [...event.target.files];
        pile.add(id === 'choose-folder' ? files.filter(isRead) : files); // a folder has other files, too
        event.target.value = '';
      });
    }
    $('#read-files').addEventListener('click', () => this.#startOrPause());
    $('#review-files').addEventListener('click', () => onReview());
    $('#forget-files').addEventListener('click', () => this.#forget());
    $('#files-show').addEventListener('change', () => {
      this.#rows.toTop();
      this.refresh();
    });
    $('#files-all').addEventListener('change', ({ target }) => {
      this.#chosen.clear();
      for (const { id } of target.checked ? this.#listed() : []) this.#chosen.add(id);
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
    this.#beganWith = this.#pile.far.done;
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
    $('[data-files=xlsx]').classList.toggle('primary', !doubtful && !waiting && !reading && pile.count('done') > 0); // what is left to do
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
    const { done, all } = pile.far;
    $('#files-progress').max = Math.max(1, all);
    $('#files-progress').value = done;
    setText($('#files-done'), this.#far(ended, items.length));
    this.#rows.show(this.#listed(), columns(items));
    this.#out.show();
    if (!reading && !waiting && this.#began !== null) {
      this.#began = null;
      announce(doubtful ? t('files.all.check', { count: doubtful }) : t('files.all.read'));
    }
  }

  /** How many files are done, and how long the rest may take by the pages that were read since the start. */
  #far(done, count) {
    const far = this.#pile.far;
    const read = far.done - this.#beganWith;
    const seconds = (performance.now() - this.#began) / 1000;
    if (this.#began === null || read <= 0 || seconds < LEAST_SECONDS || done === count) return t('files.done', { done, count });
    return t('files.done.left', { done, count, time: duration((seconds / read) * (far.all - far.done)) });
  }

  #choose(id, isChosen) {
    if (isChosen) this.#chosen.add(id);
    else this.#chosen.delete(id);
    this.refresh();
  }

  /** Whether what a person has said of a file may go; asked only where there is something. */
  async #mayLose(id) {
    const { name, fields } = this.#pile.get(id);
    const count = fields.filter(({ checked }) => checked).length;
    return count === 0 || confirm('files.lose', { name, count });
  }

  #remove(id) {
    this.#chosen.delete(id);
    this.#rows.forget(id);
    this.#pile.remove(id);
    $('#read-files').focus();
  }

  async #forget() {
    if (!(await confirm('files.forget'))) return;
    this.#rows.forget();
    this.#chosen.clear();
    this.#pile.forget();
    announce(t('files.forgotten'));
  }
}
