// The regions: an ordered list of named rectangles in the image's pixels, with undo and redo.
//
// Regions are frozen and replaced, never changed, so that whoever shows them can tell by identity what is new.

import { aside } from './geometry.js';

const MERGE_MS = 1000;
const STEPS_KEPT = 200;

let lastId = 0;

/** What people see of a region where it has no name. */
export const title = (region, position) => region.name || `Region ${position}`;

export class Regions extends EventTarget {
  /** The image's size, where there is one; copies keep within it. */
  bounds = null;
  #regions = Object.freeze([]);
  #selected = null;
  #past = [];
  #future = [];
  #step = null; // the change that further ones of the same key still belong to
  #stepUntil = 0;

  get all() {
    return this.#regions;
  }

  get selected() {
    return this.#regions.find(({ id }) => id === this.#selected) ?? null;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  get(id) {
    return this.#regions.find((region) => region.id === id) ?? null;
  }

  position(id) {
    return this.#regions.findIndex((region) => region.id === id) + 1;
  }

  select(id) {
    if (id === this.#selected) return;
    this.#selected = id;
    this.dispatchEvent(new Event('select'));
  }

  /** Add a region at the end; the new one is selected. */
  add(rectangle, { name = '', step } = {}) {
    const region = make(rectangle, name);
    this.#set([...this.#regions, region], step);
    this.select(region.id);
    return region;
  }

  /**
   * Change a region's name or corners.
   *
   * Changes of one `step` are undone together: those of a drag by its own key, and key presses while they follow
   * each other closely.
   */
  change(id, changes, step) {
    this.#set(
      this.#regions.map((region) => (region.id === id ? Object.freeze({ ...region, ...changes }) : region)),
      step,
    );
  }

  remove(id) {
    const at = this.#regions.findIndex((region) => region.id === id);
    if (at < 0) return;
    const rest = this.#regions.filter((region) => region.id !== id);
    if (this.#selected === id) this.#selected = (rest[at] ?? rest[at - 1])?.id ?? null;
    this.#set(rest);
    this.dispatchEvent(new Event('select'));
  }

  /** Add a copy right behind the original, a little aside; the copy is selected. */
  duplicate(id) {
    const at = this.#regions.findIndex((region) => region.id === id);
    const original = this.#regions[at];
    const made = make(aside(original, this.bounds), original.name && `${original.name} (copy)`);
    this.#set(this.#regions.toSpliced(at + 1, 0, made));
    this.select(made.id);
    return made;
  }

  /** Bring a region to another place in the order, counted from 0. */
  move(id, to) {
    const at = this.#regions.findIndex((region) => region.id === id);
    const place = Math.max(0, Math.min(this.#regions.length - 1, to));
    if (at < 0 || at === place) return;
    this.#set(this.#regions.toSpliced(at, 1).toSpliced(place, 0, this.#regions[at]));
  }

  /** Take other regions for all there are; can be undone. */
  replace(list) {
    this.#set(list.map((item) => make(item, item.name ?? '')));
    this.select(null);
  }

  /** Start over, with nothing to undo. */
  reset(list = []) {
    this.#past = [];
    this.#future = [];
    this.#step = null;
    this.#show(Object.freeze(list.map((item) => make(item, item.name ?? ''))));
    this.select(null);
  }

  undo() {
    if (!this.canUndo) return;
    this.#future.push(this.#regions);
    this.#step = null;
    this.#show(this.#past.pop());
  }

  redo() {
    if (!this.canRedo) return;
    this.#past.push(this.#regions);
    this.#step = null;
    this.#show(this.#future.pop());
  }

  /** Take back the step under way as if it had never been. */
  abandon(step) {
    if (step === this.#step && this.canUndo) {
      this.#step = null;
      this.#show(this.#past.pop());
    }
  }

  #set(regions, step = null) {
    const goesOn = step !== null && step === this.#step && Date.now() < this.#stepUntil;
    if (!goesOn) {
      this.#past.push(this.#regions);
      if (this.#past.length > STEPS_KEPT) this.#past.shift();
    }
    this.#future = [];
    this.#step = step;
    this.#stepUntil = typeof step === 'symbol' ? Infinity : Date.now() + MERGE_MS;
    this.#show(Object.freeze(regions));
  }

  #show(regions) {
    this.#regions = regions;
    if (this.#selected !== null && !this.get(this.#selected)) this.#selected = null;
    this.dispatchEvent(new Event('change'));
  }
}

function make({ left, top, right, bottom }, name) {
  lastId += 1;
  return Object.freeze({ id: `r${lastId}`, name, left, top, right, bottom });
}
