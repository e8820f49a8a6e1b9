// Templates: named regions kept in this browser, to be laid over the next image of the same form.

import { announce, ask, count, download, element } from './dom.js';
import { fit, sameSize } from './fitting.js';
import { toRect, fromRect } from './results.js';

const KEY = 'whaleline.templates';
const FORMAT = 'whaleline-template';

/** The file or the store does not hold a template; the message says why. */
export class NotATemplate extends Error {}

export class Templates {
  #list;
  #message;
  #onLoad;

  /** @param onLoad called with the regions of a template that the user has chosen, fitted to the image, and the template. */
  constructor({ form, list, message, chooser, regions, size, onLoad }) {
    this.#list = list;
    this.#message = message;
    this.#onLoad = onLoad;
    this.size = size;
    const name = form.elements.name;
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      this.#tell('');
      const wanted = name.value.trim();
      if (!wanted) this.#tell('Give the template a name.');
      else if (!regions.all.length) this.#tell('There are no regions to save yet; draw some first.');
      else if (!this.size()) this.#tell('Open an image first: a template remembers its size.');
      else if (await this.#save(toTemplate(wanted, regions.all, this.size()))) name.value = '';
    });
    chooser.addEventListener('change', async () => {
      const [file] = chooser.files;
      chooser.value = '';
      if (file) await this.import(file);
    });
    window.addEventListener('storage', () => this.show());
    this.show();
  }

  show() {
    const stored = read();
    this.#list.replaceChildren(...stored.map((template) => this.#makeRow(template)));
    if (!stored.length) this.#list.append(element('li', { class: 'muted' }, 'No templates are saved in this browser yet.'));
  }

  async import(file) {
    try {
      const template = check(JSON.parse(await file.text()));
      await this.#save(template);
    } catch (error) {
      this.#tell(error instanceof NotATemplate ? error.message : `${file.name} is not a template: it is not JSON.`);
    }
  }

  async #save(template) {
    const others = read().filter(({ name }) => name !== template.name);
    if (others.length < read().length) {
      const answer = await ask({
        title: 'Replace the template?',
        text: `There is a template named “${template.name}” already.`,
        choices: [
          { label: 'Keep it', value: '' },
          { label: 'Replace', value: 'yes', kind: 'primary' },
        ],
      });
      if (!answer) return false;
    }
    try {
      localStorage.setItem(KEY, JSON.stringify([...others, template].sort((a, b) => a.name.localeCompare(b.name))));
    } catch {
      this.#tell('This browser does not let the page keep anything. Export the template instead.');
      download(`${template.name}.json`, toFile(template));
      return false;
    }
    this.show();
    this.#tell(`“${template.name}” is saved, with ${count(template.regions.length, 'region')}.`, true);
    return true;
  }

  async #load(template) {
    this.#tell('');
    const size = this.size();
    const drawn = template.image;
    const regions = template.regions.map(({ name, rect }) => ({ name, ...fromRect(rect) }));
    const isFitting = !size || sameSize(size, drawn);
    const fitted = isFitting ? regions : await fit(regions, drawn, size, { what: `“${template.name}” was`, refusal: 'Cancel' });
    if (fitted) this.#onLoad(fitted, template);
  }

  #makeRow(template) {
    const { name, image, regions } = template;
    const button = (label, act, kind = '') =>
      element('button', { type: 'button', class: `button small ${kind}`.trim(), aria: { label: `${label} ${name}` }, on: { click: act } }, label);
    return element(
      'li',
      { class: 'template' },
      element('strong', {}, name),
      element('span', { class: 'muted' }, `${count(regions.length, 'region')}, drawn on ${image.width} × ${image.height}`),
      element(
        'span',
        { class: 'row-actions' },
        button('Load', () => this.#load(template), 'primary'),
        button('Export', () => download(`${name}.json`, toFile(template))),
        button('Delete', () => this.#remove(name)),
      ),
    );
  }

  async #remove(name) {
    const answer = await ask({
      title: 'Delete the template?',
      text: `“${name}” is kept in this browser only.`,
      choices: [
        { label: 'Keep it', value: '' },
        { label: 'Delete', value: 'yes', kind: 'danger' },
      ],
    });
    if (!answer) return;
    localStorage.setItem(KEY, JSON.stringify(read().filter((template) => template.name !== name)));
    this.show();
    this.#tell(`“${name}” is deleted.`, true);
  }

  #tell(text, good = false) {
    this.#message.textContent = text;
    this.#message.className = good ? 'note good' : 'complaint';
    this.#message.hidden = !text;
    if (text) announce(text);
  }
}

function toTemplate(name, regions, { width, height }) {
  return {
    format: FORMAT,
    version: 1,
    name,
    image: { width, height },
    regions: regions.map((region) => ({ name: region.name, rect: toRect(region) })),
  };
}

const toFile = (template) => new Blob([`${JSON.stringify(template, null, 2)}\n`], { type: 'application/json' });

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '[]').map(check);
  } catch {
    return []; // nothing there, or nothing of ours
  }
}

/** The template in a decoded file, with no more than a template has. */
function check(value) {
  if (value?.format !== FORMAT || value.version !== 1) throw new NotATemplate('This is not a template: its “format” and “version” are missing or others.');
  const isSize = (number) => Number.isInteger(number) && number > 0;
  if (typeof value.name !== 'string' || !value.name.trim()) throw new NotATemplate('The template has no name.');
  if (!isSize(value.image?.width) || !isSize(value.image?.height)) throw new NotATemplate('The template does not say how large its image was.');
  if (!Array.isArray(value.regions)) throw new NotATemplate('The template has no list of regions.');
  const regions = value.regions.map((region, at) => {
    const rect = region?.rect;
    const numbers = rect && ['topLeftX', 'topLeftY', 'bottomRightX', 'bottomRightY'].map((key) => rect[key]);
    if (!numbers?.every(Number.isInteger) || rect.bottomRightX <= rect.topLeftX || rect.bottomRightY <= rect.topLeftY) {
      throw new NotATemplate(`Region ${at + 1} of the template is not a rectangle.`);
    }
    return { name: typeof region.name === 'string' ? region.name.slice(0, 100) : '', rect: toRect(fromRect(rect)) };
  });
  const { width, height } = value.image;
  return { format: FORMAT, version: 1, name: value.name.trim().slice(0, 100), image: { width, height }, regions };
}
