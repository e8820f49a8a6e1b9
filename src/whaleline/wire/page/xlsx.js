// A workbook (Office Open XML) of plain sheets: texts as texts, numbers as numbers, never a formula.

import { zip } from './zip.js';

const LONGEST = 32_767; // characters of a cell
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATION = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const SHEET = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

/** What XML takes: marks escaped, characters that it forbids left out. */
const escaped = (text) =>
  text
    .slice(0, LONGEST)
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replace(/[&<>"]/g, (mark) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[mark]);

const cell = (value) =>
  typeof value === 'number'
    ? `<c><v>${value}</v></c>`
    : `<c t="inlineStr"><is><t xml:space="preserve">${escaped(String(value))}</t></is></c>`;

const sheet = (rows) =>
  `${HEAD}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>${rows
    .map((row) => `<row>${row.map(cell).join('')}</row>`)
    .join('')}</sheetData></worksheet>`;

/** The names of sheets are at most 31 characters, without some marks, and each is there once. */
function named(sheets) {
  const taken = new Set();
  return sheets.map(({ name, rows }) => {
    const wanted = name.replace(/[[\]:*?/\\']/g, ' ').trim().slice(0, 31) || 'Sheet';
    let made = wanted;
    for (let number = 2; taken.has(made.toLowerCase()); number += 1) made = `${wanted.slice(0, 27)} ${number}`;
    taken.add(made.toLowerCase());
    return { name: made, rows };
  });
}

/** The workbook of sheets, each {name, rows}; a cell is a text or a number. */
export async function xlsx(sheets) {
  const all = named(sheets);
  const each = (write) => all.map((_, at) => write(at + 1)).join('');
  const parts = {
    '[Content_Types].xml': `${HEAD}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${SHEET}.sheet.main+xml"/>${each((n) => `<Override PartName="/xl/worksheets/sheet${n}.xml" ContentType="${SHEET}.worksheet+xml"/>`)}</Types>`,
    '_rels/.rels': `${HEAD}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${RELATION}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${RELATION}"><sheets>${all.map(({ name }, at) => `<sheet name="${escaped(name)}" sheetId="${at + 1}" r:id="rId${at + 1}"/>`).join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `${HEAD}<Relationships xmlns="${PACKAGE}/relationships">${each((n) => `<Relationship Id="rId${n}" Type="${RELATION}/worksheet" Target="worksheets/sheet${n}.xml"/>`)}</Relationships>`,
    ...Object.fromEntries(all.map(({ rows }, at) => [`xl/worksheets/sheet${at + 1}.xml`, sheet(rows)])),
  };
  const made = await zip(Object.entries(parts).map(([name, text]) => ({ name, blob: new Blob([text]) })));
  return new Blob([made], { type: `${SHEET}.sheet` });
}
