// Keys over the stage: those of a region that has the focus, and those of the picture.

import { announce } from './dom.js';
import { moved, stretched } from './geometry.js';
import { t } from './language.js';
import { title } from './regions.js';

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class StageKeys {
  /** Whether the space bar is down, with which a drag moves the picture. */
  isSpaceHeld = false;
  #stage;
  #regions;
  #view;

  constructor(stage) {
    this.#stage = stage;
    this.#regions = stage.regions;
    this.#view = stage.view;
    stage.root.addEventListener('keydown', (event) => this.#keydown(event));
    stage.root.addEventListener('keyup', (event) => {
      if (event.key === ' ') this.isSpaceHeld = false;
    });
  }

  #keydown(event) {
    if (!this.#stage.picture || event.target.closest('button, input, label')) return;
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
        ? stretched(region, [dx ? 'right' : 'bottom'], dx, dy, this.#stage.picture)
        : moved(region, dx, dy, this.#stage.picture);
      this.#regions.change(region.id, changed, `keys ${region.id} ${event.altKey}`);
      this.#view.reveal(this.#regions.get(region.id));
      this.#stage.tell(this.#regions.get(region.id));
      return true;
    }
    if (event.key === 'Delete' || event.key === 'Backspace') {
      const name = title(region, this.#regions.position(region.id));
      this.#regions.remove(region.id);
      const next = this.#regions.selected;
      if (next) this.#stage.rectangles.focus(next.id);
      else this.#stage.root.focus({ preventScroll: true });
      announce(t('region.deleted', { name }));
      return true;
    }
    if (event.key.toLowerCase() === 'd' && (event.ctrlKey || event.metaKey)) {
      this.#stage.rectangles.focus(this.#regions.duplicate(region.id).id);
      return true;
    }
    if (event.key === 'Enter' || event.key === 'F2') {
      this.#stage.dispatchEvent(new CustomEvent('edit', { detail: region }));
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
      n: () => this.#stage.addInSight(),
      ' ': () => {
        this.isSpaceHeld = true;
      },
      Escape: () => {
        if (!this.#stage.pointers.abandon()) this.#regions.select(null);
        this.#stage.root.focus({ preventScroll: true });
      },
    };
    const act = keys[event.key.toLowerCase()] ?? keys[event.key];
    act?.();
    return Boolean(act);
  }
}
