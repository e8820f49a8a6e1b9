// The card of a region: its name, its corners, what it holds, and what was read of it.

import { announce, element, iconButton, setText, tell } from './dom.js';
import { FieldForm, isTyped, kindName } from './fields.js';
import { corners, height, width } from './geometry.js';
import { t } from './language.js';
import { title } from './regions.js';
import { isOutdated } from './results.js';
import { makeSortable } from './sortable.js';

/** The edges of a region, and the API's names for them. */
const EDGES = { left: 'topLeftX', top: 'topLeftY', right: 'bottomRightX', bottom: 'bottomRightY' };

const smallButton = (key, act) => element('button', { type: 'button', class: 'button small', on: { click: act } }, t(key));

export class RegionCard {
  node;
  #id;
  #regions;
  #shown = null; // the region as it is shown
  #number = element('span', { class: 'number' });
  #name;
  #grip = iconButton('grip', '', () => {}, { class: 'grip' });
  #buttons; // by what they do
  #inputs;
  #size = element('span', { class: 'size' });
  #details;
  #complaint;
  #note = element('p', { class: 'note', hidden: true });
  #summary = element('p', { class: 'summary' });
  #result = element('div', { class: 'result', hidden: true });

  /** @param onEdit gives the focus to the name of a region; onRemove removes this one. */
  constructor(id, { list, regions, onEdit, onRemove }) {
    this.#id = id;
    this.#regions = regions;
    this.#name = element('input', {
      type: 'text',
      class: 'name',
      placeholder: t('region.name'),
      maxLength: 100,
      autocomplete: 'off',
      spellcheck: false,
      on: { input: () => regions.change(id, { name: this.#name.value }, `name ${id}`) },
    });
    this.#buttons = {
      duplicate: iconButton('duplicate', '', () => onEdit(regions.duplicate(id).id)),
      delete: iconButton('delete', '', onRemove),
      split: smallButton('region.split', () => {
        const half = regions.split(id);
        if (half) onEdit(half.id);
      }),
      merge: smallButton('region.merge', () => onEdit(regions.merge([id, regions.all[regions.position(id)].id]).id)),
    };
    this.#inputs = Object.entries(EDGES).map(([edge, api]) =>
      element('input', { type: 'number', step: 1, inputMode: 'numeric', title: api, data: { edge }, on: { change: () => this.#typed() } }),
    );
    this.#details = new FieldForm(id, (field) => regions.change(id, { field }));
    this.#complaint = element('p', { class: 'complaint', id: `complaint-${id}`, hidden: true });
    this.node = element(
      'li',
      { class: 'card', data: { id } },
      element('div', { class: 'card-head' }, this.#grip, this.#number, this.#name, this.#buttons.duplicate, this.#buttons.delete),
      this.#summary,
      element(
        'div',
        { class: 'edges' },
        ...this.#inputs.map((input) => element('label', {}, element('span', {}, t(`region.${input.dataset.edge}`)), input)),
        this.#size,
      ),
      this.#details.node,
      element('p', { class: 'row-actions region-actions' }, this.#buttons.split, this.#buttons.merge),
      this.#complaint,
      this.#note,
      this.#result,
    );
    makeSortable({
      list,
      selector: '.card[data-id]',
      node: this.node,
      grip: this.#grip,
      position: () => regions.position(id) - 1,
      move: (to) => {
        regions.move(id, to);
        announce(t('region.moved', { position: regions.position(id), count: regions.all.length }));
      },
    });
  }

  focus() {
    this.#name.focus();
  }

  /** Give the focus to the name, to be written anew. */
  edit() {
    this.#name.focus();
    this.#name.select();
  }

  /** Show what was read of the region; null where nothing was. */
  fill(nodes) {
    this.#result.hidden = !nodes;
    this.#result.replaceChildren(...(nodes ?? []));
  }

  /**
   * Show a region as it is now.
   *
   * @param position its place in the order, from 1; `pages` is how many pages there are.
   * @param item what was read of it, or null; `notes` is what else there is to say, each a sentence or ''.
   */
  update(region, { position, pages, item, notes }) {
    const name = title(region, position);
    const { all } = this.#regions;
    const hasMoved = Object.keys(EDGES).some((edge) => this.#shown?.[edge] !== region[edge]);
    setText(this.#number, String(position));
    if (this.#name.value !== region.name) this.#name.value = region.name;
    this.#name.setAttribute('aria-label', t('region.name.label', { number: position }));
    this.#grip.setAttribute('aria-label', t('region.order.label', { name, position, count: all.length }));
    this.#grip.title = t('region.order');
    for (const verb of ['duplicate', 'delete']) this.#buttons[verb].title = t(`region.${verb}`);
    for (const verb of ['duplicate', 'delete', 'split']) this.#buttons[verb].setAttribute('aria-label', t(`region.${verb}.label`, { name }));
    const next = all[position];
    this.#buttons.merge.hidden = next?.page !== region.page;
    if (next) this.#buttons.merge.setAttribute('aria-label', t('region.merge.label', { name, next: title(next, position + 1) }));
    for (const input of this.#inputs) {
      const { edge } = input.dataset;
      input.setAttribute('aria-label', t(`region.${edge}.label`, { name }));
      if (this.#shown?.[edge] !== region[edge]) input.value = region[edge];
    }
    if (hasMoved) this.#complain(null);
    setText(this.#size, `${width(region)} × ${height(region)}`);
    const place = `${region.left}, ${region.top} – ${region.right}, ${region.bottom}`;
    setText(this.#summary, [pages > 1 && t('region.page', { page: region.page }), isTyped(region.field) && kindName(region.field), place].filter(Boolean).join(' · '));
    this.#details.update(region.field);
    this.#details.node.setAttribute('aria-label', t('region.holds', { name }));
    this.#shown = region;
    const isOld = Boolean(item && isOutdated(item, region));
    tell(this.#note, [...notes, item?.message, isOld && t('region.changed')].filter(Boolean).join(' '));
    this.#result.classList.toggle('outdated', isOld);
  }

  /** Take the typed corners, or say why they make no rectangle. */
  #typed() {
    const typed = Object.fromEntries(this.#inputs.map((input) => [input.dataset.edge, input.value === '' ? NaN : Number(input.value)]));
    const isWhole = (value) => Number.isInteger(value) && Math.abs(value) < 2 ** 31;
    const wrong = !Object.values(typed).every(isWhole)
      ? [t('region.whole'), Object.keys(EDGES).filter((edge) => !isWhole(typed[edge]))]
      : typed.right <= typed.left
        ? [t('region.right.least', { edge: typed.left }), ['right']]
        : typed.bottom <= typed.top
          ? [t('region.bottom.least', { edge: typed.top }), ['bottom']]
          : null;
    this.#complain(wrong);
    if (wrong) announce(wrong[0]);
    else this.#regions.change(this.#id, typed);
  }

  #complain(wrong) {
    tell(this.#complaint, wrong?.[0] ?? '');
    for (const input of this.#inputs) {
      const isWrong = Boolean(wrong?.[1].includes(input.dataset.edge));
      input.setAttribute('aria-invalid', String(isWrong));
      if (isWrong) input.setAttribute('aria-describedby', this.#complaint.id);
      else input.removeAttribute('aria-describedby');
    }
  }
}

/** Whether a region lies beyond an image of such a size, as a sentence; '' where it does not, or the size is not known. */
export function beyond(region, size) {
  if (!size) return '';
  const { left, top, right, bottom } = corners(region);
  if (left >= size.width || top >= size.height || right <= 0 || bottom <= 0) return t('region.outside', size);
  return left < 0 || top < 0 || right > size.width || bottom > size.height ? t('region.beyond', size) : '';
}
