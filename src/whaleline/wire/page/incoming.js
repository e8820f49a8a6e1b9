// An image on its way in: chosen, photographed, pasted or dropped; then decoded, by the service where the browser cannot.

import { Problem } from './api.js';
import { $ } from './dom.js';
import { Picture } from './picture.js';
import { toReading } from './results.js';
import { Cancelled, Run } from './run.js';

/** Tell `onImage` of each image file that the user brings, and `onOther` of a file that is none. */
export function listenForImages({ onImage, onOther }) {
  const take = (list) => {
    const file = [...list].find(({ type, name }) => type.startsWith('image/') || /\.(tiff?|png|jpe?g|webp|bmp|gif)$/i.test(name));
    if (file) onImage(file);
    else if (list.length) onOther(list[0]);
  };

  for (const id of ['choose', 'camera', 'reopen']) {
    $(`#${id}`).addEventListener('change', (event) => {
      take(event.target.files);
      event.target.value = ''; // so that the same file can be chosen again
    });
  }

  document.addEventListener('paste', (event) => {
    if (!event.clipboardData?.files.length) return;
    event.preventDefault();
    take(event.clipboardData.files);
  });

  const hint = (isOver) => document.body.classList.toggle('dropping', isOver);
  for (const type of ['dragenter', 'dragover']) {
    document.addEventListener(type, (event) => {
      if (!event.dataTransfer.types.includes('Files')) return;
      event.preventDefault();
      hint(true);
    });
  }
  document.addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) hint(false);
  });
  document.addEventListener('drop', (event) => {
    hint(false);
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    take(event.dataTransfer.files);
  });
}

/**
 * The picture in an image file.
 *
 * @param place the list that shows tasks under way, where the service has to help.
 * @throws Problem where neither the browser nor the service can show it.
 */
export async function decode(file, { api, signIn, operation, place }) {
  try {
    return await Picture.open(file);
  } catch {
    // TIFF, for one. What the engine would see of it can be shown as well.
    if (!(await signIn.ensure())) throw new Problem('This browser cannot show the image by itself. Sign in to let the service show it.');
  }
  const run = new Run(api, operation, 'Showing the image', place);
  try {
    const plain = { resultType: 'ImagePNG', makeSkewCorrect: false, makeContrastCorrection: false };
    const [{ files }] = toReading(await run.start(file, plain), [], {}).items;
    return await Picture.open(new Blob([files[0].bytes], { type: 'image/png' }));
  } catch (error) {
    throw error instanceof Cancelled ? new Problem('The image was not opened.') : error;
  } finally {
    run.node.remove();
  }
}
