// The way from a pile of forms to their template: the first one is opened, its fields are marked and saved.

import { $, announce, setText } from './dom.js';
import { t } from './language.js';
import { showTab } from './tabs.js';

export class Marking {
  #pile;
  #opened;
  #regions;
  #reader;

  /**
   * @param chosen gives the files that are ticked, or all.
   * @param onOpen opens a file; resolves to whether it is open.
   */
  constructor(pile, { chosen, opened, regions, reader, onOpen }) {
    this.#pile = pile;
    this.#opened = opened;
    this.#regions = regions;
    this.#reader = reader;
    $('#files-mark').addEventListener('click', async () => {
      const [first] = chosen();
      if (!(await onOpen(first.file))) return;
      announce(t('files.marked'));
      // A form is best drawn on level lines; what has several pages would lose the others.
      if (opened.source.pages.length === 1 && !regions.all.length) await reader.level();
    });
    $('#save-marked').addEventListener('click', () => {
      showTab('templates');
      $('#template-name').focus();
    });
    for (const [each, event] of [[pile, 'change'], [opened, 'open'], [regions, 'change'], [reader, 'change']]) each.addEventListener(event, () => this.show());
  }

  /** Say what comes next while files wait for a template. */
  show() {
    const waiting = this.#pile.count('waiting');
    $('#marking').hidden = !waiting || !this.#opened.image?.file || this.#reader.by !== '';
    setText($('#marking-count'), t('files.waiting', { count: waiting }));
    $('#save-marked').disabled = !this.#regions.all.length;
  }
}
