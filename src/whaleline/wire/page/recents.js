// The tasks that this browser has sent from the view Read: of which file, by which regions or template. The service is not told.

import { Store } from './store.js';

const KEPT = 30; // tasks
const LARGEST = 50 * 2 ** 20; // bytes of a file that is kept with its task

export class Recents {
  #store = new Store('tasks');
  #all = new Map();

  async restore() {
    for (const task of (await this.#store.all()).sort((a, b) => a.at - b.at)) this.#all.set(task.id, task);
  }

  get(id) {
    return this.#all.get(id) ?? null;
  }

  /** Keep {id, name, file, pages, template, regions} of a task; later `said` may join them. */
  add(task) {
    const kept = { ...task, file: task.file.size <= LARGEST ? task.file : null, at: Date.now() };
    this.#all.set(task.id, kept);
    this.#store.put(kept);
    for (const id of this.#all.keys()) {
      if (this.#all.size <= KEPT) break;
      this.#all.delete(id);
      this.#store.remove(id);
    }
  }

  /** Keep what a person has said of what a task has read: a text, or null, for each region or field. */
  check(id, said) {
    const task = this.get(id);
    if (!task) return;
    this.#all.set(id, { ...task, said });
    this.#store.put(this.#all.get(id));
  }

  forget() {
    this.#all.clear();
    this.#store.clear();
  }
}
