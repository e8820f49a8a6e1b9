// The stage: the picture with its regions and words over it, worked with mouse, touch, pen or keys.
//
// Everything that a pointer can take hold of is found by geometry, not by what element lies under it, so that a finger
// gets more room than a mouse and words never stand in the way of regions.

import { announce, element } from './dom.js';
import { corners, edgesAt, height, holds, inside, isEmpty, moved, stretched, width } from './geometry.js';
import { t } from './language.js';
import { Marks } from './marks.js';
import { Rectangles, spoken } from './rectangles.js';
import { title } from './regions.js';
import { Words } from './words.js';

const SLACK = { mouse: 10, pen: 10, touch: 20 }; // pixels around a handle that still belong to it
const CLICK = 4; // pixels that a pointer may stray without it being a drag

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Stage extends EventTarget {
  /** 'draw': a drag on free ground draws a region; 'pan': it moves the picture. */
  mode = 'draw';
  #root;
  #canvas = element('canvas', { aria: { hidden: 'true' } });
  #regions;
  #view;
  #rectangles;
  #words;
  #marks;
  #picture = null;
  #frame = 0;
  #pointers = new Map();
  #gesture = null;
  #spaceHeld = false;

  constructor(root, regions, view) {
    super();
    this.#root = root;
    this.#regions = regions;
    this.#view = view;
    this.#rectangles = new Rectangles(root, regions, view);
    this.#words = new Words(view);
    this.#marks = new Marks(view);
    root.prepend(this.#canvas, this.#marks.node, this.#rectangles.node); // beneath what asks for an image
    root.append(this.#words.node);
    view.addEventListener('change', () => this.#viewChanged());
    new ResizeObserver(() => this.#resized()).observe(root);
    for (const type of ['pointerdown', 'pointermove', 'pointerup', 'pointercancel', 'pointerleave']) {
      root.addEventListener(type, (event) => this[`_${type}`](event));
    }
    root.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    root.addEventListener('keydown', (event) => this.#keydown(event));
    root.addEventListener('keyup', (event) => {
      if (event.key === ' ') this.#spaceHeld = false;
    });
  }

  set picture(picture) {
    this.#picture?.close();
    this.#picture = picture;
    this.words = [];
    this.laid = [];
    this.unread = [];
    if (!picture) {
      this.#redraw();
      return;
    }
    picture.onTile = () => this.#redraw();
    this.#resized();
    this.#view.setImage(picture.width, picture.height);
  }

  /** Words to outline over the picture, each with its box and confidence. */
  set words(words) {
    this.#words.all = words;
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
    if (word && reveal) this.#view.reveal(word);
    if (word === this.#words.pointed) return;
    this.#words.pointed = word;
    this.#redraw();
  }

  /** A new region in the middle of what is in sight, for those who do not draw. */
  addInSight() {
    if (!this.#picture) return;
    const { stage } = this.#view;
    const [x0, y0] = this.#view.toImage(0, 0);
    const [x1, y1] = this.#view.toImage(stage.width, stage.height);
    const seen = inside({ left: x0, top: y0, right: x1, bottom: y1 }, this.#picture);
    const left = Math.floor(seen.left + width(seen) / 3);
    const top = Math.floor(seen.top + height(seen) * 0.4);
    const right = Math.max(left + 1, Math.ceil(seen.left + (width(seen) * 2) / 3));
    const bottom = Math.max(top + 1, Math.ceil(seen.top + height(seen) * 0.6));
    const region = this.#regions.add({ left, top, right, bottom });
    this.#rectangles.focus(region.id);
    this.#tell(region);
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
    this.#picture.draw(context, this.#view, ratio);
    this.#words.draw(context, ratio);
  }

  #resized() {
    const ratio = window.devicePixelRatio || 1;
    const { clientWidth, clientHeight } = this.#root;
    this.#canvas.width = Math.round(clientWidth * ratio);
    this.#canvas.height = Math.round(clientHeight * ratio);
    this.#view.setStage(clientWidth, clientHeight);
    this.#draw();
  }

  #viewChanged() {
    this.#rectangles.place();
    this.#words.place();
    this.#marks.place();
    this.#redraw();
  }

  // Pointers

  _pointerdown(event) {
    if (!this.#picture || event.target.closest('button, label')) return;
    const at = this.#at(event);
    this.#pointers.set(event.pointerId, at);
    this.#root.setPointerCapture(event.pointerId);
    event.preventDefault(); // no text selection, no focus other than ours
    if (this.#pointers.size === 2) {
      this.#endGesture(false);
      this.#gesture = { kind: 'pinch', ...this.#span() };
      return;
    }
    if (this.#pointers.size > 2 || (event.button !== 0 && event.button !== 1)) return;
    this.#gesture = this.#begin(event, at);
    this.#showCursor(this.#gesture);
  }

  #begin(event, [x, y]) {
    const start = { x, y, moved: false, step: Symbol('drag') };
    const hand = event.button === 1 || this.#spaceHeld;
    const found = hand ? null : this.#find(x, y, event.pointerType);
    if (found && !event.shiftKey) {
      this.#regions.select(found.region.id);
      this.#rectangles.focus(found.region.id);
      return { ...start, ...found, from: corners(found.region) };
    }
    this.#root.focus({ preventScroll: true });
    if (hand || this.mode === 'pan' || this.#root.classList.contains('by-form')) return { ...start, kind: 'pan', viewX: x, viewY: y };
    return { ...start, kind: 'draw' };
  }

  _pointermove(event) {
    const at = this.#at(event);
    if (!this.#pointers.has(event.pointerId)) {
      if (event.pointerType !== 'touch') this.#hover(event, at);
      return;
    }
    this.#pointers.set(event.pointerId, at);
    const gesture = this.#gesture;
    if (!gesture) return;
    if (gesture.kind === 'pinch') {
      const span = this.#span();
      this.#view.pan(span.x - gesture.x, span.y - gesture.y);
      this.#view.zoom(span.distance / gesture.distance, span.x, span.y);
      Object.assign(gesture, span);
      return;
    }
    const [x, y] = at;
    gesture.moved ||= Math.hypot(x - gesture.x, y - gesture.y) >= CLICK;
    if (gesture.moved) this.#drag(gesture, x, y);
  }

  #drag(gesture, x, y) {
    if (gesture.kind === 'pan') {
      this.#view.pan(x - gesture.viewX, y - gesture.viewY);
      Object.assign(gesture, { viewX: x, viewY: y });
      return;
    }
    const [x0, y0] = this.#view.toImage(gesture.x, gesture.y);
    const [x1, y1] = this.#view.toImage(x, y);
    if (gesture.kind === 'draw') {
      const drawn = {
        left: Math.floor(Math.min(x0, x1)),
        top: Math.floor(Math.min(y0, y1)),
        right: Math.ceil(Math.max(x0, x1)),
        bottom: Math.ceil(Math.max(y0, y1)),
      };
      const rectangle = inside(drawn, this.#picture);
      if (isEmpty(rectangle)) return;
      if (gesture.id) this.#regions.change(gesture.id, rectangle, gesture.step);
      else gesture.id = this.#regions.add(rectangle, { step: gesture.step }).id;
    } else {
      const [dx, dy] = [Math.round(x1 - x0), Math.round(y1 - y0)];
      const changed =
        gesture.kind === 'move'
          ? moved(gesture.from, dx, dy, this.#picture)
          : stretched(gesture.from, gesture.edges, dx, dy, this.#picture);
      this.#regions.change(gesture.region.id, changed, gesture.step);
    }
  }

  _pointerup(event) {
    if (!this.#pointers.delete(event.pointerId)) return;
    const gesture = this.#gesture;
    if (gesture && !gesture.moved && gesture.kind === 'draw') this.#regions.select(null);
    if (event.pointerType === 'touch' && gesture && !gesture.moved) this.#hover(event, this.#at(event));
    this.#endGesture(true);
  }

  _pointercancel(event) {
    if (this.#pointers.delete(event.pointerId)) this.#endGesture(false);
  }

  _pointerleave(event) {
    if (!this.#pointers.size && event.pointerType !== 'touch') this.#pointAt(null);
  }

  #endGesture(keep) {
    const gesture = this.#gesture;
    this.#gesture = null;
    this.#showCursor(null);
    if (!gesture?.step || !gesture.moved || gesture.kind === 'pan') return;
    const id = gesture.id ?? gesture.region?.id;
    if (!keep) {
      this.#regions.abandon(gesture.step);
    } else if (id && this.#regions.get(id)) {
      if (gesture.kind === 'draw') this.#rectangles.focus(id);
      this.#tell(this.#regions.get(id));
    }
  }

  #at(event) {
    const box = this.#root.getBoundingClientRect();
    return [event.clientX - box.left - this.#root.clientLeft, event.clientY - box.top - this.#root.clientTop];
  }

  #span() {
    const [[ax, ay], [bx, by]] = [...this.#pointers.values()];
    return { x: (ax + bx) / 2, y: (ay + by) / 2, distance: Math.max(1, Math.hypot(bx - ax, by - ay)) };
  }

  /** The handle of the selected region, or the smallest region, at a point of the stage. */
  #find(x, y, pointerType) {
    if (this.#root.classList.contains('by-form')) return null; // regions are not shown
    const { selected, here } = this.#regions;
    const edges = selected && edgesAt(this.#onStage(selected), x, y, SLACK[pointerType] ?? SLACK.mouse);
    if (edges) return { kind: 'resize', region: selected, edges };
    const [px, py] = this.#view.toImage(x, y);
    const hit = here
      .filter((region) => holds(region, px, py))
      .sort((a, b) => (b.id === selected?.id) - (a.id === selected?.id) || width(a) * height(a) - width(b) * height(b));
    return hit.length ? { kind: 'move', region: hit[0] } : null;
  }

  #onStage(region) {
    const [left, top] = this.#view.toStage(region.left, region.top);
    const [right, bottom] = this.#view.toStage(region.right, region.bottom);
    return { left, top, right, bottom };
  }

  #hover(event, [x, y]) {
    this.#showCursor(this.#find(x, y, event.pointerType));
    this.#pointAt(this.#words.at(...this.#view.toImage(x, y)));
  }

  #pointAt(word) {
    if (word === this.#words.pointed) return;
    this.showWord(word);
    this.dispatchEvent(new CustomEvent('word', { detail: word }));
  }

  #showCursor(what) {
    const cursors = { move: 'move', pan: 'grabbing', pinch: 'grabbing', draw: 'crosshair' };
    let cursor = this.mode === 'pan' ? 'grab' : 'crosshair';
    if (what?.kind === 'resize') {
      const edges = what.edges.join();
      cursor = { left: 'ew-resize', right: 'ew-resize', top: 'ns-resize', bottom: 'ns-resize' }[edges]
        ?? (edges === 'left,top' || edges === 'right,bottom' ? 'nwse-resize' : 'nesw-resize');
    } else if (what) {
      cursor = cursors[what.kind] ?? cursor;
    }
    this.#root.style.cursor = this.#picture ? cursor : '';
  }

  #wheel(event) {
    if (!this.#picture) return;
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    if (event.ctrlKey || event.metaKey) {
      // A pinch on a touch pad comes as a wheel with small steps.
      const speed = Math.abs(event.deltaY) < 50 ? 0.01 : 0.002;
      this.#view.zoom(Math.exp(-event.deltaY * unit * speed), ...this.#at(event));
    } else {
      const [dx, dy] = event.shiftKey ? [event.deltaY, event.deltaX] : [event.deltaX, event.deltaY];
      this.#view.pan(-dx * unit, -dy * unit);
    }
  }

  // Keys

  #keydown(event) {
    if (!this.#picture || event.target.closest('button, input, label')) return;
    const region = this.#regions.get(event.target.dataset.id ?? '');
    const handled = region ? this.#regionKey(event, region) || this.#stageKey(event, region) : this.#stageKey(event, null);
    if (handled) event.preventDefault();
  }

  #regionKey(event, region) {
    const arrow = ARROWS[event.key];
    if (arrow && !event.ctrlKey && !event.metaKey) {
      const by = event.shiftKey ? 10 : 1;
      const [dx, dy] = [arrow[0] * by, arrow[1] * by];
      const changed = event.altKey
        ? stretched(region, [dx ? 'right' : 'bottom'], dx, dy, this.#picture)
        : moved(region, dx, dy, this.#picture);
      this.#regions.change(region.id, changed, `keys ${region.id} ${event.altKey}`);
      this.#view.reveal(this.#regions.get(region.id));
      this.#tell(this.#regions.get(region.id));
      return true;
    }
    if (event.key === 'Delete' || event.key === 'Backspace') {
      const name = title(region, this.#regions.position(region.id));
      this.#regions.remove(region.id);
      const next = this.#regions.selected;
      if (next) this.#rectangles.focus(next.id);
      else this.#root.focus({ preventScroll: true });
      announce(t('region.deleted', { name }));
      return true;
    }
    if (event.key.toLowerCase() === 'd' && (event.ctrlKey || event.metaKey)) {
      this.#rectangles.focus(this.#regions.duplicate(region.id).id);
      return true;
    }
    if (event.key === 'Enter' || event.key === 'F2') {
      this.dispatchEvent(new CustomEvent('edit', { detail: region }));
      return true;
    }
    return false;
  }

  #stageKey(event, region) {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const arrow = ARROWS[event.key];
    if (arrow && !region) {
      const by = event.shiftKey ? 200 : 50;
      this.#view.pan(-arrow[0] * by, -arrow[1] * by);
      return true;
    }
    const keys = {
      '+': () => this.#view.zoom(1.25),
      '=': () => this.#view.zoom(1.25),
      '-': () => this.#view.zoom(0.8),
      0: () => this.#view.fit(),
      1: () => this.#view.zoom(1 / this.#view.scale),
      n: () => this.addInSight(),
      ' ': () => {
        this.#spaceHeld = true;
      },
      Escape: () => {
        if (this.#gesture) this.#endGesture(false);
        else this.#regions.select(null);
        this.#root.focus({ preventScroll: true });
      },
    };
    const act = keys[event.key.toLowerCase()] ?? keys[event.key];
    act?.();
    return Boolean(act);
  }

  #tell(region) {
    announce(t('region.told', { name: title(region, this.#regions.position(region.id)), place: spoken(region) }));
  }
}
