// A file of the pile before it is read: what it is at first, the forms in it, and the regions that fit it.

import { bind } from './binding.js';
import { isTyped } from './fields.js';
import { sameSize, scaled } from './fitting.js';
import { t } from './language.js';
import { Problem } from './problem.js';
import { sentence } from './results.js';
import { Source } from './source.js';

const MANY = /\.(pdf|tiff?|djvu?)$/i; // files that may have several pages

/** A file that waits, and was not read yet. */
export const fresh = (file, name, order) => ({ id: crypto.randomUUID(), order, file, name, state: 'waiting', task: null, request: null, fields: [], message: '' });

/** How many pages a file has, as far as is known. */
export const pagesOf = ({ pages, fields }) => Math.max(pages ?? 1, ...fields.map(({ pages }) => pages ?? 1));

/** Whether a file is to be read by a template and may have several pages. */
export const mayHoldForms = ({ file, request }) => request.template !== '' && MANY.test(file.name);

/**
 * Where a document has more pages than the form, each so many of them are taken for a form.
 *
 * @returns a file of the pile for each form, with its pages as the service draws them; null where the document is no longer
 *   than the form.
 */
export async function formsOf(api, { file, name, order, request }, signal) {
  const each = (await api.template(request.template)).pages.length;
  const pictures = await Source.pictures(api, file, { more: each, signal });
  if (!pictures) return null;
  const count = Math.ceil(pictures.length / each);
  return Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const [from, to] = [at * each + 1, Math.min((at + 1) * each, pictures.length)];
      const own = pictures.slice(from - 1, to);
      const lost = own.find((picture) => picture instanceof Problem);
      const title = from === to ? t('files.page', { name, number: from }) : t('files.pages', { name, from, to });
      const made = fresh(lost ? file : await asFile(own, name, from), title, order + (at + 1) / (count + 1));
      return lost ? { ...made, state: 'failed', message: sentence(lost.message) } : { ...made, request };
    }),
  );
}

/** Pictures of pages as a file: the picture itself, or a document of several. */
async function asFile(pictures, name, from) {
  if (pictures.length === 1) return new File([pictures[0].blob], `${name}-${from}.jpg`, { type: pictures[0].blob.type });
  return new File([await bind(pictures)], `${name}-${from}.pdf`, { type: 'application/pdf' });
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
