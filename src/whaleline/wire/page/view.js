// Where the picture lies on the stage: a scale and an offset, kept so that the picture is never lost from sight.

const MOST = 32; // screen pixels for one of the image
const MARGIN = 24; // of a fitted picture, in screen pixels
const VISIBLE = 48; // of the picture always stays in sight, in screen pixels

export class View extends EventTarget {
  scale = 1;
  x = 0;
  y = 0;
  #stage = { width: 1, height: 1 };
  #image = { width: 1, height: 1 };
  #fitted = true;

  setImage(width, height) {
    this.#image = { width, height };
    this.fit();
  }

  setStage(width, height) {
    if (!width || !height) return; // not shown
    this.#stage = { width, height };
    if (this.#fitted) this.fit();
    else this.#settle();
  }

  get stage() {
    return this.#stage;
  }

  get fitScale() {
    const { width, height } = this.#stage;
    const margin = Math.min(MARGIN, width / 10, height / 10);
    return Math.min((width - 2 * margin) / this.#image.width, (height - 2 * margin) / this.#image.height, MOST);
  }

  fit() {
    this.scale = Math.min(this.fitScale, 4);
    this.x = (this.#stage.width - this.#image.width * this.scale) / 2;
    this.y = (this.#stage.height - this.#image.height * this.scale) / 2;
    this.#fitted = true;
    this.#changed();
  }

  /** Zoom by a factor, with the image's point under (x, y) of the stage staying where it is. */
  zoom(factor, x = this.#stage.width / 2, y = this.#stage.height / 2) {
    const scale = Math.max(Math.min(this.fitScale / 2, 1), Math.min(MOST, this.scale * factor));
    this.x = x - ((x - this.x) * scale) / this.scale;
    this.y = y - ((y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.#settle();
  }

  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.#settle();
  }

  /** Bring a rectangle of the image into sight, moving no further than needed. */
  reveal({ left, top, right, bottom }) {
    const margin = 16;
    const shift = (from, to, size) =>
      from < margin || to - from > size - 2 * margin ? margin - from : to > size - margin ? size - margin - to : 0;
    const [x0, y0] = this.toStage(left, top);
    const [x1, y1] = this.toStage(right, bottom);
    const inSight = x0 >= 0 && y0 >= 0 && x1 <= this.#stage.width && y1 <= this.#stage.height;
    const covers = x0 < margin && x1 > this.#stage.width - margin && y0 < margin && y1 > this.#stage.height - margin;
    if (!inSight && !covers) this.pan(shift(x0, x1, this.#stage.width), shift(y0, y1, this.#stage.height));
  }

  toStage(x, y) {
    return [x * this.scale + this.x, y * this.scale + this.y];
  }

  toImage(x, y) {
    return [(x - this.x) / this.scale, (y - this.y) / this.scale];
  }

  #settle() {
    const keep = (offset, size, stage) => Math.max(VISIBLE - size, Math.min(stage - VISIBLE, offset));
    this.x = keep(this.x, this.#image.width * this.scale, this.#stage.width);
    this.y = keep(this.y, this.#image.height * this.scale, this.#stage.height);
    this.#fitted = false;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
