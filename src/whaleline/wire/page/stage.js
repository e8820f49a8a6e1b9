// The stage: the picture with its regions and words over it, worked with mouse, touch, pen (pointers.js) or keys.

import { announce, element } from './dom.js';
import { height, inside, width } from './geometry.js';
import { t } from './language.js';
import { Marks } from './marks.js';
import { Pointers } from './pointers.js';
import { Rectangles, spoken } from './rectangles.js';
import { title } from './regions.js';
import { StageKeys } from './stage-keys.js';
import { Words } from './words.js';

export class Stage extends EventTarget {
  /** 'draw': a drag on free ground draws a region; 'pan': it moves the picture. */
  mode = 'draw';
  root;
  regions;
  view;
  rectangles;
  words;
  pointers;
  keys;
  #canvas = element('canvas', { aria: { hidden: 'true' } });
  #marks;
  #picture = null;
  #frame = 0;

  constructor(root, regions, view) {
    super();
    this.root = root;
    this.regions = regions;
    this.view = view;
    this.rectangles = new Rectangles(root, regions, view);
    this.words = new Words(view);
    this.#marks = new Marks(view);
    root.prepend(this.#canvas, this.#marks.node, this.rectangles.node); // beneath what asks for an image
    root.append(this.words.node);
    view.addEventListener('change', () => this.#viewChanged());
    new ResizeObserver(() => this.#resized()).observe(root);
    this.keys = new StageKeys(this);
    this.pointers = new Pointers(this);
  }

  get picture() {
    return this.#picture;
  }

  set picture(picture) {
    this.#picture?.close();
    this.#picture = picture;
    this.outlined = [];
    this.laid = [];
    this.unread = [];
    if (!picture) {
      this.#redraw();
      return;
    }
    picture.onTile = () => this.#redraw();
    this.#resized();
    this.view.setImage(picture.width, picture.height);
  }

  /** Words to outline over the picture, each with its box and confidence. */
  set outlined(words) {
    this.words.all = words;
    this.#redraw();
  }

  /** Fields of a form where they lie in the picture, each {name, corners, isDoubtful}. */
  set laid(fields) {
    this.#marks.fields = fields;
  }

  /** Rectangles to shade, since their print was not read. */
  set unread(boxes) {
    this.#marks.unread = boxes;
  }

  /** Point at a word and tell its confidence; null points at none. */
  showWord(word, { reveal = false } = {}) {
    if (word && reveal) this.view.reveal(word);
    if (word === this.words.pointed) return;
    this.words.pointed = word;
    this.#redraw();
  }

  /** Point at a word as the user does, which others are told. */
  pointAt(word) {
    if (word === this.words.pointed) return;
    this.showWord(word);
    this.dispatchEvent(new CustomEvent('word', { detail: word }));
  }

  /** Tell screen readers where a region is. */
  tell(region) {
    announce(t('region.told', { name: title(region, this.regions.position(region.id)), place: spoken(region) }));
  }

  /** A new region in the middle of what is in sight, for those who do not draw. */
  addInSight() {
    if (!this.#picture) return;
    const { stage } = this.view;
    const [x0, y0] = this.view.toImage(0, 0);
    const [x1, y1] = this.view.toImage(stage.width, stage.height);
    const seen = inside({ left: x0, top: y0, right: x1, bottom: y1 }, this.#picture);
    const left = Math.floor(seen.left + width(seen) / 3);
    const top = Math.floor(seen.top + height(seen) * 0.4);
    const right = Math.max(left + 1, Math.ceil(seen.left + (width(seen) * 2) / 3));
    const bottom = Math.max(top + 1, Math.ceil(seen.top + height(seen) * 0.6));
    const region = this.regions.add({ left, top, right, bottom });
    this.rectangles.focus(region.id);
    this.tell(region);
  }

  // Drawing

  #redraw() {
    if (!this.#frame) {
      this.#frame = requestAnimationFrame(() => {
        this.#frame = 0;
        this.#draw();
      });
    }
  }

  #draw() {
    const ratio = window.devicePixelRatio || 1;
    const context = this.#canvas.getContext('2d', { alpha: true });
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    if (!this.#picture) return;
    this.#picture.draw(context, this.view, ratio);
    this.words.draw(context, ratio);
  }

  #resized() {
    const ratio = window.devicePixelRatio || 1;
    const { clientWidth, clientHeight } = this.root;
    this.#canvas.width = Math.round(clientWidth * ratio);
    this.#canvas.height = Math.round(clientHeight * ratio);
    this.view.setStage(clientWidth, clientHeight);
    this.#draw();
  }

  #viewChanged() {
    this.rectangles.place();
    this.words.place();
    this.#marks.place();
    this.#redraw();
  }
}
