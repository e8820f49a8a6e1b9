// What is open: a file with its pages, each of which can be shown. The service draws those that the browser cannot.

import { fromBase64 } from './base64.js';
import { t } from './language.js';
import { Blank, Picture } from './picture.js';
import { Problem } from './problem.js';

const WIDEST = 10_000; // pixels that the service draws a page in
const PLAIN_DPI = 300; // of a page that does not say
const KEPT_MS = 50 * 60_000; // the service keeps a document for an hour

export class Source {
  /** What each page measures: {width, height}, or {error} with the reason why it cannot be shown. */
  pages;
  #api;
  #document = null; // {id, at} where the service draws the pages
  #blobs = new Map(); // page number to its picture, where it needs no drawing

  /** @param file to be read; null where only its pages are known. */
  constructor(api, file, pages) {
    this.#api = api;
    this.file = file;
    this.name = file?.name || 'image.png';
    this.pages = pages;
  }

  /**
   * Open a file.
   *
   * @param place shows that the service is asked: called with a sentence, returns what ends it.
   * @throws Problem where neither the browser nor the service can show it, or where it is past the service's limits.
   */
  static async open(file, { api, signIn, wait }) {
    const { limits } = api.facts;
    const sent = Math.ceil(file.size / 3) * 4;
    if (sent > limits.bodyBytes) {
      throw new Problem(t('limit.bytes', { name: file.name, size: file.size, most: Math.floor(limits.bodyBytes / 4) * 3 }), { status: 413, field: 'image' });
    }
    const source = new Source(api, file, []);
    const picture = await Picture.open(file).catch(() => null);
    if (picture) {
      const { width, height } = picture;
      if (width * height > limits.pixels) {
        picture.close();
        throw new Problem(t('limit.pixels', { name: file.name, width, height, size: width * height, most: limits.pixels }), { field: 'image' });
      }
      source.pages = [{ width, height }];
      source.#blobs.set(1, file);
      return { source, picture };
    }
    if (!(await signIn.ensure())) throw new Problem(t('opened.signIn'));
    const { signal, end } = wait(t('opened.opening'));
    try {
      await source.#keep(signal);
      return { source, picture: await source.show(1, signal) };
    } catch (error) {
      throw signal.aborted ? new Problem(t('opened.cancelled')) : error;
    } finally {
      end();
    }
  }

  /** A page of a file as a bitmap in its own pixels, with the service's help where it takes that. */
  static async bitmap(api, file, number) {
    const own = number === 1 ? await createImageBitmap(file).catch(() => null) : null;
    if (own) return own;
    const source = new Source(api, file, []);
    try {
      await source.#keep();
      return await createImageBitmap(await source.blob(number));
    } finally {
      source.close();
    }
  }

  /**
   * The pages of a document as the service draws them: {blob, dpi} of each, or the reason why there is none, as a Problem.
   *
   * @param more null is given for a document that has no more pages than so many.
   */
  static async pictures(api, file, { more, signal }) {
    const source = new Source(api, file, []);
    try {
      await source.#keep(signal);
      if (source.pages.length <= more) return null;
      const made = [];
      for (const [at, { error, dpi }] of source.pages.entries()) made.push(error ? new Problem(error) : { blob: await source.blob(at + 1, signal), dpi: dpi ?? PLAIN_DPI });
      return made;
    } finally {
      source.close();
    }
  }

  /** The first page of a document, drawn so many pixels wide by the service, and how many pages there are. */
  static async preview(api, file, width) {
    const source = new Source(api, file, []);
    try {
      await source.#keep();
      const [{ error }] = source.pages;
      if (error) throw new Problem(error);
      return { blob: await source.thumbnail(1, width), count: source.pages.length };
    } finally {
      source.close();
    }
  }

  /** The pages of a template with their pictures. */
  static ofTemplate(api, { name, pages }) {
    const blobs = pages.map(({ picture }) => (picture ? new Blob([fromBase64(picture)]) : null));
    const source = new Source(api, blobs[0] && pages.length === 1 ? new File([blobs[0]], name) : null, pages.map(({ width, height }) => ({ width, height })));
    source.name = name;
    blobs.forEach((blob, at) => source.#blobs.set(at + 1, blob));
    return source;
  }

  /** The picture file of a page; null for one that has none. */
  async blob(number, signal) {
    if (this.#blobs.has(number)) return this.#blobs.get(number);
    return this.thumbnail(number, Math.min(WIDEST, this.pages[number - 1].width), signal);
  }

  /** A page as a picture that can be drawn. */
  async show(number, signal) {
    const { width, height, error } = this.pages[number - 1];
    if (error) throw new Problem(this.pages.length > 1 ? t('opened.page', { number, reason: error }) : t('opened.failed', { name: this.name, reason: error }));
    const blob = await this.blob(number, signal);
    return blob ? Picture.open(blob, { width, height }) : new Blank(width, height, []);
  }

  /** A page drawn by the service so many pixels wide. */
  async thumbnail(number, width, signal) {
    return this.#api.pagePicture(await this.#keep(signal), number, width, signal);
  }

  /** What a request brings: the file, or the document that the service keeps of it. */
  async input(signal) {
    return this.#document ? { document: await this.#keep(signal) } : this.file;
  }

  /** The id of the document; it is sent once more when its hour is over. */
  async #keep(signal) {
    if (this.#document && Date.now() < this.#document.at + KEPT_MS) return this.#document.id;
    const kept = await this.#api.keepDocument(this.file, signal);
    if (!kept.pages.length) throw new Problem(kept.messages.join(' ') || t('opened.slow', { name: this.name }), { field: 'image' });
    this.#document = { id: kept.id, at: Date.now() };
    this.pages = kept.pages;
    return kept.id;
  }

  close() {
    if (this.#document) this.#api.dropDocument(this.#document.id).catch(() => {}); // it ends by itself
    this.#document = null;
  }
}
