// What a task read, by region: its words for the picture, its text for people, its files for programs.

import { fromBase64 } from './base64.js';
import { corners, sameRectangle } from './geometry.js';
import { t } from './language.js';
import { title } from './regions.js';
import { cell } from './table.js';

const decoder = new TextDecoder();

/**
 * A task's answer, taken apart.
 *
 * @param regions what was asked for, in order, each {id, name, page, left, top, right, bottom}; empty for the whole image,
 *   and for the fields of a template that the service keeps.
 * @param extras what belongs to the reading beside: the image, the settings; `isForm` where a template was asked for by name.
 */
export function toReading(answer, regions, extras) {
  const results = answer.results ?? [];
  const entries = regions.length ? regions : extras.isForm ? results.map(() => null) : [null];
  const perRegion = Math.max(1, Math.floor(results.length / entries.length));
  const { general, byPosition } = sortMessages(answer.error?.messages ?? []);
  const items = entries.map((region, at) => {
    const parts = toParts(results.slice(at * perRegion, (at + 1) * perRegion), region?.page ?? 1);
    return { region, position: at + 1, ...parts, name: region?.name ?? parts.field?.name ?? '' };
  });
  for (const item of items) {
    const done = asDone(item.blocks?.[0]);
    if (!item.region) general.push(...done);
    item.message = [byPosition.get(item.position), ...(item.field?.reasons ?? []).map(sentence), ...(item.region ? done : [])].filter(Boolean).join(' ');
  }
  return { ...extras, items, messages: general };
}

/** Whether a scan was asked to be read as a form and is none: nobody knows where any of its fields lies. */
export const isUnfit = ({ items }) => items.length > 0 && items.every(({ field }) => field && !field.corners && !field.box);

/** What was done to a region, unasked, to read it. */
function asDone({ turned = 0, flattened = false } = {}) {
  return [turned && t('outcome.turned', { degrees: turned }), flattened && t('outcome.flattened')].filter(Boolean);
}

/** Messages that name a region by its position stand with it; the rest stand above all. */
export function sortMessages(messages) {
  const general = [];
  const byPosition = new Map();
  for (const message of messages) {
    if (/^field ['"]/.test(message)) continue; // the field's own reasons say the same
    const position = Number(/^region (\d+)\b/.exec(message)?.[1] ?? 0);
    if (position) byPosition.set(position, sentence(message.replace(/^region \d+ (\([^)]*\) )?/, 'This region ')));
    else general.push(sentence(message));
  }
  return { general, byPosition };
}

export const sentence = (text) => {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
};

function toParts(results, page) {
  const parts = { files: [], blocks: null, text: null, words: [], unread: [], confidence: null, field: null };
  for (const { type, data } of results) {
    const bytes = fromBase64(data ?? '');
    if (type === 'JSON') Object.assign(parts, fromBlocks(bytes.length ? JSON.parse(decoder.decode(bytes)) : [], page));
    else if (type === 'Text') parts.text = decoder.decode(bytes);
    else parts.files.push({ type, bytes });
  }
  return parts;
}

function fromBlocks(blocks, page) {
  const read = blocks.filter(({ unread }) => !unread);
  const lines = read.flatMap((block) => block.lines.map((line) => ({ ...line, page: block.page ?? block.field?.page ?? page })));
  const words = lines.flatMap((line, at) =>
    line.words.map((word) => ({ ...toBox(word), text: word.text, confidence: word.confidence, line: at, page: line.page })),
  );
  const unread = blocks.filter((block) => block.unread).map((block) => ({ ...toBox(block), page: block.page ?? page }));
  const tables = read.map(({ table }) => table).filter(Boolean);
  const { field = null } = read[0] ?? {};
  if (field) return { blocks, words, unread, tables, field, text: said(field), confidence: field.confidence };
  const confidence = words.length ? words.reduce((sum, word) => sum + word.confidence, 0) / words.length : null;
  return { blocks, words, unread, tables, text: lines.map(({ text }) => text).join('\n'), confidence };
}

/** What a field says: the value that was made of its print, where its kind has values. */
const said = ({ kind, text, value }) => (kind === 'text' ? text : String(value ?? text));

const toBox = ({ topLeftX, topLeftY, bottomRightX, bottomRightY }) => ({ left: topLeftX, top: topLeftY, right: bottomRightX, bottom: bottomRightY });

export const toRect = ({ left, top, right, bottom }) => ({ topLeftX: left, topLeftY: top, bottomRightX: right, bottomRightY: bottom });

export const fromRect = toBox;

/** Whether a region stands elsewhere now than where it was read. */
export const isOutdated = (item, region) => Boolean(item.region && region && !sameRectangle(item.region, region));

/** All texts, each under its region's name where it has one. */
export function asText(reading) {
  return reading.items
    .map(({ name, text }) => {
      if (!name) return text ?? '';
      return text?.includes('\n') ? `${name}:\n${text}` : `${name}: ${text ?? ''}`;
    })
    .join('\n')
    .concat('\n');
}

export function asJson(reading) {
  const rows = reading.items.map(({ position, name, region, text, confidence, blocks, message, checked = false, original }) => ({
    position,
    name,
    rect: region && toRect(region),
    text,
    confidence: confidence === null ? null : Math.round(confidence * 10) / 10,
    checked,
    ...(original !== undefined && { original }),
    ...(message && { message }),
    ...(region?.page > 1 && { page: region.page }),
    blocks,
  }));
  return `${JSON.stringify(rows, null, 2)}\n`;
}

/** A row for each region or field, under a head. */
export function toSheet(reading) {
  const rows = reading.items.map(({ position, name, region, text, confidence, original }) => {
    const { left = '', top = '', right = '', bottom = '' } = region ? corners(region) : {};
    return [position, name, left, top, right, bottom, confidence === null ? '' : Math.round(confidence * 10) / 10, text ?? '', original === undefined ? '' : t('review.corrected.note', { text: original })];
  });
  return [['position', 'name', 'left', 'top', 'right', 'bottom', 'confidence', 'text', 'note'], ...rows];
}

/** RFC 4180, with the byte order mark by which spreadsheets know UTF-8. */
export function asCsv(reading) {
  return `\ufeff${toSheet(reading).map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

/** A file name for an item: its position, and its name where it has one. */
export function fileName(item, extension) {
  const name = item.region ? title(item, item.position) : t('result.whole');
  const safe = name.toLowerCase().normalize('NFC').replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '');
  return `${String(item.position).padStart(2, '0')}-${safe || 'region'}.${extension}`;
}
