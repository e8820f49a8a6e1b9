// What is open in the view Read: a file and its page that is shown, the pages of a template, or a task without its picture.

import { $, announce, element, setText, tell } from './dom.js';
import { fit, sameSize } from './fitting.js';
import { t } from './language.js';
import { Pages } from './pages.js';
import { Blank } from './picture.js';
import { Problem } from './problem.js';
import { Source } from './source.js';

export class Opened extends EventTarget {
  /** {file, name, width, height, source}; null where nothing is open. File and source are null for a task. */
  image = null;
  #api;
  #signIn;
  #regions;
  #stage;
  #cards;
  #pages = new Pages((number) => this.show(number));
  #drawnOn = null; // the size of the image that the regions were drawn on; null where it is not known
  #opening = 0;

  constructor(api, signIn, { regions, stage, cards }) {
    super();
    this.#api = api;
    this.#signIn = signIn;
    this.#regions = regions;
    this.#stage = stage;
    this.#cards = cards;
    regions.addEventListener('select', () => {
      const { selected } = regions;
      if (selected && selected.page !== regions.page) this.show(selected.page, selected.id);
    });
    $('#stage').addEventListener('keydown', ({ key }) => {
      if (key === 'PageUp' || key === 'PageDown') this.#pages.go(this.page + (key === 'PageUp' ? -1 : 1));
    });
  }

  get page() {
    return this.#regions.page;
  }

  get source() {
    return this.image?.source ?? null;
  }

  /** The size of the image that the regions were drawn on; null where it is not known. */
  get drawnOn() {
    return this.#drawnOn;
  }

  /** Open a file, with its own regions where it brings some; false where it could not be opened. */
  async open(file, itsRegions = null) {
    return this.#take(async () => {
      const { source, picture } = await Source.open(file, { api: this.#api, signIn: this.#signIn, wait });
      return { source, picture, after: () => (itsRegions ? this.#bring(itsRegions) : this.#keep()) };
    }, file.name);
  }

  /** Open the pages of a template, with its fields as the regions. */
  async openTemplate(template, itsRegions) {
    return this.#take(async () => {
      const source = Source.ofTemplate(this.#api, template);
      return { source, picture: await source.show(1), after: () => this.#bring(itsRegions) };
    }, template.name);
  }

  /** Show the words and regions of a task whose picture is gone, on blank ground of such a size. */
  openBlank(width, height, words, itsRegions) {
    this.#opening += 1; // a file that is still being opened comes too late
    this.#drawnOn = null;
    this.#regions.reset(itsRegions);
    this.#place(null, new Blank(width, height, words));
    setText($('#image-facts'), t('opened.gone'));
  }

  /** Show another page; a region of it may be selected with that. */
  async show(number, select = null) {
    const { image } = this;
    if (!image?.source || number > image.source.pages.length) return;
    const mine = (this.#opening += 1);
    this.tell('');
    this.#regions.page = number;
    this.#pages.page = number;
    if (select) this.#regions.select(select);
    try {
      const picture = await image.source.show(number);
      if (mine !== this.#opening) picture.close();
      else this.#showPage(picture);
    } catch (error) {
      if (mine === this.#opening) this.tell(error.message);
    }
  }

  /** Show nothing. */
  close() {
    this.#opening += 1;
    this.source?.close();
    this.image = null;
    this.#drawnOn = null;
    this.#stage.picture = null;
    this.#pages.source = null;
    $('#stage').classList.remove('filled');
    $('#drop').hidden = false;
    setText($('#image-facts'), '');
    this.tell('');
    this.dispatchEvent(new Event('open'));
  }

  tell(text) {
    tell($('#image-problem'), text);
  }

  async #take(open, name) {
    const mine = (this.#opening += 1);
    this.tell('');
    $('#drop').hidden = true;
    $('#opening').hidden = false;
    try {
      const { source, picture, after } = await open();
      if (mine !== this.#opening) {
        picture.close();
        return false;
      }
      this.#place(source, picture);
      await after();
      return true;
    } catch (error) {
      if (mine !== this.#opening) return false;
      this.tell(error instanceof Problem ? error.message : t('opened.failed', { name: name || t('opened.image'), reason: error.message }));
      $('#drop').hidden = Boolean(this.image);
      return false;
    } finally {
      if (mine === this.#opening) $('#opening').hidden = true;
    }
  }

  #bring(itsRegions) {
    this.#regions.replace(itsRegions);
    this.#drawnOn = this.size;
  }

  /** The size of the first page of what is open; null where it is not known. */
  get size() {
    const { width, height } = this.source?.pages[0] ?? {};
    return width ? { width, height } : null;
  }

  /** The regions stay for the next image of the same form; where it has another size, they are scaled by choice. */
  async #keep() {
    const [size, drawn, { all }] = [this.size, this.#drawnOn, this.#regions];
    this.#drawnOn = size;
    if (!drawn || !size || sameSize(drawn, size) || !all.length) return;
    const fitted = await fit(all, drawn, size);
    if (fitted && fitted !== all) this.#regions.replace(fitted);
    if (fitted === null) {
      this.#regions.replace([]);
      announce(t('fit.removed'));
    }
  }

  #place(source, picture) {
    this.source?.close();
    const { width, height } = picture;
    this.image = { file: source?.file ?? null, name: source?.name ?? 'image.png', width, height, source };
    this.#regions.page = 1;
    this.#pages.source = source;
    this.#cards.pages = source?.pages.length ?? 1;
    this.#cards.sizeOf = (page) => source?.pages[page - 1] ?? null;
    $('#drop').hidden = true;
    $('#opening').hidden = true;
    $('#stage').classList.add('filled');
    this.dispatchEvent(new Event('open'));
    this.#showPage(picture);
  }

  #showPage(picture) {
    const { source, name } = this.image;
    const { width, height } = picture;
    const pages = source?.pages.length ?? 1;
    $('#stage').style.setProperty('--aspect', width / height);
    this.#stage.picture = picture;
    this.#regions.bounds = source ? { width, height } : null;
    setText($('#image-facts'), t(pages > 1 ? 'opened.facts.page' : 'opened.facts', { name, page: this.page, count: pages, width, height }));
    this.dispatchEvent(new Event('page'));
  }
}

/** Show that something is under way, with a button to cancel it. */
function wait(label) {
  const stop = new AbortController();
  const cancel = element('button', { type: 'button', class: 'button small', on: { click: () => stop.abort() } }, t('cancel'));
  const node = element('li', { class: 'run', data: { state: 'processing' } }, element('strong', { class: 'run-label' }, `${label}…`), cancel);
  $('#runs').append(node);
  return { signal: stop.signal, end: () => node.remove() };
}
