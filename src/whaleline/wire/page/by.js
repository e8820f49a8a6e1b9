// What is read by: the regions that are drawn, or a template of the service. Both views have the same choice.

import { $ } from './dom.js';
import { t } from './language.js';

const KEY = 'whaleline-by'; // in the local storage: what was chosen last
const LABELS = { 'read-by': 'by.regions', 'files-by': 'by.view' };

export class By extends EventTarget {
  #reader;
  #templates;

  constructor(reader, templates) {
    super();
    this.#reader = reader;
    this.#templates = templates;
    for (const id of Object.keys(LABELS)) $(`#${id}`).addEventListener('change', ({ target }) => this.choose(target.value));
    templates.addEventListener('change', () => this.#offer());
  }

  /** Read by the template of a name, where there is one; by the regions otherwise. */
  choose(name) {
    this.#take(name);
    try {
      localStorage.setItem(KEY, this.#reader.by);
    } catch {
      // This browser keeps nothing.
    }
  }

  #take(name) {
    const by = this.#templates.all.some((each) => each.name === name) ? name : '';
    this.#reader.by = by;
    for (const id of Object.keys(LABELS)) $(`#${id}`).value = by;
    for (const id of ['stage', 'panel-regions']) $(`#${id}`).classList.toggle('by-form', by !== '');
    this.dispatchEvent(new Event('change'));
  }

  /** Take up what an earlier visit has chosen; the templates may come later. */
  restore() {
    try {
      this.#reader.by = localStorage.getItem(KEY) ?? '';
    } catch {
      return;
    }
    if (this.#templates.all.length) this.#take(this.#reader.by);
  }

  #offer() {
    for (const [id, label] of Object.entries(LABELS)) {
      const options = this.#templates.all.map(({ name }) => new Option(name, name));
      $(`#${id}`).replaceChildren(new Option(t(label), ''), ...options);
      $(`#${id}`).closest('label').hidden = !options.length;
    }
    this.#take(this.#reader.by);
  }
}
