// What the page keeps in this browser beyond a reload (IndexedDB): files with what was read of them, tasks, and the work.

const DATABASE = 'whaleline';
const TABLES = ['files', 'tasks', 'work'];

let database = null;

/** A table of objects by their `id`; where the browser keeps nothing, it is always empty. */
export class Store {
  #table;

  constructor(table) {
    this.#table = table;
    database ??= open().catch(() => null);
  }

  async all() {
    return (await this.#do('readonly', (table) => table.getAll())) ?? [];
  }

  async put(item) {
    await this.#do('readwrite', (table) => table.put(item));
  }

  async remove(id) {
    await this.#do('readwrite', (table) => table.delete(id));
  }

  async clear() {
    await this.#do('readwrite', (table) => table.clear());
  }

  /** Resolves when the change is kept; to undefined where it cannot be. */
  async #do(mode, act) {
    const opened = await database;
    if (!opened) return undefined;
    return new Promise((resolve) => {
      try {
        const transaction = opened.transaction(this.#table, mode);
        const request = act(transaction.objectStore(this.#table));
        transaction.oncomplete = () => resolve(request.result);
        transaction.onabort = () => resolve(undefined); // no room is left, for example: the page goes on without
      } catch {
        resolve(undefined);
      }
    });
  }
}

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 2);
    request.onupgradeneeded = () => {
      const there = [...request.result.objectStoreNames];
      for (const table of TABLES.filter((each) => !there.includes(each))) request.result.createObjectStore(table, { keyPath: 'id' });
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close(); // a newer page in another tab needs another version
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
}
