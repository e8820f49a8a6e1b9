// What a task read, by region: its words for the picture, its text for people, its files for programs.

import { fromBase64 } from './api.js';
import { corners, sameRectangle } from './geometry.js';
import { title } from './regions.js';

const decoder = new TextDecoder();

/**
 * A task's answer, taken apart.
 *
 * @param regions what was asked for, in order, each {id, name, left, top, right, bottom}; empty for the whole image.
 * @param extras what belongs to the reading beside: the image, the settings, the task's id.
 */
export function toReading(answer, regions, extras) {
  const results = answer.results ?? [];
  const entries = regions.length ? regions : [null];
  const perRegion = Math.max(1, Math.floor(results.length / entries.length));
  const { general, byPosition } = sortMessages(answer.error?.messages ?? []);
  const items = entries.map((region, at) => ({
    region,
    position: at + 1,
    name: region?.name ?? '',
    message: byPosition.get(at + 1) ?? '',
    ...toParts(results.slice(at * perRegion, (at + 1) * perRegion)),
  }));
  return { ...extras, items, messages: general };
}

/** Messages that name a region by its position stand with it; the rest stand above all. */
export function sortMessages(messages) {
  const general = [];
  const byPosition = new Map();
  for (const message of messages) {
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

function toParts(results) {
  const parts = { files: [], blocks: null, text: null, words: [], confidence: null };
  for (const { type, data } of results) {
    const bytes = fromBase64(data ?? '');
    if (type === 'JSON') Object.assign(parts, fromBlocks(bytes.length ? JSON.parse(decoder.decode(bytes)) : []));
    else if (type === 'Text') parts.text = decoder.decode(bytes);
    else parts.files.push({ type, bytes });
  }
  return parts;
}

function fromBlocks(blocks) {
  const lines = blocks.flatMap((block) => block.lines);
  const words = lines.flatMap((line, at) => line.words.map((word) => ({ ...toBox(word), text: word.text, confidence: word.confidence, line: at })));
  const confidence = words.length ? words.reduce((sum, word) => sum + word.confidence, 0) / words.length : null;
  return { blocks, words, text: lines.map(({ text }) => text).join('\n'), confidence };
}

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
  const rows = reading.items.map(({ position, name, region, text, confidence, blocks, message }) => ({
    position,
    name,
    rect: region && toRect(region),
    text,
    confidence: confidence === null ? null : Math.round(confidence * 10) / 10,
    ...(message && { message }),
    blocks,
  }));
  return `${JSON.stringify(rows, null, 2)}\n`;
}

/** RFC 4180, with the byte order mark by which spreadsheets know UTF-8. */
export function asCsv(reading) {
  const cell = (value) => (/[",\r\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value));
  const rows = reading.items.map(({ position, name, region, text, confidence }) => {
    const { left = '', top = '', right = '', bottom = '' } = region ? corners(region) : {};
    return [position, name, left, top, right, bottom, confidence === null ? '' : confidence.toFixed(1), text ?? ''];
  });
  return `\ufeff${[['position', 'name', 'left', 'top', 'right', 'bottom', 'confidence', 'text'], ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

/** A file name for an item: its position, and its name where it has one. */
export function fileName(item, extension) {
  const name = item.region ? title(item, item.position) : 'Whole image';
  const safe = name.toLowerCase().normalize('NFC').replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '');
  return `${String(item.position).padStart(2, '0')}-${safe || 'region'}.${extension}`;
}
