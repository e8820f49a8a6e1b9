// A file of the pile before it is read: what it is at first, the forms in it, and the regions that fit it.

import { isTyped } from './fields.js';
import { sameSize, scaled } from './fitting.js';
import { t } from './language.js';
import { Problem } from './problem.js';
import { sentence } from './results.js';
import { Source } from './source.js';

const MANY = /\.(pdf|tiff?|djvu?)$/i; // files that may have several pages

/** A file that waits, and was not read yet. */
export const fresh = (file, name, order) => ({ id: crypto.randomUUID(), order, file, name, state: 'waiting', task: null, request: null, fields: [], message: '' });

/** Whether a file is to be read by a template and may have several pages. */
export const mayHoldForms = ({ file, request }) => request.template !== '' && MANY.test(file.name);

/**
 * Where a form has one page and a document more, each page is taken for a form.
 *
 * @returns a file of the pile for each page, with its picture as the service draws it; null where it is not so.
 */
export async function formsOf(api, { file, name, order, request }, signal) {
  const { pages } = await api.template(request.template);
  const pictures = pages.length === 1 ? await Source.pictures(api, file, signal) : null;
  return (
    pictures?.map((picture, at) => {
      const isLost = picture instanceof Problem;
      const page = isLost ? file : new File([picture], `${name}-${at + 1}.jpg`, { type: picture.type });
      const made = fresh(page, t('files.page', { name, number: at + 1 }), order + (at + 1) / (pictures.length + 1));
      return isLost ? { ...made, state: 'failed', message: sentence(picture.message) } : { ...made, request };
    }) ?? null
  );
}

/** The regions for a file: scaled where its picture has another size than the one that they were drawn on. */
export async function fitted(file, { regions, size }) {
  if (!size || !regions.length || regions.some(({ field }) => isTyped(field))) return regions; // a form is fitted by the service
  let picture;
  try {
    picture = await createImageBitmap(file);
  } catch {
    return regions; // the service will know how large it is
  }
  const own = { width: picture.width, height: picture.height };
  picture.close();
  return sameSize(own, size) ? regions : regions.map((region) => scaled(region, own.width / size.width, own.height / size.height));
}
