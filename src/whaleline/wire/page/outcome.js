// What a reading came to: its summary and messages above all regions, and the files that can be had of it.

import { $, copy, count, download, element, setText } from './dom.js';
import { asCsv, asJson, asText, fileName, sentence, toReading } from './results.js';
import { Cancelled, Run } from './run.js';
import { zip } from './zip.js';

/** Written by the page from what it has. */
const WRITTEN = { Text: ['txt', asText], JSON: ['json', asJson], CSV: ['csv', asCsv] };

/** Asked for when they are wanted, since they are other results of the same request. */
const ASKED = { Pdf: ['pdf', 'PDF', 'application/pdf'], Hocr: ['hocr.html', 'hOCR', 'text/html'] };

export class Outcome {
  #api;
  #operation;
  #tell;
  #reading = null;

  /** @param tell shows a problem, or takes it away with ''. */
  constructor(api, operation, tell) {
    this.#api = api;
    this.#operation = operation;
    this.#tell = tell;
    $('#copy-all').addEventListener('click', (event) => copy(asText(this.#reading), event.target));
    for (const button of document.querySelectorAll('[data-download]')) {
      const kind = button.dataset.download;
      button.addEventListener('click', () => (WRITTEN[kind] ? this.#write(kind) : this.#ask(kind, button)));
    }
  }

  /** Show what was read; null shows nothing. */
  set reading(reading) {
    this.#reading = reading;
    $('#outcome').hidden = !reading;
    if (!reading) return;
    const { items, messages, image } = reading;
    const read = items.filter(({ text, files }) => text || files.length).length;
    setText($('#outcome-text'), items[0].region ? `Text in ${read} of ${count(items.length, 'region')}.` : 'The whole image was read.');
    $('#outcome-messages').replaceChildren(...messages.map((message) => element('li', {}, message)));
    const hasText = items.some(({ text }) => text !== null);
    const canAskAgain = Boolean(image?.file);
    $('#copy-all').hidden = !hasText;
    $('#legend').hidden = !items.some(({ words }) => words.length);
    for (const button of document.querySelectorAll('[data-download]')) {
      button.hidden = button.dataset.download in WRITTEN ? !hasText : !canAskAgain;
    }
    $('#download-label').hidden = !hasText && !canAskAgain;
  }

  #write(kind) {
    const [extension, write] = WRITTEN[kind];
    download(`${stem(this.#reading)}.${extension}`, new Blob([write(this.#reading)], { type: 'text/plain;charset=utf-8' }));
  }

  async #ask(kind, button) {
    const { items, image, request } = this.#reading;
    const name = stem(this.#reading);
    const [extension, label, type] = ASKED[kind];
    const run = new Run(this.#api, this.#operation, `Making ${label}`, $('#runs'));
    button.disabled = true;
    this.#tell('');
    try {
      const answer = await run.start(image.file, { ...request, resultType: kind });
      const asked = items.map(({ region }) => region).filter(Boolean);
      const files = toReading(answer, asked, {})
        .items.map((item, at) => ({ name: fileName({ ...item, name: items[at].name }, extension), bytes: item.files[0]?.bytes }))
        .filter(({ bytes }) => bytes?.length);
      if (!files.length) this.#tell(`No region lies inside the image, so there is no ${label}.`);
      else if (files.length === 1) download(`${name}.${extension}`, new Blob([files[0].bytes], { type }));
      else download(`${name}-${extension.split('.')[0]}.zip`, zip(files));
      run.node.remove();
    } catch (error) {
      if (!(error instanceof Cancelled)) this.#tell(sentence(error.message));
    } finally {
      button.disabled = false;
    }
  }
}

const stem = ({ image }) => (image?.name ?? 'task').replace(/\.\w+$/, '');
