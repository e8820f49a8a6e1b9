// The page's texts: one file of messages for each language, of which one is loaded.
//
// What the service says itself (its messages, the names of settings and their values) is English in every language.

const NAMES = { en: 'English', de: 'Deutsch', es: 'Español' };
const KEY = 'whaleline.language';

takeChoice();

/** The language that was chosen here, else the first of the browser's that there is. */
export const language = [chosen(), ...navigator.languages.map((each) => each.split('-')[0]), 'en'].find((each) => each in NAMES);

const messages = await (await fetch(new URL(`messages.${language}.json`, import.meta.url))).json();
const plurals = new Intl.PluralRules(language);
const numbers = new Intl.NumberFormat(language, { maximumFractionDigits: 20, useGrouping: 'always' });

/**
 * A message of the file, with {places} filled in; numbers get separators.
 *
 * A message with several forms, {one, other}, is chosen by the value `count`.
 */
export function t(key, values = {}) {
  const message = typeof messages[key] === 'object' ? (messages[key][plurals.select(values.count)] ?? messages[key].other) : messages[key];
  return message.replace(/\{(\w+)\}/g, (_, name) => (typeof values[name] === 'number' ? numbers.format(values[name]) : values[name]));
}

/** Percents, of which 100 are the whole, with so many digits behind the point. */
export const percent = (number, digits = 0) =>
  (number / 100).toLocaleString(language, { style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits });

/** How sure a reading is, from 0 to 100; rounded down, so that what is under a limit never looks as if it reached it. */
export const confidence = (number) => percent(Math.floor(number));

/** A number with so many digits behind its point. */
export const rounded = (number, digits) => number.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });

const ATTRIBUTES = { tLabel: 'aria-label', tTitle: 'title', tDrop: 'data-drop' };

/** Fill in the texts of the document itself: `data-t` names a message for the text, `data-t-label` one for the name. */
export function translate() {
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll('[data-t]')) {
    // What stands between backticks is to be typed.
    const parts = t(node.dataset.t).split('`');
    node.replaceChildren(...parts.map((text, at) => (at % 2 ? Object.assign(document.createElement('code'), { textContent: text }) : text)));
  }
  for (const [name, attribute] of Object.entries(ATTRIBUTES)) {
    const marked = document.querySelectorAll(`[data-${name.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`)}]`);
    for (const node of marked) node.setAttribute(attribute, t(node.dataset[name]));
  }
}

/**
 * Let the user choose another language. Every text changes, so the page is loaded again, after `keep` has kept what is open.
 *
 * The address brings the choice, so that nothing has changed for a user who is asked whether to leave and stays.
 */
export function offerLanguages(choice, keep) {
  choice.replaceChildren(...Object.entries(NAMES).map(([code, name]) => Object.assign(new Option(name, code), { lang: code })));
  choice.value = language;
  choice.addEventListener('change', async () => {
    const address = new URL(location.href);
    address.searchParams.set('language', choice.value);
    choice.value = language;
    await keep();
    location.replace(address);
  });
}

/** Remember a language that the address names, and take it out of there. */
function takeChoice() {
  const address = new URL(location.href);
  const wanted = address.searchParams.get('language');
  if (!(wanted in NAMES)) return;
  try {
    localStorage.setItem(KEY, wanted);
  } catch {
    return; // this browser keeps nothing, so the address goes on to say it
  }
  address.searchParams.delete('language');
  history.replaceState(null, '', address);
}

function chosen() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return new URLSearchParams(location.search).get('language');
  }
}
