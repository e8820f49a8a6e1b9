// The files of the pile, with what was read of them and what a person has said of that; kept over a reload.

import { checkedAs, doubtfulOf, saidOf } from './checking.js';
import { Store } from './store.js';

/**
 * A file of the pile. Frozen, and replaced by each change.
 *
 * state: waiting, reading, done, unfit (read by a template that it does not look like), failed or cancelled; fields: what
 * was read (see checking.js).
 */
export class KeptFiles extends EventTarget {
  #items = new Map();
  #store = new Store('files');

  get all() {
    return [...this.#items.values()];
  }

  get(id) {
    return this.#items.get(id) ?? null;
  }

  /** What is known of a task of the pile: {name, file, template, regions, said}, or null. */
  ofTask(id) {
    const item = this.all.find(({ task }) => task === id);
    return item ? { name: item.name, file: item.file, template: item.request.template, regions: item.request.regions, said: saidOf(item.fields) } : null;
  }

  /** How many files are in one of these states. */
  count(...states) {
    return this.all.filter(({ state }) => states.includes(state)).length;
  }

  /** Take up what an earlier visit has left; whether there is any. */
  async restore() {
    for (const item of (await this.#store.all()).sort((a, b) => a.order - b.order)) {
      // A task goes on without the page; only a file that had none yet waits again.
      const state = item.state === 'reading' && !item.task ? 'waiting' : item.state;
      this.#items.set(item.id, Object.freeze({ ...item, state }));
    }
    return this.#items.size > 0;
  }

  /** Keep how many pages a file has. */
  tellPages(id, pages) {
    if (!this.#items.has(id)) return;
    this.keep({ ...this.#items.get(id), pages });
    this.changed();
  }

  /** Take a person's word for a field: as it stands, or corrected. */
  check(id, at, text) {
    const item = this.#items.get(id);
    this.keep({ ...item, fields: item.fields.map((field, place) => (place === at ? checkedAs(field, text) : field)) });
    this.changed();
  }

  /** Take over what a person has said of the fields of a task, where it is one of the pile: a text, or null for each. */
  checkTask(task, said) {
    const item = this.all.find((each) => each.task === task);
    if (!item?.fields.length) return;
    this.keep({ ...item, fields: item.fields.map((field, at) => checkedAs(field, said[at] ?? null)) });
    this.changed();
  }

  /** The fields that a person should look at, the least sure first: {id, at}. */
  get doubtful() {
    return doubtfulOf(this.all.filter(({ state }) => state === 'done'));
  }

  /** Keep a file as it is now; a new one comes last, until `putInOrder`. */
  keep(item) {
    const kept = Object.freeze(item);
    this.#items.set(item.id, kept);
    this.#store.put(kept);
    return kept;
  }

  putInOrder() {
    this.#items = new Map([...this.#items].sort(([, one], [, other]) => one.order - other.order));
  }

  remove(id) {
    this.#items.delete(id);
    this.#store.remove(id);
    this.changed();
  }

  /** Forget all files and what was read of them, here and in the browser's store. */
  forget() {
    this.#items.clear();
    this.#store.clear();
    this.changed();
  }

  changed() {
    this.dispatchEvent(new Event('change'));
  }
}
