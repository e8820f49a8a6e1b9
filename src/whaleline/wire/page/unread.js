// Print that lies in no region.

/** Whether a point lies in a shape: a rectangle, or the corners of a quadrilateral, each [x, y]. */
function holds(shape, x, y) {
  if (!Array.isArray(shape)) return x >= shape.left && x < shape.right && y >= shape.top && y < shape.bottom;
  let inside = false;
  shape.forEach(([x0, y0], at) => {
    const [x1, y1] = shape[(at + 1) % shape.length];
    if (y0 > y !== y1 > y && x < ((x1 - x0) * (y - y0)) / (y1 - y0) + x0) inside = !inside;
  });
  return inside;
}

/** Boxes around the words that lie in none of the shapes; neighbours in a line have one together. */
export function outside(words, shapes) {
  const boxes = [];
  let last = null; // the word before, where it lies outside, too
  for (const word of words) {
    const { left, top, right, bottom, line } = word;
    if (shapes.some((shape) => holds(shape, (left + right) / 2, (top + bottom) / 2))) {
      last = null;
      continue;
    }
    const box = boxes.at(-1);
    if (last?.line === line && left - last.right < 2 * (bottom - top)) {
      boxes[boxes.length - 1] = { left: Math.min(box.left, left), top: Math.min(box.top, top), right: Math.max(box.right, right), bottom: Math.max(box.bottom, bottom) };
    } else {
      boxes.push({ left, top, right, bottom });
    }
    last = word;
  }
  return boxes;
}
