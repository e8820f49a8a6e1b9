// The words over the picture: outlined and tinted by confidence, and a bubble for the one that is pointed at.

import { element } from './dom.js';
import { height, holds, width } from './geometry.js';
import { confidence } from './language.js';

/** How sure a word is: 'high' from 90 percent, 'middle' from 70, 'low' below. */
export function tint(confidence) {
  if (confidence >= 90) return 'high';
  return confidence >= 70 ? 'middle' : 'low';
}

// Strong enough to be seen on white paper in either colour scheme; the dashes tell them apart without colour.
const TINTS = {
  high: { colour: '#0b7a6b', dash: [] },
  middle: { colour: '#b26a00', dash: [5, 2] },
  low: { colour: '#c62817', dash: [2, 2] },
};
const LINE = 1.25; // pixels of an outline; less on small words, which it would cover

export class Words {
  node = element('div', { class: 'bubble', hidden: true, aria: { hidden: 'true' } });
  #view;
  #all = [];
  #pointed = null;

  constructor(view) {
    this.#view = view;
  }

  set all(words) {
    this.#all = words;
    this.pointed = null;
  }

  /** The word of which the bubble tells; null for none. */
  get pointed() {
    return this.#pointed;
  }

  set pointed(word) {
    this.#pointed = word;
    this.place();
  }

  /** The word at a point of the image, or null. */
  at(x, y) {
    return this.#all.find((word) => holds(word, x, y)) ?? null;
  }

  draw(context, ratio) {
    const { scale, x, y, stage } = this.#view;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    for (const word of this.#all) {
      const left = word.left * scale + x;
      const top = word.top * scale + y;
      const [w, h] = [width(word) * scale, height(word) * scale];
      if (left > stage.width || top > stage.height || left + w < 0 || top + h < 0) continue;
      const { colour, dash } = TINTS[tint(word.confidence)];
      const pointed = word === this.#pointed;
      context.globalAlpha = pointed ? 0.4 : 0.16;
      context.fillStyle = colour;
      context.fillRect(left, top, w, h);
      context.globalAlpha = 1;
      context.strokeStyle = colour;
      context.lineWidth = pointed ? 2 * LINE : Math.min(LINE, h / 16);
      context.setLineDash(dash);
      context.strokeRect(left, top, w, h);
    }
    context.setLineDash([]);
    context.setTransform(1, 0, 0, 1, 0, 0);
  }

  /** Put the bubble beside its word, above it where there is room. */
  place() {
    const word = this.#pointed;
    this.node.hidden = !word;
    if (!word) return;
    this.node.replaceChildren(
      element('strong', {}, word.text),
      element('span', { class: `confidence ${tint(word.confidence)}` }, confidence(word.confidence)),
    );
    const { stage, scale } = this.#view;
    const [left, top] = this.#view.toStage(word.left, word.top);
    const bottom = top + height(word) * scale;
    const box = this.node.getBoundingClientRect();
    const x = Math.max(4, Math.min(stage.width - box.width - 4, left));
    const y = top - box.height - 6 > 0 ? top - box.height - 6 : Math.min(bottom + 6, stage.height - box.height - 4);
    this.node.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  }
}
