// An image on its way in: chosen, photographed, pasted or dropped.

import { $ } from './dom.js';

/** Of the formats that the service reads. */
const ENDINGS = 'png jpg jpeg bmp gif tif tiff webp jp2 j2k jpx avif heic heif hif pbm pgm ppm pnm svg pdf djvu djv'.split(' ');

export const isRead = ({ type, name }) => type.startsWith('image/') || ENDINGS.includes(name.split('.').at(-1).toLowerCase());

/** Tell `onImage` of an image file that the user brings, `onMany` of several, and `onOther` of a file that is none. */
export function listenForImages({ onImage, onMany, onOther }) {
  const take = (list) => {
    const files = [...list].filter(isRead);
    if (files.length > 1) onMany(files);
    else if (files.length) onImage(files[0]);
    else if (list.length) onOther(list[0]);
  };

  for (const input of document.querySelectorAll('[data-accepts]')) input.accept = ['image/*', ...ENDINGS.map((ending) => `.${ending}`)].join();
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
  document.addEventListener('drop', async (event) => {
    hint(false);
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    take(await dropped(event.dataTransfer));
  });
}

/** The files of a drop, those of its folders too. */
async function dropped({ items, files }) {
  const entries = [...items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some(({ isDirectory }) => isDirectory)) return [...files];
  return (await Promise.all(entries.map(within))).flat();
}

async function within(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    // As a folder that is chosen has it, so that files of two folders can be told apart.
    return [Object.defineProperty(file, 'webkitRelativePath', { value: entry.fullPath.slice(1) })];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject)); // a hundred at a time
    if (!some.length) break;
    found.push(...some);
  }
  return (await Promise.all(found.map(within))).flat();
}
