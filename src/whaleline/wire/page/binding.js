// Pictures of pages bound together as a document, so that a form of several pages is sent as one.

import { PdfWriter, toBytes } from './pdf-writer.js';

const POINTS = 72; // of an inch, in which PDF measures
const SPACES = { 1: '/DeviceGray', 3: '/DeviceRGB' };

/** A PDF of JPEG pictures, each {blob, dpi}, in their own pixels. */
export async function bind(pictures) {
  const [catalog, root] = [1, 2];
  const writer = new PdfWriter();
  const kids = [];
  for (const [at, { blob, dpi }] of pictures.entries()) {
    const bytes = new Uint8Array(await blob.arrayBuffer());
    const { width, height, components } = frameOf(bytes);
    const [page, content, image] = [0, 1, 2].map((number) => root + 1 + 3 * at + number);
    const [w, h] = [width, height].map((pixels) => ((pixels * POINTS) / dpi).toFixed(4));
    const drawn = `${w} 0 0 ${h} 0 0 cm /Im Do`;
    writer.write(page, `<< /Type /Page /Parent ${root} 0 R /MediaBox [ 0 0 ${w} ${h} ] /Contents ${content} 0 R /Resources << /XObject << /Im ${image} 0 R >> >> >>`);
    writer.write(content, `<< /Length ${drawn.length} >>\nstream\n${drawn}\nendstream`);
    writer.write(image, `<< /Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace ${SPACES[components]} /BitsPerComponent 8 /Filter /DCTDecode /Length ${bytes.length} >>\nstream\n`, bytes);
    writer.put(toBytes('\nendstream\nendobj\n'));
    writer.flush();
    kids.push(`${page} 0 R`);
  }
  writer.write(catalog, `<< /Type /Catalog /Pages ${root} 0 R >>`);
  writer.write(root, `<< /Type /Pages /Kids [ ${kids.join(' ')} ] /Count ${kids.length} >>`);
  return writer.end(catalog);
}

/** What the frame header of a JPEG says (marker SOF0 to SOF2). */
function frameOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let at = 2;
  while (view.getUint8(at + 1) < 0xc0 || view.getUint8(at + 1) > 0xc2) at += 2 + view.getUint16(at + 2);
  return { height: view.getUint16(at + 5), width: view.getUint16(at + 7), components: view.getUint8(at + 9) };
}
