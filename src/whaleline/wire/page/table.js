// The pile as one table: a row for each file, a column for each name of a field.

import { t } from './language.js';

/** What stands over a field that has no name, on the screen. */
const shown = (at, count) => (count === 1 ? t('files.column') : t('region', { number: at + 1 }));

/** The same in files, where programs look for it whatever the language. */
const written = (at, count) => (count === 1 ? 'Text' : `Region ${at + 1}`);

/** The columns that any file has, in the order in which they come first. */
export function columns(items, heading = shown) {
  const found = new Set();
  for (const { fields } of items) fields.forEach(({ name }, at) => found.add(name || heading(at, fields.length)));
  return [...found];
}

/** A file's fields by column. */
export function cells({ fields }, heading = shown) {
  return new Map(fields.map((field, at) => [field.name || heading(at, fields.length), { ...field, at }]));
}

/** The table of files: its head, and a row for each with numbers as numbers where the service has said that they are. */
export function toSheet(items) {
  const names = columns(items, written);
  const rows = items.map((item) => {
    const found = cells(item, written);
    return [item.name, ...names.map((name) => numbered(found.get(name))), noteOn(item)];
  });
  return [['file', ...names, 'note'], ...rows];
}

function numbered(field) {
  const isNumber = ['number', 'amount'].includes(field?.kind) && /^-?\d{1,15}(\.\d+)?$/.test(field.text);
  return isNumber ? Number(field.text) : (field?.text ?? '');
}

/** RFC 4180, with the byte order mark by which spreadsheets know UTF-8. */
export function asCsv(items) {
  const names = columns(items, written);
  const rows = items.map((item) => {
    const found = cells(item, written);
    return [item.name, ...names.map((name) => found.get(name)?.text ?? ''), noteOn(item)];
  });
  return `\ufeff${[['file', ...names, 'note'], ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

export function asJson(items) {
  const rows = items.map((item) => ({
    file: item.name,
    state: item.state,
    ...(item.task && { task: item.task }),
    fields: [...cells(item, written)].map(([name, { text, confidence, checked, original, kind, printed, valid, reasons }]) => ({
      name,
      text,
      ...(kind && { kind, printed, valid, reasons }),
      confidence: confidence === null ? null : Math.round(confidence * 10) / 10,
      checked,
      ...(original !== undefined && { original }),
    })),
    ...(item.message && { message: item.message }),
  }));
  return `${JSON.stringify(rows, null, 2)}\n`;
}

export function asText(items) {
  return items
    .map((item) => [item.name, ...[...cells(item)].map(([name, { text }]) => (text.includes('\n') ? `${name}:\n${text}` : `${name}: ${text}`)), item.message].filter(Boolean).join('\n'))
    .join('\n\n')
    .concat('\n');
}

function noteOn({ state, message, fields }) {
  const corrected = fields.filter(({ original }) => original !== undefined).length;
  const invalid = fields.filter(({ valid, checked }) => valid === false && !checked).length;
  const what = state === 'done' ? '' : t(`files.state.${state}`);
  return [what, message, invalid && t('files.note.invalid', { count: invalid }), corrected && t('files.note.corrected', { count: corrected })].filter(Boolean).join('; ');
}

/** A cell in quotes where it needs them; one that a spreadsheet would take for a formula becomes text. */
export function cell(value) {
  const text = String(value);
  const safe = /^[=+\-@\t]/.test(text) && !/^[+-]?[\d\s.,:/()-]+%?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
