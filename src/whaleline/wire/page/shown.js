// What was read, as it is on the screen: summary, words, fields and unread print keep in step with the regions and the page.

import { isDoubtful, toField } from './checking.js';
import { $, announce, setText } from './dom.js';
import { t } from './language.js';

export class Shown extends EventTarget {
  #whole = null; // what was read
  #present = null; // what of it is on the screen: the results of regions that are gone are not
  #stage;
  #cards;
  #opened;
  #regions;
  #reader;
  #outcome;

  constructor({ stage, cards, opened, regions, reader, outcome }) {
    super();
    this.#stage = stage;
    this.#cards = cards;
    this.#opened = opened;
    this.#regions = regions;
    this.#reader = reader;
    this.#outcome = outcome;
    regions.addEventListener('attached', () => this.#take(regions.attached));
    reader.addEventListener('reading', ({ detail }) => this.#take(detail));
    regions.addEventListener('change', () => {
      const isGone = this.items.some(({ region }) => region && !regions.get(region.id));
      const isBack = this.#whole?.items.some((item) => item.region && regions.get(item.region.id) && !this.items.includes(item));
      if (isGone || isBack) this.show();
    });
    opened.addEventListener('page', () => {
      cards.page = opened.page;
      this.#showOver();
    });
    stage.addEventListener('word', ({ detail }) => cards.showWord(detail));
    cards.addEventListener('word', ({ detail }) => stage.showWord(detail.word, { reveal: detail.reveal }));
    $('#toggle-words').addEventListener('click', ({ currentTarget }) => {
      currentTarget.setAttribute('aria-pressed', String(!isPressed(currentTarget)));
      this.#showOver();
    });
    $('#toggle-unread').addEventListener('click', ({ currentTarget }) => this.#toggleUnread(currentTarget));
  }

  /** What was read of the regions and fields that are on the screen. */
  get items() {
    return this.#present?.items ?? [];
  }

  #take(reading) {
    this.#whole = reading;
    this.#cards.reading = reading;
    this.#present = null;
    this.show();
  }

  /** Show what of the reading belongs on the screen. */
  show() {
    const whole = this.#whole;
    const isOfRegions = Boolean(whole && !whole.isForm && this.#reader.by); // which are not shown while a template is chosen
    const items = isOfRegions ? [] : (whole?.items.filter(({ region }) => !region || this.#regions.get(region.id)) ?? []);
    this.#present = items.length ? { ...whole, items } : null;
    this.#outcome.reading = this.#present;
    this.#showOver();
    this.dispatchEvent(new Event('change'));
  }

  /** What of it lies over the page that is open. */
  #showOver() {
    const { page, source } = this.#opened;
    const { items } = this;
    const words = items.flatMap((item) => item.words).filter((word) => word.page === page);
    $('#toggle-words').hidden = !items.some((item) => item.words.length);
    this.#stage.outlined = isPressed($('#toggle-words')) ? words : [];
    this.#stage.laid = items
      .filter(({ region, field }) => !region && field?.corners && field.page === page)
      .map((item) => ({ name: item.name, corners: item.field.corners, isDoubtful: isDoubtful(toField(item)) }));
    $('#toggle-unread').hidden = !this.#present || !source;
    this.#tellUnread(null);
    this.#stage.unread = [];
  }

  /** Tell on the button how many places are shaded; null where they are not. */
  #tellUnread(count) {
    const button = $('#toggle-unread');
    const label = count === null ? t('tool.unread') : t('tool.unread.count', { count });
    button.setAttribute('aria-pressed', String(count !== null));
    button.setAttribute('aria-label', label);
    setText($('span', button), label);
    button.dataset.count = count ?? ''; // where there is no room for words
  }

  async #toggleUnread(button) {
    if (isPressed(button)) {
      this.#showOver();
      return;
    }
    const boxes = await this.#reader.unread();
    if (!boxes) return;
    this.#stage.unread = boxes;
    this.#tellUnread(boxes.length);
    announce(boxes.length ? t('read.unread', { count: boxes.length }) : t('read.unread.none'));
  }
}

const isPressed = (button) => button.getAttribute('aria-pressed') === 'true';
