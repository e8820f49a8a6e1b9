// The pile: many files, read one after the other with the same regions and settings.

import { toField } from './checking.js';
import { t } from './language.js';
import { KeptFiles } from './pile-kept.js';
import { fitted, formsOf, fresh, mayHoldForms, pagesOf } from './piled.js';
import { Problem } from './problem.js';
import { requestFor } from './request.js';
import { isUnfit, sentence, toReading } from './results.js';

/** As many bodies of a client does the service read at a time; more would only wait. */
const AT_ONCE = 4;

const WATCH_MS = 1500;

/** Statuses that say nothing of the file: nobody is signed in, too much is asked, the service is away. */
const NOT_OF_THE_FILE = [401, 429, 502, 503, 504];

export class Pile extends KeptFiles {
  isPaused = false;
  #api;
  #stops = new Map(); // id of a file that is being read to what ends that
  #progress = new Map(); // task id to {done, all} of the pages of those that are being read
  #watching = 0;
  #request = null; // of the last start

  constructor(api) {
    super();
    this.#api = api;
    api.addEventListener('change', () => this.resume());
  }

  /** How many pages are done, {done, all}; a file counts as one until its pages are known. */
  get far() {
    const far = { done: 0, all: 0 };
    for (const item of this.all) {
      const pages = this.progress(item);
      const all = pages?.all ?? pagesOf(item);
      far.all += all;
      if (item.state !== 'waiting') far.done += item.state === 'reading' ? (pages?.done ?? 0) : all;
    }
    return far;
  }

  /** How many pages of a file are done, and how many there are; null where they are not read one by one. */
  progress({ task }) {
    return this.#progress.get(task) ?? null;
  }

  /** Take up what an earlier visit has left. */
  async restore() {
    if (!(await super.restore())) return;
    this.isPaused = this.count('waiting') > 0; // nothing is sent that was not asked for on this visit
    this.changed();
  }

  /** Go on to wait for what an earlier visit has sent, as soon as somebody is signed in. */
  resume() {
    if (!this.#api.isSignedIn) return;
    for (const item of this.all) if (item.state === 'reading' && !this.#stops.has(item.id)) this.#read(item);
  }

  /** Add files, which join what is being read, or wait until `start`. */
  add(files) {
    const last = Math.max(0, ...this.all.map(({ order }) => order));
    const request = this.#stops.size ? this.#request : null;
    files.forEach((file, at) => {
      this.keep({ ...fresh(file, file.webkitRelativePath || file.name, last + at + 1), request });
    });
    this.#next();
  }

  /**
   * Read what waits.
   *
   * @param request {operation, settings, regions, size, pages, template}: the size of the image that the regions were drawn
   *   on, or null; the sizes of its pages; the name of the template to read by, or ''.
   */
  start(request) {
    this.#request = request;
    for (const item of this.all) if (item.state === 'waiting') this.keep({ ...item, request });
    this.isPaused = false;
    this.#next();
  }

  /** Send no more files; those that are being read go on. */
  pause() {
    this.isPaused = true;
    this.changed();
  }

  async cancel(id) {
    const item = this.get(id);
    this.#stops.get(id)?.abort();
    if (item.task) await this.#api.erase(item.request.operation, item.task).catch(() => {}); // it expires by itself then
    if (this.get(id)?.state !== 'done') this.#end(id, { state: 'cancelled', message: t('files.cancelled') });
  }

  /** Put a file back to those that wait, to be read with what `start` says next. */
  again(id) {
    this.keep({ ...this.get(id), state: 'waiting', task: null, request: null, fields: [], message: '' });
    this.changed();
  }

  remove(id) {
    this.#stops.get(id)?.abort();
    super.remove(id);
  }

  /** Forget all files and what was read of them, here and in the browser's store. */
  forget() {
    for (const stop of this.#stops.values()) stop.abort();
    super.forget();
  }

  #next() {
    for (const item of this.all) {
      if (this.isPaused || this.#stops.size >= AT_ONCE) break;
      if (item.state === 'waiting' && item.request) this.#read(item);
    }
    this.changed();
  }

  /** See now and then how far documents of many pages are. */
  async #watch() {
    this.#watching = 0;
    if (!this.#stops.size) return;
    this.#watching = setTimeout(() => this.#watch(), WATCH_MS);
    const { tasks } = await this.#api.tasks().catch(() => ({ tasks: [] })); // the reading itself tells what is wrong
    const open = tasks.filter(({ pages }) => pages);
    this.#progress = new Map(open.map(({ id, pages }) => [id, pages]));
    if (open.length) this.changed();
  }

  async #read({ id }) {
    if (!this.#watching) this.#watching = setTimeout(() => this.#watch(), WATCH_MS);
    const stop = new AbortController();
    this.#stops.set(id, stop);
    try {
      if (this.get(id).state === 'waiting') {
        if (await this.#split(id, stop.signal)) return;
        await this.#send(id, stop.signal);
      }
      const { task, request } = this.get(id);
      this.#take(id, await this.#api.ended(request.operation, task, stop.signal));
    } catch (error) {
      if (stop.signal.aborted) return; // who aborted it says what becomes of the file
      if (NOT_OF_THE_FILE.includes(error.status)) this.#hold(id, error.message);
      else this.#end(id, { state: 'failed', message: sentence(error.message) });
    } finally {
      this.#stops.delete(id);
      this.#next();
    }
  }

  /** Put the pages of a document in its place where each is a form of its own; false where it is not so. */
  async #split(id, signal) {
    const item = this.get(id);
    if (!mayHoldForms(item)) return false;
    this.keep({ ...item, state: 'reading' });
    this.changed();
    const pages = await formsOf(this.#api, item, signal);
    signal.throwIfAborted();
    if (!pages) return false;
    this.remove(id);
    for (const page of pages) this.keep(page);
    this.putInOrder();
    return true;
  }

  async #send(id, signal) {
    const { file, request } = this.keep({ ...this.get(id), state: 'reading' });
    this.changed();
    const regions = request.template ? [] : await fitted(file, request);
    const asked = regions.length ? requestFor(regions, request.settings, request.pages).settings : request.settings;
    const settings = { ...asked, ...(request.template && { template: request.template }), resultType: 'JSON' };
    const task = await this.#api.submit(request.operation, file, settings, signal);
    if (this.get(id)) this.keep({ ...this.get(id), task, request: { ...request, regions } });
  }

  #take(id, answer) {
    if (answer.taskStatus === 'NotExist') throw new Problem(t('files.erased'));
    if (answer.taskStatus !== 'Completed') throw new Problem(answer.error?.messages.join(' ') || t('run.error'));
    const { request } = this.get(id);
    const reading = toReading(answer, request.regions, { isForm: Boolean(request.template) });
    const unfit = request.template && isUnfit(reading);
    this.#end(id, { state: unfit ? 'unfit' : 'done', fields: unfit ? [] : reading.items.map(toField), message: reading.messages.join(' ') });
  }

  /** Let a file wait again, and send no more, until somebody starts anew. */
  #hold(id, why) {
    this.isPaused = true;
    this.#end(id, { state: 'waiting', task: null });
    this.dispatchEvent(new CustomEvent('held', { detail: sentence(why) }));
  }

  #end(id, changes) {
    if (!this.get(id)) return; // removed meanwhile
    this.keep({ ...this.get(id), ...changes });
    this.changed();
  }
}
