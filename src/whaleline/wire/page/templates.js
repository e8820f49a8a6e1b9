// Templates of forms that the service keeps: listed, opened to be edited, saved, deleted, taken out and brought in.

import { $, announce, ask, confirm, download, element, tell } from './dom.js';
import { inside, isEmpty } from './geometry.js';
import { t } from './language.js';
import { Problem } from './problem.js';
import { title } from './regions.js';
import { sentence } from './results.js';
import { NotATemplate, checked, toPicture, toTemplate } from './template-file.js';

const LOCAL = 'whaleline.templates'; // where earlier versions of this page have kept theirs

export class Templates extends EventTarget {
  /** Those of the service: {name, version, fields}. */
  all = [];
  #api;
  #signIn;
  #regions;
  #source;
  #language;
  #onOpen;
  #opened = null; // {name, version} of the one whose fields are edited

  /**
   * @param source gives what is open, or null.
   * @param language gives the language of the settings.
   * @param onOpen is given a template whose fields are to be edited.
   */
  constructor(api, { signIn, regions, source, language, onOpen }) {
    super();
    this.#api = api;
    this.#signIn = signIn;
    this.#regions = regions;
    this.#source = source;
    this.#language = language;
    this.#onOpen = onOpen;
    $('#save-template').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#act(() => this.#save($('#template-name').value.trim()));
    });
    $('#import-template').addEventListener('change', ({ target }) => {
      const [file] = target.files;
      target.value = '';
      if (file) this.#act(() => this.#import(file));
    });
    api.addEventListener('change', () => this.refresh());
    window.addEventListener('focus', () => $('#panel-templates').hidden || this.refresh());
  }

  async refresh() {
    if (!this.#api.isSignedIn) this.all = [];
    else this.all = await this.#api.templates().catch(() => this.all); // whoever uses one is told what is wrong
    this.#show();
    this.dispatchEvent(new Event('change'));
  }

  /** Forget which one is being edited: something else is open. */
  leave() {
    this.#opened = null;
  }

  /** Do something that can go wrong, and tell what did. */
  async #act(act) {
    this.#tell('');
    try {
      if (await this.#signIn.ensure()) await act();
    } catch (error) {
      if (!(error instanceof Problem || error instanceof NotATemplate)) throw error;
      this.#tell(sentence(error.message));
    }
  }

  async #save(name) {
    const source = this.#source();
    if (!name) throw new NotATemplate(t('templates.needs.name'));
    if (!this.#regions.all.length) throw new NotATemplate(t('templates.needs.regions'));
    if (!source) throw new NotATemplate(t('templates.needs.image'));
    const most = Math.max(...this.#regions.all.map(({ page }) => page));
    if (most > source.pages.length) throw new NotATemplate(t('templates.needs.page', { page: most }));
    const pages = [];
    for (let number = 1; number <= most; number += 1) {
      const { width, height, error } = source.pages[number - 1];
      if (error) throw new NotATemplate(t('opened.page', { number, reason: error }));
      const blob = await source.blob(number);
      pages.push(blob ? await toPicture(blob, { width, height }) : { width, height, picture: null, scale: 1 });
    }
    const fields = this.#regions.all.map((region, at) => {
      const { scale, ...page } = pages[region.page - 1];
      const placed = inside({ left: region.left * scale, top: region.top * scale, right: region.right * scale, bottom: region.bottom * scale }, page);
      const whole = { left: Math.floor(placed.left), top: Math.floor(placed.top), right: Math.ceil(placed.right), bottom: Math.ceil(placed.bottom) };
      if (isEmpty(whole)) throw new NotATemplate(t('templates.outside', { name: title(region, at + 1) }));
      return { ...region, ...inside(whole, page) };
    });
    await this.#put(toTemplate(name, fields, pages, this.#language()), this.#opened?.name === name ? this.#opened.version : null);
  }

  /** Have the service keep it; one that is there already, or has changed meanwhile, is replaced by choice. */
  async #put(template, version) {
    const { name } = template;
    let kept;
    try {
      kept = await this.#api.putTemplate(template, version);
    } catch (error) {
      if (error.status !== 412) throw error;
      const answer = await ask({
        title: t('templates.replace.title'),
        text: t(version === null ? 'templates.replace.there' : 'templates.replace.changed', { name }),
        choices: [
          { label: t('keep'), value: '' },
          { label: t('templates.replace'), value: 'yes', kind: 'primary' },
        ],
      });
      if (!answer) return false;
      await this.refresh();
      const present = this.all.find((each) => each.name === name);
      return this.#put(template, present?.version ?? null);
    }
    this.#opened = { name, version: kept.version };
    await this.refresh();
    this.#tell(t('templates.saved', { name, count: template.fields.length }), true);
    return true;
  }

  async #import(file) {
    let value;
    try {
      value = JSON.parse(await file.text());
    } catch {
      throw new NotATemplate(t('templates.notJson', { name: file.name }));
    }
    await this.#put(checked(value), null);
  }

  async #open(name) {
    const template = await this.#api.template(name);
    await this.#onOpen(template);
    this.#opened = { name, version: template.version };
    $('#template-name').value = name;
  }

  async #export(name) {
    download(`${name}.json`, toFile(await this.#api.template(name)));
  }

  async #remove({ name, version }) {
    if (!(await confirm('templates.delete', { name }))) return;
    await this.#api.deleteTemplate(name, version);
    if (this.#opened?.name === name) this.leave(); // its version is no more
    await this.refresh();
    this.#tell(t('templates.deleted', { name }), true);
  }

  #show() {
    const rows = this.all.map((template) => this.#makeRow(template));
    if (!rows.length) rows.push(element('li', { class: 'muted' }, t(this.#api.isSignedIn ? 'templates.none' : 'templates.signIn')));
    $('#templates').replaceChildren(...rows, ...readLocal().map((template) => this.#makeLocal(template)));
  }

  #makeRow(template) {
    const { name, version, fields } = template;
    const button = (verb, act, kind) => makeButton(verb, name, () => this.#act(act), kind);
    return element(
      'li',
      { class: 'template' },
      element('strong', {}, name),
      element('span', { class: 'muted' }, t('templates.facts', { fields: t('fields', { count: fields }), version })),
      element(
        'span',
        { class: 'row-actions' },
        button('use', () => this.dispatchEvent(new CustomEvent('use', { detail: name })), 'primary'),
        button('edit', () => this.#open(name)),
        button('export', () => this.#export(name)),
        button('delete', () => this.#remove(template)),
      ),
    );
  }

  /** One that only this browser has: to be moved to the service. */
  #makeLocal(value) {
    const name = String(value?.name ?? t('templates.unnamed'));
    const move = () => this.#act(async () => {
      if (await this.#put(checked(value), null)) this.#forgetLocal(value);
    });
    return element(
      'li',
      { class: 'template local' },
      element('strong', {}, name),
      element('span', { class: 'muted' }, t('templates.local')),
      element('span', { class: 'row-actions' }, makeButton('move', name, move), makeButton('forget', name, () => this.#forgetLocal(value))),
    );
  }

  #forgetLocal({ name }) {
    localStorage.setItem(LOCAL, JSON.stringify(readLocal().filter((each) => each.name !== name)));
    this.#show();
  }

  #tell(text, good = false) {
    const message = $('#template-message');
    message.className = good ? 'note good' : 'complaint';
    tell(message, text);
    if (text) announce(text);
  }
}

/** A button that does something to the template of a name. */
const makeButton = (verb, name, act, kind = '') =>
  element('button', { type: 'button', class: `button small ${kind}`.trim(), aria: { label: t(`templates.${verb}.label`, { name }) }, on: { click: act } }, t(`templates.${verb}`));

const toFile = (template) => new Blob([`${JSON.stringify(template, null, 2)}\n`], { type: 'application/json' });

function readLocal() {
  try {
    return JSON.parse(localStorage.getItem(LOCAL) ?? '[]');
  } catch {
    return []; // nothing there, or nothing of ours
  }
}
