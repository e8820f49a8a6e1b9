// What lies over the picture beside regions and words: fields of a form where they were found, and print that nobody read.

const SVG = 'http://www.w3.org/2000/svg';

function shape(tag, attributes, text) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  return made;
}

export class Marks {
  node = shape('svg', { class: 'marks', 'aria-hidden': 'true' });
  #view;
  #fields = shape('g', {});
  #unread = shape('g', {});

  constructor(view) {
    this.#view = view;
    this.node.append(this.#unread, this.#fields);
  }

  /** Fields with their corners in the picture, each {name, corners, isDoubtful}. */
  set fields(list) {
    this.#fields.replaceChildren(
      ...list.map(({ name, corners, isDoubtful }) => {
        const polygon = shape('polygon', { class: isDoubtful ? 'laid doubtful' : 'laid', points: corners.map((point) => point.join()).join(' ') });
        polygon.dataset.name = name;
        return polygon;
      }),
    );
    this.place();
  }

  /** Rectangles that hold print which was not read. */
  set unread(list) {
    this.#unread.replaceChildren(
      ...list.map(({ left, top, right, bottom }) => shape('rect', { class: 'unread', x: left, y: top, width: right - left, height: bottom - top })),
    );
    this.place();
  }

  /** Follow the view. */
  place() {
    const { x, y, scale } = this.#view;
    for (const group of [this.#fields, this.#unread]) group.setAttribute('transform', `translate(${x} ${y}) scale(${scale})`);
  }
}
