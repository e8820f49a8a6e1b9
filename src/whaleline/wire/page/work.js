// The work in the view Read, kept over a reload or a crash: the file, its regions, and what was read of them.

import { Store } from './store.js';

const PAUSE_MS = 400; // changes that follow each other are kept together
const LARGEST = 200 * 2 ** 20; // bytes of a file that is kept
const SHOWN = /^image\/(png|jpeg|webp|gif|bmp|avif)$/; // by every browser, without the service

export class Work {
  #store = new Store('work');
  #opened;
  #regions;
  #timer = 0;
  #isRestored = false;
  #file = null; // the one that is kept

  constructor(opened, regions) {
    this.#opened = opened;
    this.#regions = regions;
    for (const type of ['change', 'attached']) regions.addEventListener(type, () => this.#later());
    opened.addEventListener('open', () => this.#later());
    document.addEventListener('visibilitychange', () => this.keep());
  }

  /** Take up what an earlier visit has left. @param isSignedIn whether the service can be asked to show a file. */
  async restore(isSignedIn) {
    const all = await this.#store.all();
    const [file, kept] = ['file', 'read'].map((id) => all.find((each) => each.id === id));
    if (file && kept && (isSignedIn || SHOWN.test(file.file.type)) && (await this.#opened.open(file.file, kept.regions))) {
      this.#file = this.#opened.image.file;
      const present = this.#regions.all;
      if (kept.reading) {
        const items = kept.reading.items.map((item, at) => ({ ...item, region: kept.places[at] === null ? null : { ...item.region, id: present[kept.places[at]].id } }));
        this.#regions.attach({ ...kept.reading, items, image: this.#opened.image });
      }
      if (kept.page > 1) await this.#opened.show(kept.page);
    }
    this.#isRestored = true;
  }

  #later() {
    if (!this.#isRestored) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.keep(), PAUSE_MS);
  }

  /** Keep what is open now; resolves when it is kept. */
  async keep() {
    if (!this.#isRestored) return;
    const { image } = this.#opened;
    if (!image) {
      this.#file = null;
      await this.#store.clear();
    }
    if (!image?.file || image.file.size > LARGEST) return;
    const file = image.file === this.#file ? null : this.#store.put({ id: 'file', file: image.file }); // once, for it may be large
    this.#file = image.file;
    const { all, attached } = this.#regions;
    // Regions get other ids when they are brought back, so a result remembers the place of its region in the list.
    const places = attached?.items.map(({ region }) => (region ? all.findIndex(({ id }) => id === region.id) : null));
    const isWhole = places?.every((place) => place !== -1); // some region is gone: its result goes, too
    const reading = attached && isWhole ? { ...attached, image: null } : null;
    await Promise.all([file, this.#store.put({ id: 'read', page: this.#opened.page, regions: all, reading, places: places ?? [] })]);
  }
}
