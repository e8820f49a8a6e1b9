// Small helpers for the document: elements, icons, announcements, questions, files for the user.

import { rounded, t } from './language.js';

export const $ = (selector, root = document) => root.querySelector(selector);

/** An element with properties, `data` and `aria` attributes, listeners under `on`, and children. */
export function element(tag, { data = {}, aria = {}, on = {}, ...properties } = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === 'class') made.className = value;
    else if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  Object.assign(made.dataset, data);
  for (const [name, value] of Object.entries(aria)) made.setAttribute(`aria-${name}`, value);
  for (const [name, listener] of Object.entries(on)) made.addEventListener(name, listener);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** A picture from the sheet of symbols at the end of index.html; it says nothing to screen readers. */
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** A button that shows only a picture; the label is its name and its tooltip. */
export function iconButton(name, label, onClick, properties = {}) {
  const { class: extra = '', aria = {}, ...rest } = properties;
  return element(
    'button',
    { type: 'button', class: `icon-button ${extra}`.trim(), title: label, aria: { label, ...aria }, on: { click: onClick }, ...rest },
    icon(name),
  );
}

/** Say something to screen readers without moving the focus. */
export function announce(text) {
  const place = $('#announcements');
  // The same sentence twice in a row is news only if the text changes.
  place.textContent = place.textContent === text ? `${text}\u00a0` : text;
}

/** Set a text only where it differs, so that nothing is laid out or announced for nothing. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Show a message in its place; '' takes it away. */
export function tell(node, text) {
  node.hidden = !text;
  setText(node, text);
}

/** Ask whether to do what cannot be undone; the messages begin with the key: .title, .text, and .yes for the button. */
export const confirm = (key, values = {}) =>
  ask({
    title: t(`${key}.title`, values),
    text: t(`${key}.text`, values),
    choices: [
      { label: t('keep'), value: '' },
      { label: t(`${key}.yes`), value: 'yes', kind: 'danger' },
    ],
  });

/** Ask in a dialog; resolves to the value of the choice taken, or null where it was closed. */
export function ask({ title, text, choices }) {
  return new Promise((resolve) => {
    const dialog = element(
      'dialog',
      { class: 'dialog', aria: { labelledby: 'question-title', describedby: 'question-text' } },
      element('h2', { id: 'question-title' }, title),
      element('p', { id: 'question-text' }, text),
      element(
        'div',
        { class: 'dialog-actions' },
        ...choices.map(({ label, value, kind = '' }) =>
          element('button', { type: 'button', class: `button ${kind}`.trim(), on: { click: () => dialog.close(value) } }, label),
        ),
      ),
    );
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue || null);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Hand a file to the user. */
export function download(name, blob) {
  const url = URL.createObjectURL(blob);
  element('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Put text on the clipboard, and tell; `button` shows it for a moment. */
export async function copy(text, button) {
  await write(text);
  announce(t('copied.said'));
  if (!button.dataset.label) {
    button.dataset.label = button.textContent;
    button.textContent = t('copied');
    setTimeout(() => {
      button.textContent = button.dataset.label;
      delete button.dataset.label;
    }, 1500);
  }
}

async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Pages over plain HTTP from another machine have no clipboard; the old way still works there.
    const area = element('textarea', { value: text, class: 'visually-hidden', aria: { hidden: 'true' } });
    const focused = document.activeElement;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
    focused?.focus();
  }
}

/** Seconds in words for people: "0.42 s", "12.3 s", "3 min 5 s", "2 h 10 min". */
export function duration(seconds) {
  if (seconds < 60) return t('time.seconds', { seconds: rounded(seconds, seconds < 1 ? 2 : seconds < 10 ? 1 : 0) });
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return t('time.minutes', { minutes, seconds: Math.floor(seconds % 60) });
  return t('time.hours', { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}
