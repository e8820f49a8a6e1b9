// Small pictures of files, made when their rows come in sight. One at a time: files may be large, and a browser has six
// connections to the service, of which the reading holds four.

import { element } from './dom.js';
import { Source } from './source.js';

const SIDE = 36; // pixels

export class Thumbnails {
  #api;
  #onPages;
  #made = new Map(); // id to the canvas
  #waiting = []; // those that are not drawn yet, the newest last
  #isBusy = false;

  /** @param onPages is told the id of a document and how many pages it has. */
  constructor(api, onPages) {
    this.#api = api;
    this.#onPages = onPages;
  }

  /** The canvas of a file; it shows the kind of the file where neither the browser nor the service can draw it. */
  of({ id, file, name }) {
    if (this.#made.has(id)) return this.#made.get(id);
    const canvas = element('canvas', { class: 'thumbnail', width: SIDE, height: SIDE, aria: { hidden: 'true' } });
    this.#made.set(id, canvas);
    this.#waiting.push({ id, canvas, file, name });
    this.#next();
    return canvas;
  }

  remove(id) {
    this.#made.delete(id);
  }

  clear() {
    this.#made.clear();
    this.#waiting = [];
  }

  async #next() {
    if (this.#isBusy || !this.#waiting.length) return;
    const { id, canvas, file, name } = this.#waiting.pop();
    this.#isBusy = true;
    await this.#picture(id, file)
      .then((picture) => draw(canvas, picture))
      .catch(() => tell(canvas, name));
    this.#isBusy = false;
    this.#next();
  }

  async #picture(id, file) {
    const own = await createImageBitmap(file).catch(() => null);
    if (own) return own;
    const { blob, count } = await Source.preview(this.#api, file, SIDE);
    if (this.#made.has(id)) this.#onPages(id, count);
    return createImageBitmap(blob);
  }
}

function draw(canvas, picture) {
  const scale = Math.min(SIDE / picture.width, SIDE / picture.height);
  const [w, h] = [picture.width * scale, picture.height * scale];
  canvas.getContext('2d').drawImage(picture, (SIDE - w) / 2, (SIDE - h) / 2, w, h);
  picture.close();
}

function tell(canvas, name) {
  const context = canvas.getContext('2d');
  context.fillStyle = '#83919d';
  context.font = '11px sans-serif';
  context.textAlign = 'center';
  context.fillText(name.split('.').at(-1).toUpperCase().slice(0, 4), SIDE / 2, SIDE / 2 + 4);
}
