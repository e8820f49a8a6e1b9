// Several hOCR documents as one; ids and numbers of pages go on.

const XHTML = ' xmlns="http://www.w3.org/1999/xhtml"';

/** One hOCR document of several, each {blob}. Only one is in memory at a time; of the others the browser keeps the text. */
export async function joinHocrs(files) {
  const written = new XMLSerializer();
  const parts = [];
  let shell = null; // the first document without its pages
  let count = 0;
  for (const { blob } of files) {
    const each = new DOMParser().parseFromString(await blob.text(), 'application/xhtml+xml');
    const pages = [...each.querySelectorAll('.ocr_page')];
    if (!pages.length) throw new Error('not a file that the service writes');
    for (const node of each.querySelectorAll('[id]')) node.id = node.id.replace(/\d+/, (number) => count + Number(number));
    for (const page of pages) {
      page.setAttribute('title', page.getAttribute('title').replace(/ppageno (\d+)/, (_, number) => `ppageno ${count + Number(number)}`));
      parts.push(new Blob([written.serializeToString(page).replace(XHTML, ''), '\n']));
      page.remove();
    }
    shell ??= each;
    count += pages.length;
  }
  shell.querySelector('meta[name="ocr-number-of-pages"]')?.setAttribute('content', count);
  const text = written.serializeToString(shell);
  const head = text.startsWith('<?xml') ? '' : '<?xml version="1.0" encoding="UTF-8"?>\n'; // some browsers write it, some do not
  const end = text.lastIndexOf('</body>');
  return new Blob([head, text.slice(0, end), ...parts, text.slice(end), '\n'], { type: 'text/html' });
}
