// A picture that draws itself at any zoom: an overview at once, then the tiles in sight, sharp.
//
// A canvas of the stage's size is redrawn from tiles of 512 pixels at the nearest halved size, so that a frame costs
// the same whether the image has one megapixel or a hundred. Decoding and cutting happen in a worker.

const TILES_KEPT = 320;

/** The browser cannot show this file; the service may still be able to read it. */
export class Unshowable extends Error {}

export class Picture {
  #worker;
  #own; // pixels of the file
  #levels;
  #tile;
  #overview;
  #tiles = new Map(); // by "level/column/row", those used last at the end
  #asked = new Set();
  #onTile = () => {};

  /**
   * Decode an image file.
   *
   * @param size what the picture counts as, where the file is a smaller or larger copy of it.
   */
  static open(blob, size = null) {
    return new Promise((resolve, reject) => {
      const worker = new Worker(new URL('tiles-worker.js', import.meta.url), { type: 'module' });
      worker.onerror = () => reject(new Unshowable());
      worker.onmessage = ({ data }) => {
        if (data.opened) {
          resolve(new Picture(worker, data.opened, size));
        } else {
          worker.terminate();
          reject(new Unshowable(data.failed));
        }
      };
      worker.postMessage({ open: blob });
    });
  }

  constructor(worker, { width, height, levels, tile, overview }, size = null) {
    this.width = size?.width ?? width;
    this.height = size?.height ?? height;
    this.#own = { width, height };
    this.#worker = worker;
    this.#levels = levels;
    this.#tile = tile;
    this.#overview = overview;
    worker.onmessage = ({ data }) => this.#keep(data.tile);
  }

  /** Called whenever there is more to draw than at the last `draw`. */
  set onTile(listener) {
    this.#onTile = listener;
  }

  close() {
    this.#worker.terminate();
    this.#overview.close();
    for (const bitmap of this.#tiles.values()) bitmap.close();
    this.#tiles.clear();
  }

  /** Draw what the view shows; `ratio` is the number of canvas pixels to one of the stage. */
  draw(context, view, ratio) {
    const scale = (view.scale * ratio * this.width) / this.#own.width;
    const [x, y] = [view.x * ratio, view.y * ratio];
    const { width, height } = context.canvas;
    const own = this.#own;
    context.imageSmoothingEnabled = scale < 3; // further in, people want to see the pixels
    context.imageSmoothingQuality = 'high';
    context.drawImage(this.#overview, x, y, this.width * view.scale * ratio, this.height * view.scale * ratio);
    const level = Math.max(0, Math.min(this.#levels - 1, Math.floor(Math.log2(1 / scale))));
    if (level === this.#levels - 1 && this.#levels > 1) return; // the overview is that level
    const span = this.#tile * 2 ** level; // of the image, to one tile
    const columns = [Math.max(0, Math.floor(-x / scale / span)), Math.min(Math.ceil(own.width / span), Math.ceil((width - x) / scale / span))];
    const rows = [Math.max(0, Math.floor(-y / scale / span)), Math.min(Math.ceil(own.height / span), Math.ceil((height - y) / scale / span))];
    const wanted = [];
    for (let row = rows[0]; row < rows[1]; row += 1) {
      for (let column = columns[0]; column < columns[1]; column += 1) {
        const key = `${level}/${column}/${row}`;
        const bitmap = this.#tiles.get(key);
        if (!bitmap) {
          wanted.push({ level, column, row });
          continue;
        }
        this.#tiles.delete(key);
        this.#tiles.set(key, bitmap);
        // Edges on whole pixels leave no seams between tiles.
        const left = Math.round(x + column * span * scale);
        const top = Math.round(y + row * span * scale);
        const right = Math.round(x + Math.min(own.width, column * span + bitmap.width * 2 ** level) * scale);
        const bottom = Math.round(y + Math.min(own.height, row * span + bitmap.height * 2 ** level) * scale);
        context.drawImage(bitmap, left, top, right - left, bottom - top);
      }
    }
    this.#ask(wanted);
  }

  #ask(wanted) {
    const keys = wanted.map(({ level, column, row }) => `${level}/${column}/${row}`);
    if (keys.length === this.#asked.size && keys.every((key) => this.#asked.has(key))) return;
    this.#asked = new Set(keys);
    this.#worker.postMessage({ wanted });
  }

  #keep({ level, column, row, bitmap }) {
    const key = `${level}/${column}/${row}`;
    this.#asked.delete(key);
    this.#tiles.get(key)?.close();
    this.#tiles.set(key, bitmap);
    for (const [oldest, old] of this.#tiles) {
      if (this.#tiles.size <= TILES_KEPT) break;
      old.close();
      this.#tiles.delete(oldest);
    }
    this.#onTile();
  }
}

/** Ground for the words of a task whose picture is no longer kept. */
export class Blank {
  constructor(width, height, words) {
    this.width = width;
    this.height = height;
    this.words = words;
  }

  close() {}

  draw(context, view, ratio) {
    context.save();
    context.setTransform(view.scale * ratio, 0, 0, view.scale * ratio, view.x * ratio, view.y * ratio);
    context.fillStyle = '#ffffff';
    context.fillRect(0, 0, this.width, this.height);
    context.fillStyle = '#16212b';
    context.textBaseline = 'bottom';
    for (const { text, left, top, right, bottom } of this.words) {
      // Boxes end where the letters do; three quarters of a font's height are letters.
      context.font = `${Math.max(1, (bottom - top) / 0.75)}px sans-serif`;
      context.fillText(text, left, bottom + (bottom - top) * 0.2, right - left);
    }
    context.restore();
  }
}
