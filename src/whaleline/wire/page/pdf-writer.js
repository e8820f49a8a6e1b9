// A PDF that is written object by object, its bytes handed to the browser as they come.

export const toBytes = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));

export class PdfWriter {
  #parts = [];
  #fresh = []; // not handed over yet
  #length = 0;
  #places = []; // of the objects, by number

  constructor() {
    this.put(toBytes('%PDF-1.7\n%\u00bf\u00f7\u00a2\u00fe\n'));
  }

  put(bytes) {
    this.#fresh.push(bytes);
    this.#length += bytes.length;
  }

  /** Write an object: its text, and the bytes that follow it where it has a stream. */
  write(number, text, rest = toBytes('\nendobj\n')) {
    this.#places[number] = this.#length;
    this.put(toBytes(`${number} 0 obj\n${text}`));
    this.put(rest);
  }

  /** Hand over what is written so far, so that the page's memory need not hold it. */
  flush() {
    this.#parts.push(new Blob(this.#fresh));
    this.#fresh = [];
  }

  /** The file, with the table of its objects. */
  end(catalog) {
    const size = Math.max(1, this.#places.length);
    const entries = Array.from({ length: size - 1 }, (_, at) => (this.#places[at + 1] ? `${String(this.#places[at + 1]).padStart(10, '0')} 00000 n \n` : '0000000000 65535 f \n'));
    this.put(toBytes(`xref\n0 ${size}\n0000000000 65535 f \n${entries.join('')}trailer\n<< /Size ${size} /Root ${catalog} 0 R >>\nstartxref\n${this.#length}\n%%EOF\n`));
    this.flush();
    return new Blob(this.#parts, { type: 'application/pdf' });
  }
}
