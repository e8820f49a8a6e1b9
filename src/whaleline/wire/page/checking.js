// What a person has to look at, and has said, of what was read.

/** Confidence in percent under which a person should look at a value. */
const DOUBTFUL = 90;

/**
 * What was read of a region or a field, as it is checked, listed and exported: {name, text, confidence, box, page, pages,
 * tables, message, checked}, with `original` where a person has corrected the text; and for the fields of a form what else
 * the API tells of them: kind, valid, reasons, other, corners.
 */
export function toField({ name, text, confidence, region, message, field, words, tables, checked = false, original }) {
  return {
    ...(field && { kind: field.kind, valid: field.valid, reasons: field.reasons, printed: field.text, corners: field.corners, other: field.other }),
    name,
    text: text ?? '',
    confidence,
    box: region ?? boxOf(field),
    page: region?.page ?? field?.page ?? 1,
    pages: Math.max(1, ...words.map(({ page }) => page)),
    tables,
    message,
    checked,
    original,
  };
}

const boxOf = (field) => field?.box && { left: field.box.topLeftX, top: field.box.topLeftY, right: field.box.bottomRightX, bottom: field.box.bottomRightY };

/** The same with a person's word for its text: as it stands, or corrected; null takes back what a person has said. */
export function checkedAs(read, text) {
  const original = read.original ?? read.text;
  const isCorrected = text !== null && text !== original;
  return { ...read, text: text ?? original, checked: text !== null, original: isCorrected ? original : undefined };
}

/** What a person has said of each: a text, or null where nothing. */
export const saidOf = (list) => list.map(({ checked, text }) => (checked ? text : null));

/** Whether a person should look at a field. An empty one of a form may be; whether it may, the service has said. */
export function isDoubtful({ kind, valid, reasons, text, confidence, checked }) {
  if (checked || kind === 'picture') return false;
  if (valid !== undefined) return !valid || reasons.length > 0 || (text !== '' && confidence < DOUBTFUL);
  return !text || confidence === null || confidence < DOUBTFUL;
}

/** Whether a person should look at what was read of a region. What came without its text, such as a PDF, cannot be checked. */
export const isToCheck = (item) => item.text !== null && isDoubtful(toField(item));

/** The doubtful fields of items, each {id, fields}, as {id, at}: invalid ones first, then the least sure. */
export const doubtfulOf = (items) =>
  items
    .flatMap(({ id, fields }) => fields.map((field, at) => ({ id, at, field })))
    .filter(({ field }) => isDoubtful(field))
    .sort((a, b) => urgency(a.field) - urgency(b.field))
    .map(({ id, at }) => ({ id, at }));

const urgency = ({ valid, confidence }) => (valid === false ? -101 : 0) + (confidence ?? 0);

/** What was read of the file that is open, to be checked as the files of the pile are: one item without an id. */
export class OpenedChecks {
  #opened;
  #regions;

  constructor(opened, regions) {
    this.#opened = opened;
    this.#regions = regions;
  }

  get doubtful() {
    const { attached } = this.#regions;
    const isShown = ({ region }) => !region || this.#regions.get(region.id);
    const isOffered = ({ at }) => isToCheck(attached.items[at]) && isShown(attached.items[at]);
    return attached ? doubtfulOf([this.get('')]).filter(isOffered) : [];
  }

  get(id) {
    const { file = null, name = '' } = this.#opened.image ?? {};
    return { id, name, file, fields: this.#regions.attached.items.map(toField) };
  }

  check(_id, at, text) {
    const { attached } = this.#regions;
    this.#regions.attach({ ...attached, items: attached.items.map((item, place) => (place === at ? checkedAs(item, text) : item)) });
  }
}
