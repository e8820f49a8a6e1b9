// Several PDFs as one, as the service writes them. It writes a table of all objects at the end and no streams of objects,
// so objects can be copied as they are, with other numbers. Each file becomes a bookmark, over the bookmarks that it has.
// What belongs to a whole document stays behind: forms, the mark of PDF/A.

import { PdfWriter, toBytes } from './pdf-writer.js';

const STRING = String.raw`\((?:[^\\()]|\\[^])*\)|<[0-9a-f]*>`;
const REFERENCE = new RegExp(`${STRING}|\\b(\\d+) 0 R\\b`, 'g');
const NAMED = new RegExp(`/(Dest|D) (${STRING}|/[^\\s/]+)`, 'g'); // a place that a bookmark or a link leads to by its name
const LED = new RegExp(`(${STRING}|/[^\\s/]+) (?:(\\d+) 0 R|(?:<< /D )?(\\[ \\d+ 0 R[^\\]]*\\]))`, 'g'); // a name, and its place
const [CATALOG, PAGES, OUTLINES] = [1, 2, 3]; // numbers of objects; the bookmarks of the files come next

const latin = (bytes) => bytes.reduce((text, byte) => text + String.fromCharCode(byte), '');
const STREAM = toBytes('\nstream\n');

/** One PDF of several, each {name, blob}. Only one is in memory at a time; of the others the browser keeps the bytes. */
export async function joinPdfs(files) {
  const writer = new PdfWriter();
  const roots = [];
  let last = OUTLINES + files.length;
  let count = 0;
  for (const [at, { name, blob }] of files.entries()) {
    const { objects, pages, first, outlines, destinations } = parsed(new Uint8Array(await blob.arrayBuffer()));
    const [base, bookmark] = [last, OUTLINES + 1 + at];
    const moved = (number) => (number === outlines ? bookmark : base + number);
    const renumbered = (text) => text.replace(REFERENCE, (whole, to) => (to ? `${moved(Number(to))} 0 R` : whole));
    for (const [number, { head, rest }] of objects) {
      last = Math.max(last, base + number);
      if (number === outlines) continue; // the file's own bookmark takes its place
      const led = head.replace(NAMED, (whole, key, named) => (destinations.has(named) ? `/${key} ${destinations.get(named)}` : whole));
      const text = renumbered(led);
      writer.write(base + number, number === pages ? text.replace('<<', `<< /Parent ${PAGES} 0 R`) : text, rest);
    }
    const beneath = renumbered(['First', 'Last'].map((key) => new RegExp(`/${key} \\d+ 0 R`).exec(objects.get(outlines)?.head)?.[0] ?? '').join(' '));
    const beside = [at > 0 && `/Prev ${bookmark - 1} 0 R`, at < files.length - 1 && `/Next ${bookmark + 1} 0 R`].filter(Boolean).join(' ');
    const hidden = Math.abs(counted(objects.get(outlines))); // bookmarks that come to sight when it is opened
    writer.write(bookmark, `<< /Title ${wide(name)} /Parent ${OUTLINES} 0 R ${beside} /Dest [ ${moved(first)} 0 R /Fit ] ${beneath} /Count -${hidden} >>`);
    roots.push(`${moved(pages)} 0 R`);
    count += counted(objects.get(pages));
    writer.flush();
  }
  writer.write(CATALOG, `<< /Type /Catalog /Pages ${PAGES} 0 R /Outlines ${OUTLINES} 0 R /PageMode /UseOutlines >>`);
  writer.write(PAGES, `<< /Type /Pages /Kids [ ${roots.join(' ')} ] /Count ${count} >>`);
  writer.write(OUTLINES, `<< /Type /Outlines /First ${OUTLINES + 1} 0 R /Last ${OUTLINES + files.length} 0 R /Count ${files.length} >>`);
  return writer.end(CATALOG);
}

const counted = (object) => Number(/\/Count (-?\d+)/.exec(object?.head)?.[1] ?? 0);

const referred = (object, key) => Number(new RegExp(`/${key} (\\d+) 0 R`).exec(object?.head)?.[1] ?? NaN);

/** A text as a string of any characters. */
const wide = (text) => `<feff${Array.from({ length: text.length }, (_, at) => text.charCodeAt(at).toString(16).padStart(4, '0')).join('')}>`;

/**
 * A file taken apart: its objects by number, each as its text up to its stream and the bytes of the rest;
 * the numbers of the root of its pages, of the first page and of its bookmarks; and places by their names.
 */
function parsed(bytes) {
  const table = Number(/startxref\s+(\d+)\s+%%EOF\s*$/.exec(latin(bytes.slice(-100)))?.[1] ?? NaN);
  const [, begin, lines, trailer] = /^xref\n(\d+) \d+\n((?:\d{10} \d{5} [nf] ?\r?\n)*)trailer ?(<<[^]*)/.exec(Number.isNaN(table) ? '' : latin(bytes.slice(table))) ?? [];
  const used = (lines?.match(/\d{10} \d{5} [nf]/g) ?? []).flatMap((line, number) => (line.endsWith('n') ? [{ number, from: Number(line.slice(0, 10)) }] : []));
  const ends = used.map(({ from }) => from).sort((a, b) => a - b).concat(table);
  const endOf = new Map(ends.map((from, at) => [from, ends[at + 1]]));
  const objects = new Map(used.map(({ number, from }) => [number, cut(bytes.subarray(from, endOf.get(from)))]));
  const catalog = objects.get(Number(/\/Root (\d+) 0 R/.exec(trailer)?.[1]));
  const pages = referred(catalog, 'Pages');
  if (begin !== '0' || !objects.has(pages) || /\/Encrypt/.test(trailer)) throw new Error('not a file that the service writes');
  let first = pages;
  for (let kid = first; objects.has(kid); kid = Number(/\/Kids \[ (\d+) 0 R/.exec(objects.get(first).head)?.[1])) first = kid;
  return { objects, pages, first, outlines: referred(catalog, 'Outlines'), destinations: named(catalog, objects) };
}

/** Where bookmarks and links lead by a name: a tree of names, or a dictionary in files of old. */
function named(catalog, objects) {
  const found = new Map();
  const seen = new Set();
  const take = (number) => {
    const object = objects.get(number);
    if (!object || seen.has(number)) return;
    seen.add(number);
    const kids = /\/Kids \[([^\]]*)\]/.exec(object.head)?.[1] ?? '';
    for (const [, kid] of kids.matchAll(/(\d+) 0 R/g)) take(Number(kid));
    for (const [, name, at, place] of object.head.matchAll(LED)) {
      const led = place ?? /\[ \d+ 0 R[^\]]*\]/.exec(objects.get(Number(at))?.head)?.[0];
      if (led) found.set(name, led);
    }
  };
  const names = objects.get(referred(catalog, 'Names'));
  for (const object of [catalog, names]) take(referred(object, 'Dests'));
  return found;
}

/** An object without its number: its text, and the bytes of its stream. */
function cut(bytes) {
  let at = bytes.indexOf(STREAM[0]);
  while (at >= 0 && !STREAM.every((byte, place) => bytes[at + place] === byte)) at = bytes.indexOf(STREAM[0], at + 1);
  const end = at < 0 ? bytes.length : at;
  return { head: latin(bytes.subarray(0, end)).replace(/^\d+ 0 obj\s+/, ''), rest: bytes.subarray(end) };
}
