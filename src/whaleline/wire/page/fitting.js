// Regions that were drawn on an image of another size: it is said, and they are scaled by choice.

import { ask } from './dom.js';
import { t } from './language.js';

export const sameSize = (a, b) => a.width === b.width && a.height === b.height;

/**
 * Ask what is to become of regions on an image of another size than theirs.
 *
 * @returns the regions, scaled or as they are; null where they are refused; undefined where the question was closed.
 */
export async function fit(regions, drawn, size) {
  const answer = await ask({
    title: t('fit.title'),
    text: t('fit.regions', { count: regions.length, ...drawn, newWidth: size.width, newHeight: size.height }),
    choices: [
      { label: t('fit.remove'), value: 'refuse' },
      { label: t('fit.keep'), value: 'keep' },
      { label: t('fit.scale'), value: 'scale', kind: 'primary' },
    ],
  });
  if (answer === 'keep') return regions;
  if (answer === 'scale') return regions.map((region) => scaled(region, size.width / drawn.width, size.height / drawn.height));
  return answer === 'refuse' ? null : undefined;
}

/** A region for an image that is so many times as wide and high. */
export function scaled({ left, top, right, bottom, ...rest }, x, y) {
  const [newLeft, newTop] = [Math.round(left * x), Math.round(top * y)];
  return {
    ...rest,
    left: newLeft,
    top: newTop,
    right: Math.max(newLeft + 1, Math.round(right * x)),
    bottom: Math.max(newTop + 1, Math.round(bottom * y)),
  };
}
