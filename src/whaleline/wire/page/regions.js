// The regions: an ordered list of named rectangles in a page's pixels, with undo and redo.
//
// A region has {id, name, page, left, top, right, bottom, field}; `field` is what a template says of it beside (fields.js).
// Regions are frozen and replaced, never changed, so that whoever shows them can tell by identity what is new.

import { PLAIN } from './fields.js';
import { aside } from './geometry.js';
import { t } from './language.js';

const MERGE_MS = 1000;
const STEPS_KEPT = 200;

let lastId = 0;

/** What people see of a region where it has no name. */
export const title = (region, position) => region.name || t('region', { number: position });

export class Regions extends EventTarget {
  /** The page's size, where there is one; copies keep within it. */
  bounds = null;
  #page = 1;
  #regions = Object.freeze([]);
  #selected = null;
  #attached = null;
  #past = []; // what was before, each {regions, attached}
  #future = [];
  #step = null; // the change that further ones of the same key still belong to
  #stepUntil = 0;

  get all() {
    return this.#regions;
  }

  /** The page that is open, on which new regions come to lie. */
  get page() {
    return this.#page;
  }

  set page(number) {
    if (number === this.#page) return;
    this.#page = number;
    if (this.selected && this.selected.page !== number) this.select(null);
    this.dispatchEvent(new Event('change'));
  }

  /** Those of the page that is open. */
  get here() {
    return this.#regions.filter(({ page }) => page === this.#page);
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
    const region = make({ ...rectangle, name, page: this.#page });
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
    const made = make({ ...original, ...aside(original, this.bounds), name: original.name && t('region.copy', { name: original.name }) });
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
    this.#set(list.map(make));
    this.select(null);
  }

  /** Put one region that holds all of these in the place of the first of them; their names are joined. */
  merge(ids) {
    const parts = this.#regions.filter(({ id }) => ids.includes(id));
    if (parts.length < 2) return null;
    const edge = (name, pick) => pick(...parts.map((part) => part[name]));
    const made = make({
      ...parts[0],
      name: parts.map(({ name }) => name).filter(Boolean).join(' '),
      left: edge('left', Math.min),
      top: edge('top', Math.min),
      right: edge('right', Math.max),
      bottom: edge('bottom', Math.max),
    });
    this.#set(this.#regions.map((region) => (region === parts[0] ? made : region)).filter((region) => !parts.includes(region)));
    this.select(made.id);
    return made;
  }

  /** Cut a region in two, through the middle of its longer side; the first half keeps the name. */
  split(id) {
    const at = this.#regions.findIndex((region) => region.id === id);
    const whole = this.#regions[at];
    const [low, high] = whole.right - whole.left >= whole.bottom - whole.top ? ['left', 'right'] : ['top', 'bottom'];
    if (whole[high] - whole[low] < 2) return null;
    const middle = Math.round((whole[low] + whole[high]) / 2);
    const halves = [make({ ...whole, [high]: middle }), make({ ...whole, [low]: middle, name: '' })];
    this.#set(this.#regions.toSpliced(at, 1, ...halves));
    this.select(halves[0].id);
    return halves[0];
  }

  /** What was read of them, or null: it goes with them through undo and redo. */
  get attached() {
    return this.#attached;
  }

  attach(reading) {
    this.#remember();
    this.#step = null;
    this.#show({ regions: this.#regions, attached: reading });
  }

  /** Forget all that was read, also what undo would bring back: it belongs to another image. */
  detach() {
    const [past, future] = [this.#past, this.#future].map((list) => list.map(({ regions }) => ({ regions, attached: null })));
    // Steps in which nothing but the reading changed are none any more.
    this.#past = past.filter(({ regions }, at) => regions !== (past[at + 1]?.regions ?? this.#regions));
    this.#future = future.filter(({ regions }, at) => regions !== (future[at + 1]?.regions ?? this.#regions));
    this.#show({ regions: this.#regions, attached: null });
  }

  /** Start over, with nothing to undo. */
  reset(list = []) {
    this.#past = [];
    this.#future = [];
    this.#step = null;
    this.#show({ regions: Object.freeze(list.map(make)), attached: null });
    this.select(null);
  }

  undo() {
    if (!this.canUndo) return;
    this.#future.push(this.#now);
    this.#step = null;
    this.#show(this.#past.pop());
  }

  redo() {
    if (!this.canRedo) return;
    this.#past.push(this.#now);
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

  get #now() {
    return { regions: this.#regions, attached: this.#attached };
  }

  #remember() {
    this.#past.push(this.#now);
    if (this.#past.length > STEPS_KEPT) this.#past.shift();
    this.#future = [];
  }

  #set(regions, step = null) {
    const goesOn = step !== null && step === this.#step && Date.now() < this.#stepUntil;
    if (!goesOn) this.#remember();
    this.#future = [];
    this.#step = step;
    this.#stepUntil = typeof step === 'symbol' ? Infinity : Date.now() + MERGE_MS;
    this.#show({ regions: Object.freeze(regions), attached: this.#attached });
  }

  #show({ regions, attached }) {
    const isOther = attached !== this.#attached;
    this.#regions = regions;
    this.#attached = attached;
    if (this.#selected !== null && !this.get(this.#selected)) this.#selected = null;
    this.dispatchEvent(new Event('change'));
    if (isOther) this.dispatchEvent(new Event('attached'));
  }
}

function make({ name = '', page = 1, left, top, right, bottom, field = PLAIN }) {
  lastId += 1;
  return Object.freeze({ id: `r${lastId}`, name, page, left, top, right, bottom, field });
}
