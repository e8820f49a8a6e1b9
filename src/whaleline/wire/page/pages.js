// The pages of a document: small pictures to choose from, drawn when they come in sight, and the way from one to the next.

import { $, element, setText } from './dom.js';
import { t } from './language.js';

const ITEM = 76; // pixels of a page in the strip, as in style.css
const THUMBNAIL = 120; // pixels that a small picture is drawn wide
const AT_ONCE = 2; // of the service's workers; more would hold up what is read
const KEPT = 200; // small pictures

export class Pages {
  #strip = $('#pages');
  #onPage;
  #source = null;
  #page = 1;
  #nodes = new Map(); // page number to its button, of those in sight
  #drawn = new Map(); // page number to the address of its picture, those used last at the end
  #busy = new Set();
  #failed = new Set(); // asked for again when they come in sight again
  #stop = new AbortController();

  /** @param onPage shows a page. */
  constructor(onPage) {
    this.#onPage = onPage;
    this.#strip.addEventListener('scroll', () => this.#show());
    new ResizeObserver(() => this.#show()).observe(this.#strip);
    $('#page-before').addEventListener('click', () => this.go(this.#page - 1));
    $('#page-after').addEventListener('click', () => this.go(this.#page + 1));
    $('#page-number').addEventListener('change', ({ target }) => {
      this.go(Number(target.value));
      target.value = this.#page;
    });
  }

  /** Go to a page, where there is such a one. */
  go(number) {
    if (Number.isInteger(number) && number >= 1 && number <= this.#count && number !== this.#page) this.#onPage(number);
  }

  get #count() {
    return this.#source?.pages.length ?? 0;
  }

  /** Show the pages of a source; null, and one of a single page, has none to choose from. */
  set source(source) {
    this.#stop.abort();
    this.#stop = new AbortController();
    for (const address of this.#drawn.values()) URL.revokeObjectURL(address);
    this.#drawn.clear();
    this.#busy.clear();
    this.#failed.clear();
    for (const node of this.#nodes.values()) node.remove();
    this.#nodes.clear();
    this.#source = source;
    $('#pages-row').hidden = this.#count < 2;
    $('#page-number').max = this.#count;
    setText($('#page-count'), t('pages.of', { count: this.#count }));
    $('#pages-run').style.width = `${this.#count * ITEM}px`;
    this.page = 1;
  }

  /** Which one is open. */
  set page(number) {
    this.#page = number;
    $('#page-number').value = number;
    $('#page-before').disabled = number <= 1;
    $('#page-after').disabled = number >= this.#count;
    const left = (number - 1) * ITEM;
    const { scrollLeft, clientWidth } = this.#strip;
    if (left < scrollLeft || left + ITEM > scrollLeft + clientWidth) this.#strip.scrollLeft = left - (clientWidth - ITEM) / 2;
    this.#show();
  }

  #show() {
    if (this.#count < 2) return;
    const first = Math.max(1, Math.floor(this.#strip.scrollLeft / ITEM));
    const last = Math.min(this.#count, Math.ceil((this.#strip.scrollLeft + this.#strip.clientWidth) / ITEM) + 1);
    for (const [number, node] of this.#nodes) {
      if (number >= first && number <= last) continue;
      node.remove();
      this.#nodes.delete(number);
    }
    for (let number = first; number <= last; number += 1) {
      let node = this.#nodes.get(number);
      if (!node) {
        node = this.#make(number);
        this.#nodes.set(number, node);
        const next = [...this.#nodes.keys()].filter((other) => other > number).sort((a, b) => a - b)[0];
        $('#pages-run').insertBefore(node, this.#nodes.get(next) ?? null);
      }
      if (number === this.#page) node.setAttribute('aria-current', 'page');
      else node.removeAttribute('aria-current');
    }
    this.#draw();
  }

  #make(number) {
    const node = element('button', { type: 'button', class: 'page', aria: { label: t('page', { number }) }, on: { click: () => this.go(number) } }, element('span', {}, String(number)));
    node.style.left = `${(number - 1) * ITEM}px`;
    this.#failed.delete(number);
    this.#fill(number, node);
    return node;
  }

  #fill(number, node) {
    const address = this.#drawn.get(number);
    if (!address || node.querySelector('img')) return;
    node.prepend(element('img', { src: address, alt: '' }));
  }

  /** Have the service draw what is in sight and is not drawn yet. */
  #draw() {
    const { signal } = this.#stop;
    while (!signal.aborted && this.#busy.size < AT_ONCE) {
      const number = [...this.#nodes.keys()].find((each) => !this.#drawn.has(each) && !this.#busy.has(each) && !this.#failed.has(each) && !this.#source.pages[each - 1].error);
      if (!number) return;
      this.#busy.add(number);
      this.#one(number, signal);
    }
  }

  async #one(number, signal) {
    try {
      const blob = await this.#source.thumbnail(number, THUMBNAIL, signal);
      if (signal.aborted) return;
      this.#drawn.set(number, URL.createObjectURL(blob));
      for (const [oldest, address] of this.#drawn) {
        if (this.#drawn.size <= KEPT) break;
        if (this.#nodes.has(oldest)) continue;
        URL.revokeObjectURL(address);
        this.#drawn.delete(oldest);
      }
      if (this.#nodes.has(number)) this.#fill(number, this.#nodes.get(number));
    } catch {
      this.#failed.add(number); // it stays without a picture; its number is there
    }
    if (signal.aborted) return;
    this.#busy.delete(number);
    this.#draw();
  }
}
