// An item's place in its list, changed by dragging its grip or by arrow keys on it.

const EDGE = 40; // pixels at the ends of what scrolls, within which a drag scrolls it
const SPEED = 8; // pixels to a frame

/**
 * @param list the list's element; `node` the item, one of its children that match `selector`; `grip` a button in it.
 * @param position tells the item's place, counted from 0, and `move` brings it to another.
 */
export function makeSortable({ list, selector, node, grip, position, move }) {
  grip.addEventListener('keydown', (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity }[event.key];
    if (!by) return;
    event.preventDefault();
    move(position() + by);
  });

  let place = null; // where the item would be dropped; null while it is not dragged
  let y = 0;

  const follow = () => {
    const others = [...list.querySelectorAll(selector)].filter((item) => item !== node);
    place = others.filter((item) => {
      const box = item.getBoundingClientRect();
      return y > box.top + box.height / 2;
    }).length;
    for (const item of others) item.classList.remove('before', 'after');
    if (place === position()) return;
    if (others[place]) others[place].classList.add('before');
    else others.at(-1)?.classList.add('after');
  };

  const scroll = (scroller) => {
    if (place === null) return;
    const isPage = scroller === document.scrollingElement;
    const box = isPage ? { top: 0, bottom: innerHeight } : scroller.getBoundingClientRect();
    const by = y < box.top + EDGE ? -SPEED : y > box.bottom - EDGE ? SPEED : 0;
    const before = scroller.scrollTop;
    scroller.scrollTop += by;
    if (scroller.scrollTop !== before) follow();
    requestAnimationFrame(() => scroll(scroller));
  };

  grip.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    grip.setPointerCapture(event.pointerId);
    place = position();
    y = event.clientY;
    node.classList.add('dragged');
    requestAnimationFrame(() => scroll(scrollerOf(list)));
  });
  grip.addEventListener('pointermove', (event) => {
    if (place === null) return;
    y = event.clientY;
    follow();
  });

  const end = (drop) => {
    if (place === null) return;
    for (const item of list.children) item.classList.remove('before', 'after', 'dragged');
    const target = place;
    place = null;
    if (drop) move(target);
  };
  grip.addEventListener('pointerup', () => end(true));
  grip.addEventListener('pointercancel', () => end(false));
  grip.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') end(false);
  });
}

function scrollerOf(node) {
  for (let at = node.parentElement; at; at = at.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(at).overflowY) && at.scrollHeight > at.clientHeight) return at;
  }
  return document.scrollingElement;
}
