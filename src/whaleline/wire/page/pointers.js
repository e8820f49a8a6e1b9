// Mouse, touch and pen over the stage: regions are drawn, moved and stretched, and the picture is moved and zoomed.
//
// Everything that a pointer can take hold of is found by geometry, not by what element lies under it, so that a finger
// gets more room than a mouse and words never stand in the way of regions.

import { corners, edgesAt, height, holds, inside, isEmpty, moved, stretched, width } from './geometry.js';

const SLACK = { mouse: 10, pen: 10, touch: 20 }; // pixels around a handle that still belong to it
const CLICK = 4; // pixels that a pointer may stray without it being a drag

export class Pointers {
  #stage;
  #root;
  #regions;
  #view;
  #rectangles;
  #words;
  #pointers = new Map(); // id to the place of those that are down
  #gesture = null;

  constructor(stage) {
    this.#stage = stage;
    this.#root = stage.root;
    this.#regions = stage.regions;
    this.#view = stage.view;
    this.#rectangles = stage.rectangles;
    this.#words = stage.words;
    const listen = (type, act, options) => stage.root.addEventListener(type, act, options);
    listen('pointerdown', (event) => this.#down(event));
    listen('pointermove', (event) => this.#move(event));
    listen('pointerup', (event) => this.#up(event));
    listen('pointercancel', (event) => this.#cancel(event));
    listen('pointerleave', (event) => this.#leave(event));
    listen('wheel', (event) => this.#wheel(event), { passive: false });
  }

  #down(event) {
    if (!this.#stage.picture || event.target.closest('button, label')) return;
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
    const hand = event.button === 1 || this.#stage.keys.isSpaceHeld;
    const found = hand ? null : this.#find(x, y, event.pointerType);
    if (found && !event.shiftKey) {
      this.#regions.select(found.region.id);
      this.#rectangles.focus(found.region.id);
      return { ...start, ...found, from: corners(found.region) };
    }
    this.#root.focus({ preventScroll: true });
    if (hand || this.#stage.mode === 'pan' || this.#root.classList.contains('by-form')) return { ...start, kind: 'pan', viewX: x, viewY: y };
    return { ...start, kind: 'draw' };
  }

  #move(event) {
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
      const rectangle = inside(drawn, this.#stage.picture);
      if (isEmpty(rectangle)) return;
      if (gesture.id) this.#regions.change(gesture.id, rectangle, gesture.step);
      else gesture.id = this.#regions.add(rectangle, { step: gesture.step }).id;
    } else {
      const [dx, dy] = [Math.round(x1 - x0), Math.round(y1 - y0)];
      const changed =
        gesture.kind === 'move'
          ? moved(gesture.from, dx, dy, this.#stage.picture)
          : stretched(gesture.from, gesture.edges, dx, dy, this.#stage.picture);
      this.#regions.change(gesture.region.id, changed, gesture.step);
    }
  }

  #up(event) {
    if (!this.#pointers.delete(event.pointerId)) return;
    const gesture = this.#gesture;
    if (gesture && !gesture.moved && gesture.kind === 'draw') this.#regions.select(null);
    if (event.pointerType === 'touch' && gesture && !gesture.moved) this.#hover(event, this.#at(event));
    this.#endGesture(true);
  }

  #cancel(event) {
    if (this.#pointers.delete(event.pointerId)) this.#endGesture(false);
  }

  #leave(event) {
    if (!this.#pointers.size && event.pointerType !== 'touch') this.#stage.pointAt(null);
  }

  /** End what is under way as if it had never been; false where nothing is. */
  abandon() {
    const isUnderWay = this.#gesture !== null;
    if (isUnderWay) this.#endGesture(false);
    return isUnderWay;
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
      this.#stage.tell(this.#regions.get(id));
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
    this.#stage.pointAt(this.#words.at(...this.#view.toImage(x, y)));
  }

  #showCursor(what) {
    const cursors = { move: 'move', pan: 'grabbing', pinch: 'grabbing', draw: 'crosshair' };
    let cursor = this.#stage.mode === 'pan' ? 'grab' : 'crosshair';
    if (what?.kind === 'resize') {
      const edges = what.edges.join();
      cursor = { left: 'ew-resize', right: 'ew-resize', top: 'ns-resize', bottom: 'ns-resize' }[edges]
        ?? (edges === 'left,top' || edges === 'right,bottom' ? 'nwse-resize' : 'nesw-resize');
    } else if (what) {
      cursor = cursors[what.kind] ?? cursor;
    }
    this.#root.style.cursor = this.#stage.picture ? cursor : '';
  }

  #wheel(event) {
    if (!this.#stage.picture) return;
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
}
