// The regions over the picture: a rectangle for each, with its number, its name and, on the selected one, handles.

import { element } from './dom.js';
import { corners, height, width } from './geometry.js';
import { t } from './language.js';
import { title } from './regions.js';

const NAMED = 22; // pixels of height from which a region shows its name all the time
const TAG = { height: 18, most: 220, number: 24, letter: 7 }; // pixels that a tag takes, about

/** Where handles are shown. What they move is found by geometry. */
const HANDLES = ['nw', 'n', 'ne', 'e', 'se', 's', 'sw', 'w'];

/** A region's corners and size, for screen readers. */
export const spoken = (region) =>
  t('region.spoken', { ...corners(region), width: width(region), height: height(region) });

export class Rectangles {
  node = element('div', { class: 'regions' });
  #root;
  #regions;
  #view;
  #scale = 0; // by which the rectangles are placed
  #handles = HANDLES.map((name) => element('i', { class: `handle ${name}` }));
  #nodes = new Map(); // region id to its element and the region that it shows
  #quiet = false; // the focus is moved by us, and the picture is to stay where it is

  /** @param root what gets the focus when a rectangle that had it is gone. */
  constructor(root, regions, view) {
    this.#root = root;
    this.#regions = regions;
    this.#view = view;
    regions.addEventListener('change', () => this.#show());
    regions.addEventListener('select', () => this.#showSelection());
    this.node.addEventListener('focusin', (event) => {
      const { id } = event.target.dataset;
      if (!id) return;
      regions.select(id);
      if (!this.#quiet) view.reveal(regions.get(id));
    });
  }

  /** Give the focus to a region's rectangle, without moving the picture. */
  focus(id) {
    this.#quiet = true;
    this.#nodes.get(id)?.node.focus({ preventScroll: true });
    this.#quiet = false;
  }

  /** Follow the view. */
  place() {
    const { x, y, scale } = this.#view;
    this.node.style.transform = `translate(${x}px, ${y}px)`;
    if (scale === this.#scale) return;
    this.#scale = scale;
    for (const { node, region } of this.#nodes.values()) this.#placeOne(node, region);
    this.#makeRoom();
  }

  #show() {
    const seen = new Set();
    this.#regions.here.forEach((region, at) => {
      const position = this.#regions.position(region.id);
      seen.add(region.id);
      let held = this.#nodes.get(region.id);
      if (!held) {
        held = { node: makeNode(region), region: null };
        this.#nodes.set(region.id, held);
      }
      if (this.node.children[at] !== held.node) {
        const focused = document.activeElement === held.node;
        this.node.insertBefore(held.node, this.node.children[at] ?? null);
        if (focused) held.node.focus({ preventScroll: true });
      }
      const [number, name] = held.node.firstChild.children;
      number.textContent = position;
      name.textContent = region.name;
      held.node.setAttribute('aria-label', `${position}, ${title(region, position)}: ${spoken(region)}`);
      if (held.region !== region) this.#placeOne(held.node, region);
      held.region = region;
    });
    for (const [id, { node }] of this.#nodes) {
      if (seen.has(id)) continue;
      if (document.activeElement === node) this.#root.focus({ preventScroll: true });
      node.remove();
      this.#nodes.delete(id);
    }
    this.#makeRoom();
    this.#showSelection();
  }

  /** Names stand where they cover no other region; elsewhere only the selected one's does. */
  #makeRoom() {
    const scale = this.#scale || 1;
    const { here: all } = this.#regions;
    for (const region of all) {
      const { left, top, name } = region;
      const right = left + Math.min(TAG.most, TAG.number + TAG.letter * name.length) / scale;
      const isOver = (other) => other !== region && other.left < right && other.right > left && other.top < top && other.bottom > top - TAG.height / scale;
      const isSmall = height(region) * scale < NAMED || all.some(isOver);
      this.#nodes.get(region.id).node.classList.toggle('small', isSmall);
    }
  }

  #showSelection() {
    const selected = this.#regions.selected?.id;
    for (const [id, { node }] of this.#nodes) node.classList.toggle('selected', id === selected);
    // One set of handles goes round, since hundreds of regions would have thousands.
    const node = this.#nodes.get(selected)?.node;
    if (node && this.#handles[0].parentNode !== node) node.append(...this.#handles);
  }

  /** Place a rectangle within the layer, which itself lies where the picture does. */
  #placeOne(node, region) {
    const { scale } = this.#view;
    node.style.transform = `translate(${region.left * scale}px, ${region.top * scale}px)`;
    node.style.width = `${width(region) * scale}px`;
    node.style.height = `${height(region) * scale}px`;
  }
}

const makeNode = (region) =>
  element(
    'div',
    { class: 'region', tabIndex: 0, role: 'group', data: { id: region.id }, aria: { roledescription: t('region.rectangle') } },
    element('span', { class: 'tag' }, element('b'), element('span', { class: 'tag-name' })),
  );
