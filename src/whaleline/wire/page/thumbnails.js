// Small pictures of files, made when their rows come in sight. Few are decoded at a time, for files may be large.

import { element } from './dom.js';

const SIDE = 36; // pixels
const AT_ONCE = 2;

export class Thumbnails {
  #made = new Map(); // id to the canvas
  #waiting = []; // those that are not drawn yet, the newest last
  #busy = 0;

  /** The canvas of a file; it shows the kind of the file where the browser cannot show the picture. */
  of({ id, file, name }) {
    if (this.#made.has(id)) return this.#made.get(id);
    const canvas = element('canvas', { class: 'thumbnail', width: SIDE, height: SIDE, aria: { hidden: 'true' } });
    this.#made.set(id, canvas);
    this.#waiting.push({ canvas, file, name });
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
    if (this.#busy >= AT_ONCE || !this.#waiting.length) return;
    const { canvas, file, name } = this.#waiting.pop();
    this.#busy += 1;
    await draw(canvas, file).catch(() => tell(canvas, name));
    this.#busy -= 1;
    this.#next();
  }
}

async function draw(canvas, file) {
  const picture = await createImageBitmap(file);
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
