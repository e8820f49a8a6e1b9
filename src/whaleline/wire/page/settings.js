// The settings as the API has them, with the API's defaults and in the API's own values.

import { element } from './dom.js';
import { t } from './language.js';

/** Their names in the API, in the order in which they are shown; the messages have a label and a hint for each. */
const FIELDS = [
  'language',
  'makeSkewCorrect',
  'makeContrastCorrection',
  'makeBinarization',
  'makeUpsampling',
  'makeSpellCheck',
  'Rotate',
  'resultType',
  'dsrMode',
  'dsrConfidence',
  'resultTypeTable',
];

/** Told in code only where they differ from the default, for they seldom do. */
const QUIET = ['dsrMode', 'dsrConfidence', 'resultTypeTable'];

export class Settings extends EventTarget {
  #inputs = new Map();
  #defaults = {};
  #complaints = new Map();

  constructor(form, schema, languages) {
    super();
    const missing = new Map(languages.filter(({ installed }) => !installed).map(({ name, howToAdd }) => [name, howToAdd]));
    for (const name of FIELDS) {
      const property = schema[name];
      if (!property) continue; // an older or newer service
      this.#defaults[name] = property.default;
      const input = makeInput(property, name === 'language' ? missing : new Map());
      input.id = `setting-${name}`;
      input.setAttribute('aria-describedby', `hint-${name} complaint-${name}`);
      const complaint = element('p', { class: 'complaint', id: `complaint-${name}`, hidden: true });
      this.#inputs.set(name, input);
      this.#complaints.set(name, complaint);
      const caption = element('label', { htmlFor: input.id }, t(`setting.${name}`), element('code', {}, name));
      const text = element('p', { class: 'hint', id: `hint-${name}` }, t(`setting.${name}.hint`));
      form.append(
        element('div', { class: property.type === 'boolean' ? 'setting switch' : 'setting' }, ...(property.type === 'boolean' ? [input, caption] : [caption, input]), text, complaint),
      );
    }
    form.addEventListener('input', () => {
      this.#check();
      this.dispatchEvent(new Event('change'));
    });
    form.addEventListener('submit', (event) => event.preventDefault());
  }

  /** The settings of a request, without its regions; the default of one that is wrong at the moment. */
  get values() {
    const values = {};
    for (const [name, input] of this.#inputs) {
      const value = input.type === 'checkbox' ? input.checked : input.type === 'number' ? Number(input.value) : input.value;
      if (!QUIET.includes(name) || value !== this.#defaults[name]) values[name] = isWrong(input) ? this.#defaults[name] : value;
    }
    return values;
  }

  /** What is wrong with what has been typed; empty where nothing is. */
  get complaint() {
    return [...this.#inputs.values()].some(isWrong) ? t('settings.wrong') : '';
  }

  /** Give the focus to what is wrong. */
  focus() {
    [...this.#inputs.values()].find(isWrong)?.focus();
  }

  reset() {
    this.set(this.#defaults);
  }

  set(values) {
    for (const [name, input] of this.#inputs) {
      if (!(name in values)) continue;
      if (input.type === 'checkbox') input.checked = values[name];
      else input.value = values[name];
    }
    this.#check();
    this.dispatchEvent(new Event('change'));
  }

  /** Show what the service says is wrong with a setting; false where it is not one of these. */
  complain(name, message) {
    for (const [other, complaint] of this.#complaints) {
      const isWrong = other === name;
      complaint.hidden = !isWrong;
      complaint.textContent = isWrong ? message : '';
      this.#inputs.get(other).setAttribute('aria-invalid', String(isWrong));
    }
    return this.#complaints.has(name);
  }

  #check() {
    this.complain(this.complaint ? 'Rotate' : null, this.complaint);
    const chosen = this.#inputs.get('language')?.selectedOptions[0];
    if (chosen?.dataset.howToAdd) this.complain('language', chosen.dataset.howToAdd);
  }
}

/** A number that is none, not whole, or out of range. */
const isWrong = (input) => input.type === 'number' && (input.value === '' || !input.validity.valid);

function makeInput(property, missing) {
  if (property.type === 'boolean') return element('input', { type: 'checkbox', checked: property.default });
  if (!property.enum) {
    const { minimum: min, maximum: max } = property;
    return element('input', { type: 'number', step: 1, min, max, value: property.default });
  }
  const choice = element('select');
  const there = property.enum.filter((value) => !missing.has(value));
  const lacking = property.enum.filter((value) => missing.has(value));
  choice.append(...there.map((value) => element('option', { value }, value)));
  if (lacking.length) {
    choice.append(
      element('optgroup', { label: t('settings.missing') }, ...lacking.map((value) => element('option', { value, data: { howToAdd: `${sentence(missing.get(value))}` } }, value))),
    );
  }
  choice.value = property.default;
  return choice;
}

const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
