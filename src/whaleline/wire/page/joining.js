// Results of several files as one file: searchable PDF and hOCR, as the service writes them.

// PDF. The service writes a table of all objects at the end and no streams of objects, so objects can be copied as they
// are, with other numbers. What belongs to a whole document stays behind: outlines, forms, the mark of PDF/A.

const latin = (bytes) => bytes.reduce((text, byte) => text + String.fromCharCode(byte), '');
const toBytes = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const STREAM = toBytes('\nstream\n');

/** One PDF with the pages of several, each the bytes of a file. */
export function joinPdfs(files) {
  const parts = [toBytes('%PDF-1.7\n%\u00bf\u00f7\u00a2\u00fe\n')];
  const places = []; // of the objects, by number; the first two are the catalog and the list of all pages
  let length = parts[0].length;
  const put = (...pieces) => {
    for (const piece of pieces) length += piece.length;
    parts.push(...pieces);
  };
  const roots = [];
  let last = 2;
  let count = 0;
  for (const bytes of files) {
    const { objects, catalog } = parsed(bytes);
    const base = last;
    const root = Number(/\/Pages (\d+) 0 R/.exec(objects.get(catalog)?.head)?.[1]);
    if (!objects.has(root)) throw new Error('not a file that the service writes');
    for (const [number, { head, rest }] of objects) {
      let moved = head.replace(/\((?:[^\\()]|\\[^])*\)|\b(\d+) 0 R\b/g, (whole, to) => (to ? `${base + Number(to)} 0 R` : whole));
      if (number === root) moved = moved.replace('<<', '<< /Parent 2 0 R');
      places[base + number] = length;
      put(toBytes(`${base + number} 0 obj\n${moved}`), rest);
      last = Math.max(last, base + number);
    }
    roots.push(`${base + root} 0 R`);
    count += Number(/\/Count (\d+)/.exec(objects.get(root).head)?.[1] ?? 0);
  }
  places[1] = length;
  put(toBytes('1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n'));
  places[2] = length;
  put(toBytes(`2 0 obj\n<< /Type /Pages /Kids [ ${roots.join(' ')} ] /Count ${count} >>\nendobj\n`));
  const entries = Array.from({ length: last }, (_, at) => (places[at + 1] ? `${String(places[at + 1]).padStart(10, '0')} 00000 n \n` : '0000000000 65535 f \n'));
  const table = length;
  put(toBytes(`xref\n0 ${last + 1}\n0000000000 65535 f \n${entries.join('')}trailer\n<< /Size ${last + 1} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`));
  return new Blob(parts, { type: 'application/pdf' });
}

/** The objects of a file by number, each as text up to its stream and the bytes of the rest; and the catalog's number. */
function parsed(bytes) {
  const table = Number(/startxref\s+(\d+)\s+%%EOF\s*$/.exec(latin(bytes.slice(-100)))?.[1] ?? NaN);
  const [, first, lines, trailer] = /^xref\n(\d+) \d+\n((?:\d{10} \d{5} [nf] ?\r?\n)*)trailer ?(<<[^]*)/.exec(Number.isNaN(table) ? '' : latin(bytes.slice(table))) ?? [];
  const catalog = Number(/\/Root (\d+) 0 R/.exec(trailer)?.[1]);
  if (first !== '0' || !catalog || /\/Encrypt/.test(trailer)) throw new Error('not a file that the service writes');
  const used = lines.match(/\d{10} \d{5} [nf]/g).flatMap((line, number) => (line.endsWith('n') ? [{ number, from: Number(line.slice(0, 10)) }] : []));
  const ends = used.map(({ from }) => from).sort((a, b) => a - b).concat(table);
  const endOf = new Map(ends.map((from, at) => [from, ends[at + 1]]));
  return { catalog, objects: new Map(used.map(({ number, from }) => [number, cut(bytes.subarray(from, endOf.get(from)))])) };
}

/** An object without its number: its text, and the bytes of its stream. */
function cut(bytes) {
  let at = bytes.indexOf(STREAM[0]);
  while (at >= 0 && !STREAM.every((byte, place) => bytes[at + place] === byte)) at = bytes.indexOf(STREAM[0], at + 1);
  const end = at < 0 ? bytes.length : at;
  const head = latin(bytes.subarray(0, end)).replace(/^\d+ 0 obj\s+/, '');
  return { head, rest: bytes.subarray(end) };
}

/** One hOCR document with the pages of several, each the bytes of a file; ids and numbers of pages go on. */
export function joinHocrs(files) {
  const documents = files.map((bytes) => new DOMParser().parseFromString(new TextDecoder().decode(bytes), 'application/xhtml+xml'));
  const [whole] = documents;
  let before = 0;
  for (const each of documents) {
    const pages = [...each.querySelectorAll('.ocr_page')];
    if (!pages.length) throw new Error('not a file that the service writes');
    for (const node of each.querySelectorAll('[id]')) node.id = node.id.replace(/\d+/, (number) => before + Number(number));
    for (const page of pages) {
      page.setAttribute('title', page.getAttribute('title').replace(/ppageno (\d+)/, (_, number) => `ppageno ${before + Number(number)}`));
      if (each !== whole) whole.body.append(whole.importNode(page, true), '\n');
    }
    before += pages.length;
  }
  whole.querySelector('meta[name="ocr-number-of-pages"]')?.setAttribute('content', before);
  const text = new XMLSerializer().serializeToString(whole);
  const head = text.startsWith('<?xml') ? '' : '<?xml version="1.0" encoding="UTF-8"?>\n'; // some browsers write it, some do not
  return new Blob([head, text, '\n'], { type: 'text/html' });
}
