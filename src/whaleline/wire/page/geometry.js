// Rectangles: within the image, and where a pointer takes hold of them.

export const width = (rectangle) => rectangle.right - rectangle.left;
export const height = (rectangle) => rectangle.bottom - rectangle.top;
export const isEmpty = (rectangle) => width(rectangle) <= 0 || height(rectangle) <= 0;
export const corners = ({ left, top, right, bottom }) => ({ left, top, right, bottom });
export const sameRectangle = (a, b) =>
  a.left === b.left && a.top === b.top && a.right === b.right && a.bottom === b.bottom;
export const holds = ({ left, top, right, bottom }, x, y) => x >= left && x < right && y >= top && y < bottom;

/** What of a rectangle lies inside the image. */
export function inside({ left, top, right, bottom }, { width: w, height: h }) {
  const keep = (value, most) => Math.max(0, Math.min(most, value));
  return { left: keep(left, w), top: keep(top, h), right: keep(right, w), bottom: keep(bottom, h) };
}

/** A rectangle moved; one that lies inside the image stays there. */
export function moved(from, dx, dy, image) {
  const limit = (by, low, high, most) => (low >= 0 && high <= most ? Math.max(-low, Math.min(most - high, by)) : by);
  const x = limit(dx, from.left, from.right, image.width);
  const y = limit(dy, from.top, from.bottom, image.height);
  return { left: from.left + x, top: from.top + y, right: from.right + x, bottom: from.bottom + y };
}

/** A rectangle with some of its edges moved; they stop at the image's, and a pixel before the one opposite. */
export function stretched(from, edges, dx, dy, { width: w, height: h }) {
  const to = corners(from);
  if (edges.includes('left')) to.left = Math.max(Math.min(0, from.left), Math.min(from.right - 1, from.left + dx));
  if (edges.includes('right')) to.right = Math.min(Math.max(w, from.right), Math.max(from.left + 1, from.right + dx));
  if (edges.includes('top')) to.top = Math.max(Math.min(0, from.top), Math.min(from.bottom - 1, from.top + dy));
  if (edges.includes('bottom')) to.bottom = Math.min(Math.max(h, from.bottom), Math.max(from.top + 1, from.bottom + dy));
  return to;
}

/** A copy's place: a little aside of the original, and inside the image where the original is. */
export function aside(original, image) {
  const by = Math.max(4, Math.round(Math.min(width(original), height(original)) / 4));
  const way = (low, high, most) => (low >= 0 && high <= most && high + by > most ? -Math.min(by, low) : by);
  const dx = way(original.left, original.right, image?.width ?? Infinity);
  const dy = way(original.top, original.bottom, image?.height ?? Infinity);
  return { left: original.left + dx, top: original.top + dy, right: original.right + dx, bottom: original.bottom + dy };
}

/**
 * The edges of a rectangle that a pointer takes hold of; null for none.
 *
 * @param slack pixels of the same plane around an edge that still belong to it.
 */
export function edgesAt({ left, top, right, bottom }, x, y, slack) {
  // A third of a small rectangle remains to take it by.
  const room = (size) => Math.max(3, Math.min(slack, size / 3));
  const side = (value, low, high) => {
    if (value < low) return value >= low - slack ? 'low' : null;
    if (value > high) return value <= high + slack ? 'high' : null;
    if (value - low <= room(high - low)) return 'low';
    return high - value <= room(high - low) ? 'high' : 'within';
  };
  const across = side(x, left, right);
  const down = side(y, top, bottom);
  if (!across || !down || (across === 'within' && down === 'within')) return null;
  return [{ low: 'left', high: 'right' }[across], { low: 'top', high: 'bottom' }[down]].filter(Boolean);
}
