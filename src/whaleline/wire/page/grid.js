// A table that was found in a region: shown as one, and written as one.

import { element } from './dom.js';
import { t } from './language.js';
import { cell as quoted } from './table.js';

/** The table for people; its cells span what they span in the picture. */
export function makeGrid({ rows, columns, cells }, label) {
  const lines = Array.from({ length: rows }, (_, row) =>
    element('tr', {}, ...cells.filter((cell) => cell.row === row).map((cell) => element('td', { rowSpan: cell.rowSpan, colSpan: cell.columnSpan }, cell.text))),
  );
  return element('div', { class: 'grid', tabIndex: 0, role: 'region', aria: { label: t('result.table.grid', { name: label, rows, columns }) } }, element('table', {}, element('tbody', {}, ...lines)));
}

/** As rows of texts; a cell that spans others stands in the first of them. */
export function toRows({ rows, columns, cells }) {
  const made = Array.from({ length: rows }, () => Array(columns).fill(''));
  for (const { row, column, text } of cells) made[row][column] = text;
  return made;
}

/** RFC 4180, with the byte order mark by which spreadsheets know UTF-8. */
export const asTable = (table) => `\ufeff${toRows(table).map((row) => row.map(quoted).join(',')).join('\r\n')}\r\n`;
