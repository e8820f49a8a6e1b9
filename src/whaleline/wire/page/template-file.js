// Templates as the API has them (/api/templates/schema), and how the regions of the page become one and come from one.

import { toBase64 } from './base64.js';
import { PLAIN } from './fields.js';
import { t } from './language.js';
import { fromRect, toRect } from './results.js';

const PICTURE_BYTES = 2 * 2 ** 20; // at most, by the schema
const LONGEST = 3000; // pixels of a picture's longer side; print of a form is legible then

/** The file does not hold a template; the message says why. */
export class NotATemplate extends Error {}

/** The regions and the sizes of the pages of a template. */
export function toRegions({ fields }) {
  return fields.map(({ name, page = 1, rect, ...field }) => ({ name, page, ...fromRect(rect), field: Object.freeze({ ...PLAIN, ...field }) }));
}

/** The field of a template for each region. Names must be there and differ, so those that do not are numbered. */
export function toFields(regions, language) {
  const taken = new Set();
  return regions.map((region, at) => {
    const wanted = region.name.trim() || t('region', { number: at + 1 });
    let name = wanted;
    for (let number = 2; taken.has(name); number += 1) name = `${wanted} ${number}`;
    taken.add(name);
    const spoken = region.field.language ?? language;
    return {
      name,
      ...(region.page > 1 && { page: region.page }),
      rect: toRect(region),
      ...region.field,
      ...(spoken && spoken !== 'English' && { language: spoken }),
    };
  });
}

/**
 * A template of regions.
 *
 * @param pages {width, height, picture} of each page, where `picture` is the Base64 of an image file of that size or null.
 */
export function toTemplate(name, regions, pages, language) {
  const most = Math.max(1, ...regions.map(({ page }) => page));
  return {
    format: 'whaleline-template',
    version: 1,
    name,
    pages: pages.slice(0, most).map(({ width, height, picture }) => ({ width, height, ...(picture && { picture }) })),
    fields: toFields(regions, language),
  };
}

/** The template in a decoded file; one that an earlier version of this page has written becomes one of today. */
export function checked(value) {
  if (value?.format !== 'whaleline-template') throw new NotATemplate(t('templates.notOne'));
  if (!Array.isArray(value.regions)) return value; // the service says what is wrong with the rest
  const regions = value.regions.map(({ name, rect }) => ({ name: String(name ?? ''), page: 1, ...fromRect(rect), field: PLAIN }));
  if (!regions.length) throw new NotATemplate(t('templates.needs.fields'));
  return toTemplate(String(value.name), regions, [{ ...value.image, picture: null }]);
}

/**
 * The picture of a page as a template has it: small enough, and with the regions in its own pixels.
 *
 * @returns {width, height, picture, scale}: `scale` is what a region of the page is multiplied by.
 */
export async function toPicture(blob, { width, height }) {
  const bitmap = await createImageBitmap(blob);
  let scale = Math.min(1, LONGEST / Math.max(width, height));
  try {
    for (;;) {
      const [w, h] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
      const canvas = new OffscreenCanvas(w, h);
      const context = canvas.getContext('2d');
      context.imageSmoothingQuality = 'high';
      context.drawImage(bitmap, 0, 0, w, h);
      for (const quality of [0.9, 0.7]) {
        const made = await canvas.convertToBlob({ type: 'image/jpeg', quality });
        if (made.size <= PICTURE_BYTES) return { width: w, height: h, picture: await toBase64(made), scale };
      }
      scale *= 0.8;
    }
  } finally {
    bitmap.close();
  }
}
