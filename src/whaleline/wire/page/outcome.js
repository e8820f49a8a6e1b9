// What a reading came to: its summary and messages above all regions, and the files that can be had of it.

import { isToCheck } from './checking.js';
import { $, copy, download, element, setText, tell } from './dom.js';
import { toRows } from './grid.js';
import { t } from './language.js';
import { asCsv, asJson, asText, fileName, sentence, toReading, toSheet } from './results.js';
import { Cancelled, Run } from './run.js';
import { xlsx } from './xlsx.js';
import { zip } from './zip.js';

/** Written by the page from what it has. */
const WRITTEN = { Text: ['txt', asText], JSON: ['json', asJson], CSV: ['csv', asCsv], XLSX: ['xlsx', workbook] };

/** Asked for when they are wanted, since they are other results of the same request. */
const ASKED = { Pdf: ['pdf', 'application/pdf'], Hocr: ['hocr.html', 'text/html'] };

export class Outcome {
  #api;
  #tell;
  #onTurn;
  #reading = null;

  /**
   * @param tell shows a problem, or takes it away with ''.
   * @param onTurn reads again with other degrees of Rotate.
   */
  constructor(api, tell, onTurn) {
    this.#api = api;
    this.#tell = tell;
    this.#onTurn = onTurn;
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
    $('#view-read').classList.toggle('has-results', Boolean(reading)); // which come first on a phone
    if (!reading) return;
    const { items, messages, image } = reading;
    const read = items.filter(({ text, files }) => text || files.length).length;
    setText($('#outcome-text'), summary(reading, read));
    $('#outcome').classList.toggle('unfit', Boolean(reading.isUnfit));
    $('#outcome-messages').replaceChildren(...messages.map((message) => element('li', {}, message, this.#turning(message, image))));
    const doubtful = items.filter(isToCheck).length;
    tell($('#check'), doubtful ? t('files.check', { count: doubtful }) : '');
    const hasText = items.some(({ text }) => text !== null);
    const canAskAgain = Boolean(image?.file);
    $('#copy-all').hidden = !hasText;
    $('#legend').hidden = !items.some(({ words }) => words.length);
    for (const button of document.querySelectorAll('[data-download]')) {
      button.hidden = button.dataset.download in WRITTEN ? !hasText : !canAskAgain;
    }
    $('#download-label').hidden = !hasText && !canAskAgain;
  }

  /** A button to do what a message says would read better. */
  #turning(message, image) {
    const degrees = /with Rotate (\d+)/.exec(message)?.[1];
    if (!degrees || !image?.file) return null;
    return element('button', { type: 'button', class: 'button small', on: { click: () => this.#onTurn(Number(degrees)) } }, t('outcome.turn', { degrees }));
  }

  async #write(kind) {
    const [extension, write] = WRITTEN[kind];
    const written = await write(this.#reading);
    download(`${stem(this.#reading)}.${extension}`, written instanceof Blob ? written : new Blob([written], { type: 'text/plain;charset=utf-8' }));
  }

  async #ask(kind, button) {
    const { items, image, request, operation } = this.#reading;
    const name = stem(this.#reading);
    const [extension, type] = ASKED[kind];
    const label = t(`kind.${kind.toLowerCase()}`);
    const run = new Run(this.#api, operation, t('run.making', { kind: label }), $('#runs'));
    button.disabled = true;
    this.#tell('');
    try {
      const answer = await run.start(await image.source.input(), { ...request, resultType: kind });
      const asked = items.map(({ region }) => region).filter(Boolean);
      const files = toReading(answer, asked, { isForm: items.length > 1 })
        .items.map((item, at) => ({ name: fileName({ ...item, name: items[at].name }, extension), blob: new Blob([item.files[0]?.bytes ?? ''], { type }) }))
        .filter(({ blob }) => blob.size);
      if (!files.length) this.#tell(t('outcome.nothing', { kind: label }));
      else if (files.length === 1) download(`${name}.${extension}`, files[0].blob);
      else download(`${name}-${extension.split('.')[0]}.zip`, await zip(files));
      run.node.remove();
    } catch (error) {
      if (!(error instanceof Cancelled)) this.#tell(sentence(error.message));
    } finally {
      button.disabled = false;
    }
  }
}

function summary({ items, isUnfit }, read) {
  if (isUnfit) return t('outcome.unfit');
  const unread = items.reduce((sum, item) => sum + item.unread.length, 0);
  const rest = unread ? ` ${t('read.unread', { count: unread })}` : '';
  if (items[0].region) return t('outcome.regions', { read, count: items.length }) + rest;
  return (items[0].field ? t('outcome.fields', { read, count: items.length }) : t(unread ? 'outcome.part' : 'outcome.whole')) + rest;
}

/** A sheet of the texts, and one for each table among them. */
function workbook(reading) {
  const tables = reading.items.flatMap((item) => (item.tables ?? []).map((table) => ({ name: item.name || t('sheet.numbered', { number: item.position }), rows: toRows(table) })));
  return xlsx([{ name: t('sheet.results'), rows: toSheet(reading) }, ...tables]);
}

const stem = ({ image }) => (image?.name ?? 'task').replace(/\.\w+$/, '');
