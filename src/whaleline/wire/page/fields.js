// What a field of a form holds, beside its name and place: the other keys of a template's field, and inputs for them.

import { element } from './dom.js';
import { t } from './language.js';

/** By the API's words: which keys each kind takes beside those of all. */
const KINDS = {
  text: ['language', 'pattern', 'characters'],
  number: ['language', 'region'],
  amount: ['language', 'region'],
  date: ['language', 'region'],
  choice: ['language', 'choices'],
  identifier: ['language', 'scheme', 'pattern'],
  phone: ['region'],
  checkmark: [],
  barcode: ['pattern'],
  signature: [],
  picture: [],
};

const SCHEMES = ['iban', 'mrz', 'isbn', 'ean', 'luhn', 'vat'];

/** Plain text of which nothing more is known. */
export const PLAIN = Object.freeze({ kind: 'text' });

/** Languages that a field may be in, by the API's names; the page sets them when it knows the service. */
export const languages = [];

export const kindName = ({ kind }) => (kind in KINDS ? t(`field.${kind}`) : kind);

/** Whether more is known of it than that it is text. */
export const isTyped = ({ kind, ...more }) => kind !== 'text' || Object.keys(more).length > 0;

/** Seldom said, so they stand behind a word of their own. */
const MORE = ['language', 'pattern', 'characters', 'leastConfidence'];

const INPUTS = {
  language: () => choice([['', t('field.language.any')], ...languages.map((name) => [name, name])]),
  region: () => element('input', { type: 'text', maxLength: 2, size: 4, placeholder: 'DE', autocomplete: 'off', spellcheck: false }),
  scheme: () => choice([['', t('field.scheme.any')], ...SCHEMES.map((scheme) => [scheme, t(`field.scheme.${scheme}`)])]),
  pattern: () => element('input', { type: 'text', maxLength: 1000, placeholder: '[A-Z]{2}\\d{6}', autocomplete: 'off', spellcheck: false }),
  characters: () => element('input', { type: 'text', maxLength: 1000, placeholder: '0123456789', autocomplete: 'off', spellcheck: false }),
  choices: () => element('textarea', { rows: 3, spellcheck: false }),
  leastConfidence: () => element('input', { type: 'number', min: 0, max: 100, step: 1, placeholder: '0' }),
  required: () => element('input', { type: 'checkbox' }),
};

/** What an input says, or undefined where it says nothing. */
function valueOf(key, input) {
  if (key === 'required') return input.checked || undefined;
  if (key === 'leastConfidence') return input.value === '' ? undefined : Math.max(0, Math.min(100, Number(input.value)));
  if (key === 'choices') {
    const found = input.value.split('\n').map((line) => line.trim()).filter(Boolean);
    return found.length ? found : undefined;
  }
  if (key === 'region') return input.value.trim().toUpperCase() || undefined;
  return input.value || undefined;
}

/** The inputs for a field, as a part of its card. */
export class FieldForm {
  #inputs = {};
  #rows = {};
  #more;
  #shown = null;

  /** @param onChange is given the field as it is now. */
  constructor(id, onChange) {
    const tell = () => {
      this.#shown = this.#read();
      this.#showRows(this.#shown.kind);
      onChange(this.#shown);
    };
    this.#inputs.kind = choice(Object.keys(KINDS).map((kind) => [kind, t(`field.${kind}`)]));
    for (const [key, make] of Object.entries(INPUTS)) this.#inputs[key] = make();
    for (const [key, input] of Object.entries(this.#inputs)) {
      input.id = `${key}-${id}`;
      input.addEventListener('change', tell);
      const label = element('label', { htmlFor: input.id }, t(`field.${key}`));
      this.#rows[key] = element('div', { class: `detail detail-${key}` }, label, input);
    }
    const more = MORE.map((key) => this.#rows[key]);
    this.#more = element('details', { class: 'more' }, element('summary', {}, t('field.more')), ...more);
    this.node = element('div', { class: 'details', role: 'group' }, ...Object.values(this.#rows).filter((row) => !more.includes(row)), this.#more);
  }

  update(field) {
    if (field === this.#shown) return;
    this.#shown = field;
    for (const [key, input] of Object.entries(this.#inputs)) {
      if (key === 'required') input.checked = Boolean(field.required);
      else input.value = key === 'choices' ? (field.choices ?? []).join('\n') : (field[key] ?? '');
    }
    this.#showRows(field.kind);
    if (MORE.some((key) => field[key] !== undefined)) this.#more.open = true;
  }

  #read() {
    const { kind: { value: kind } } = this.#inputs;
    const found = [...KINDS[kind], 'required', 'leastConfidence'].map((key) => [key, valueOf(key, this.#inputs[key])]);
    return Object.freeze({ kind, ...Object.fromEntries(found.filter(([, value]) => value !== undefined)) });
  }

  #showRows(kind) {
    const taken = [...KINDS[kind], 'kind', 'required', 'leastConfidence'];
    for (const [key, row] of Object.entries(this.#rows)) row.hidden = !taken.includes(key);
  }
}

function choice(options) {
  return element('select', {}, ...options.map(([value, label]) => element('option', { value }, label)));
}
