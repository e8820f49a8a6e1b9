// The request that reads regions.

import { isTyped } from './fields.js';
import { inside } from './geometry.js';
import { toRect } from './results.js';
import { toTemplate } from './template-file.js';

export const REGIONS = 'RecognizeRegions';
export const WHOLE = 'RecognizeImage';

/** The request for a page's regions, drawn on pages of such sizes. Kinds and the like are told as a template of its own. */
export function requestFor(regions, values, sizes) {
  const isForm = regions.some(({ field }) => isTyped(field)) && regions.every(({ page }) => sizes[page - 1]);
  if (!isForm) {
    const placed = regions.map((region, at) => ({ order: at + 1, rect: toRect(region), ...(region.page > 1 && { page: region.page }) }));
    return { operation: REGIONS, settings: { ...values, regions: placed } };
  }
  const within = regions.map((region) => ({ ...region, ...inside(region, sizes[region.page - 1]) }));
  return { operation: REGIONS, settings: { ...values, template: toTemplate('regions', within, sizes, values.language) } };
}
