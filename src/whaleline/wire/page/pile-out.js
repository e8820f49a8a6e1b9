// What is taken away of many files: one table of all, or a file of each.

import { $, download, tell } from './dom.js';
import { toRows } from './grid.js';
import { joinHocrs } from './joining-hocr.js';
import { joinPdfs } from './joining-pdf.js';
import { t } from './language.js';
import { sentence, toReading } from './results.js';
import { asCsv, asJson, asText, toSheet } from './table.js';
import { xlsx } from './xlsx.js';
import { zip } from './zip.js';

const text = (write, type) => (items) => new Blob([write(items)], { type: `${type};charset=utf-8` });

/** Written by the page of what it has, for one file or for all. */
const WRITTEN = { csv: text(asCsv, 'text/csv'), json: text(asJson, 'application/json'), txt: text(asText, 'text/plain'), xlsx: workbook };

/** Made by the service, of one file after the other; by the result type, the ending and what joins them. */
const ASKED = { pdf: ['Pdf', 'pdf', joinPdfs], hocr: ['Hocr', 'hocr.html', joinHocrs] };

export class PileOut {
  #api;
  #pile;
  #chosen;
  #stop = null; // ends the files that are being made

  /** @param chosen gives the files that are to be taken. */
  constructor(api, pile, chosen) {
    this.#api = api;
    this.#pile = pile;
    this.#chosen = chosen;
    for (const button of document.querySelectorAll('[data-files]')) button.addEventListener('click', () => this.#take(button.dataset.files));
    $('#files-stop').addEventListener('click', () => this.#stop?.abort());
  }

  show() {
    const isMaking = this.#stop !== null;
    for (const button of document.querySelectorAll('[data-files]')) button.disabled = isMaking;
    $('#files-making').hidden = !isMaking;
  }

  async #take(kind) {
    const items = this.#chosen();
    if (kind in ASKED) {
      await this.#ask(kind, items);
      return;
    }
    if (!$('#files-each').checked || items.length === 1) {
      download(`${items.length === 1 ? stem(items[0]) : 'files'}.${kind}`, await WRITTEN[kind](items));
      return;
    }
    const files = await Promise.all(items.map(async (item) => ({ name: stem(item), blob: await WRITTEN[kind]([item]) })));
    download(`files-${kind}.zip`, await zip(numbered(files, kind)));
  }

  /** Have the service make a result of each file, one after the other; they are joined, unless one file each is wanted. */
  async #ask(kind, items) {
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    const [resultType, extension, join] = ASKED[kind];
    const made = [];
    const lost = [];
    tell($('#files-problem'), '');
    this.show();
    try {
      for (const [at, item] of items.entries()) {
        $('#files-made').textContent = t('files.made', { done: at, count: items.length });
        try {
          made.push({ name: stem(item), blob: await this.#make(item, resultType, signal) });
        } catch (error) {
          if (signal.aborted) return;
          lost.push(`${item.name}: ${sentence(error.message)}`);
        }
      }
    } finally {
      this.#stop = null;
      this.show();
    }
    tell($('#files-problem'), lost.join(' '));
    if (made.length === 1) {
      download(`${made[0].name}.${extension}`, made[0].blob);
    } else if (made.length) {
      const joined = $('#files-each').checked ? null : await join(made).catch(() => null); // one each, where they cannot be
      download(joined ? `files.${extension}` : `files-${kind}.zip`, joined ?? (await zip(numbered(made, extension))));
    }
  }

  /** The whole document in another form, as a blob: so many do not fill the page's memory. */
  async #make({ file, request }, resultType, signal) {
    const { regions: _regions, template: _template, ...settings } = request?.settings ?? {};
    const id = await this.#api.submit('RecognizeImage', file, { ...settings, resultType }, signal);
    const answer = await this.#api.ended('RecognizeImage', id, signal);
    if (answer.taskStatus !== 'Completed') throw new Error(answer.error?.messages.join(' ') || t('run.error'));
    const [{ files }] = toReading(answer, [], {}).items;
    if (!files.length) throw new Error(answer.error?.messages.join(' ') || t('run.empty'));
    return new Blob([files[0].bytes]);
  }
}

/** A sheet with a row for each file, and one for each table that stands in a field. */
function workbook(items) {
  const tables = items.flatMap(({ name, fields }) => fields.flatMap((field) => (field.tables ?? []).map((table) => ({ name: `${field.name || t('sheet.table')} ${name}`, rows: toRows(table) }))));
  return xlsx([{ name: t('sheet.files'), rows: toSheet(items) }, ...tables]);
}

const stem = ({ name }) => name.split('/').at(-1).replace(/\.\w+$/, '');

/** Names of files in an archive, each there once. */
function numbered(files, extension) {
  const taken = new Map();
  return files.map(({ name, blob }) => {
    const times = (taken.get(name) ?? 0) + 1;
    taken.set(name, times);
    return { name: `${name}${times > 1 ? ` ${times}` : ''}.${extension}`, blob };
  });
}
