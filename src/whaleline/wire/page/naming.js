// Regions that are proposed for a form: values get the name of the label beside them, and labels need no region themselves.

import { height, holds, width } from './geometry.js';

const LONGEST = 60; // characters of a label
const GAP = 1.5; // heights of a word: more than that parts a label from its value
const FAR = 20; // heights of a word within which a label stands left of its value

const RIM = 0.3; // heights of a word around words that are cut out
const SAME_ROW = 0.75; // of their heights is common to boxes of one row
const MORE = 0.15; // heights of a word around a box that was found, which is tight

const middle = ({ left, right, top, bottom }) => [(left + right) / 2, (top + bottom) / 2];
const area = (box) => width(box) * height(box);
const textOf = (words) => words.map(({ text }) => text).join(' ');
const asName = (words) => textOf(words).replace(/[\s:.…_]+$/u, '').trim();
const isLabel = (words) => words.length > 0 && textOf(words).length <= LONGEST && /\p{L}/u.test(words[0].text) && !/\d{3}/.test(textOf(words));
const byLine = (words) => Object.values(Object.groupBy(words, ({ line }) => line)).map((line) => line.toSorted((a, b) => a.left - b.left));

/**
 * Fields from what was found on a page.
 *
 * @param found boxes of regions, in reading order.
 * @param words of the page, each with its box, text and line.
 * @returns regions {name, left, top, right, bottom} in that order; names are '' where no label is near.
 */
export function nameRegions(found, words) {
  const boxes = apart(found);
  const owners = new Map(words.map((word) => [word, ownerOf(word, boxes)]));
  const names = new Map(); // box to the words of its label
  const used = new Set(); // words of labels
  for (const box of boxes.toSorted((a, b) => a.left - b.left)) {
    const label = beside(box, words, owners);
    // What has a label is a value, and names nothing.
    if (!isLabel(label) || names.has(owners.get(label[0]))) continue;
    names.set(box, label);
    for (const word of label) used.add(word);
  }
  return boxes.flatMap((box) => {
    const own = words.filter((word) => owners.get(word) === box);
    const isElsewhere = (word) => boxes.some((other) => other !== box && names.has(other) && holds(other, ...middle(word)));
    const rest = own.filter((word) => !used.has(word) && !isElsewhere(word));
    if (own.length && !rest.length) return []; // a label and nothing else
    const name = asName(names.get(box) ?? []);
    return name ? [{ ...roomy(box, rest, words), name }] : cut(box, rest);
  });
}

/** Boxes of which those that overlap in one row are one: a value was found twice there. */
function apart(found) {
  const boxes = [];
  for (const box of found) {
    const at = boxes.findIndex((other) => isOneRow(box, other));
    if (at < 0) boxes.push(box);
    else boxes[at] = around(boxes[at], box);
  }
  return boxes;
}

const around = (one, other) => ({
  left: Math.min(one.left, other.left),
  top: Math.min(one.top, other.top),
  right: Math.max(one.right, other.right),
  bottom: Math.max(one.bottom, other.bottom),
});

function isOneRow(one, other) {
  const common = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
  return one.left < other.right && other.left < one.right && common > SAME_ROW * Math.max(height(one), height(other));
}

/** The box of a value with room for a longer one: around its print, and on to the next print in its row, or as far as any. */
function roomy(box, own, words) {
  const rim = Math.round(Math.max(0, ...own.map(height)) * MORE);
  const isNext = (word) => !own.includes(word) && word.left >= box.right && middle(word)[1] > box.top && middle(word)[1] < box.bottom;
  const next = words.filter(isNext).map(({ left }) => left - rim);
  const end = next.length ? Math.min(...next) : Math.max(...words.map(({ right }) => right));
  return { left: Math.max(0, box.left - rim), top: Math.max(0, box.top - rim), right: Math.max(box.right, end), bottom: box.bottom + rim };
}

/** The smallest box that holds a word. */
function ownerOf(word, boxes) {
  return boxes.filter((box) => holds(box, ...middle(word))).reduce((best, box) => (best && area(best) <= area(box) ? best : box), null);
}

/** The words of one line that end left of a box, in its row; the nearest ones that belong together. */
function beside(box, words, owners) {
  const inRow = words
    .filter((word) => owners.get(word) !== box && middle(word)[1] > box.top && middle(word)[1] < box.bottom && word.right <= box.left + height(word) / 2)
    .toSorted((a, b) => b.right - a.right);
  const [nearest] = inRow;
  if (!nearest || box.left - nearest.right > FAR * height(nearest)) return [];
  const label = [nearest];
  for (const word of inRow.slice(1)) {
    const boxes = new Set([owners.get(word), owners.get(nearest)].filter((owner) => owner)); // a word's box may be too wide for its region
    const isNext = word.line === nearest.line && boxes.size < 2 && label[0].left - word.right < GAP * height(word);
    if (isNext) label.unshift(word);
  }
  return label;
}

/** A region as it is; or where each of its lines is a label with a value after a colon or a wide gap, the values. */
function cut(box, words) {
  const parts = byLine(words).map(labelled);
  if (!parts.length || parts.some((part) => part === null)) return [{ ...box, name: '' }];
  return parts.map(({ label, value }) => {
    const rim = Math.round(Math.max(...value.map(height)) * RIM);
    return {
      name: asName(label),
      left: Math.max(0, Math.min(...value.map(({ left }) => left)) - rim),
      top: Math.max(0, Math.min(...value.map(({ top }) => top)) - rim),
      right: Math.max(box.right, ...value.map(({ right }) => right + rim)),
      bottom: Math.max(...value.map(({ bottom }) => bottom)) + rim,
    };
  });
}

/** The label and the value of a line; null where it is not one and the other. */
function labelled(line) {
  let at = line.findIndex(({ text }) => text.endsWith(':')) + 1;
  if (!at) at = line.findIndex((word, here) => here > 0 && word.left - line[here - 1].right > GAP * Math.max(...line.map(height)));
  if (at < 1 || at >= line.length) return null;
  const [label, value] = [line.slice(0, at), line.slice(at)];
  return isLabel(label) ? { label, value } : null;
}
