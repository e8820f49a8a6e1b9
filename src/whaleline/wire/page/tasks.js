// The view of the client's tasks: what state each is in, how old it is, and what can be done with it.

import { $, announce, ask, duration, element, span } from './dom.js';

const REFRESH_MS = 2000;

const STATES = {
  Pending: 'Queued',
  Processing: 'Processing',
  Completed: 'Done',
  Error: 'Failed',
};

const CODES = {
  PartiallyNotFound: 'some regions or fields were not found',
  NoAnyResultData: 'no text found',
};

export class TaskList {
  #api;
  #body;
  #message;
  #onOpen;
  #known;
  #timer = 0;
  #rows = new Map();

  /** @param known gives what this browser knows of a task: {name, pages, template}, or null. */
  constructor(api, { body, message, known, onOpen }) {
    this.#known = known;
    this.#api = api;
    this.#body = body;
    this.#message = message;
    this.#onOpen = onOpen;
  }

  /** Show the list and keep it fresh until `hide`. */
  show() {
    clearTimeout(this.#timer);
    $('#tasks-title').textContent = `Tasks of the last ${this.#kept()}`;
    this.#refresh();
  }

  /** For how long the service keeps a task. */
  #kept() {
    return span(this.#api.facts?.retentionSeconds ?? 86400);
  }

  hide() {
    clearTimeout(this.#timer);
    this.#timer = 0;
  }

  async #refresh() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#refresh(), REFRESH_MS);
    if (document.hidden) return;
    try {
      const { tasks, more } = await this.#api.tasks();
      this.#fill(tasks);
      this.#tell(tasks.length ? (more ? `The newest ${tasks.length} are shown.` : '') : `No tasks in the last ${this.#kept()}.`, false);
    } catch (problem) {
      this.#tell(problem.message, true);
      if (problem.status === 401) {
        this.#fill([]);
        this.hide();
      }
    }
  }

  #fill(tasks) {
    const seen = new Set(tasks.map(({ id }) => id));
    for (const [id, row] of this.#rows) {
      if (!seen.has(id)) {
        row.node.remove();
        this.#rows.delete(id);
      }
    }
    tasks.forEach((task, at) => {
      if (!this.#rows.has(task.id)) this.#rows.set(task.id, this.#makeRow(task));
      const row = this.#rows.get(task.id);
      row.update(task);
      if (this.#body.children[at] !== row.node) this.#body.insertBefore(row.node, this.#body.children[at] ?? null);
    });
  }

  #makeRow({ id, operation }) {
    const cell = (label, ...content) => element('td', { data: { label } }, ...content);
    const state = element('span', { class: 'state' });
    const code = element('span', { class: 'muted state-code' });
    const age = element('span');
    const time = element('span');
    const short = id.slice(0, 8);
    const known = this.#known(id);
    const name = known ? element('strong', { class: 'task-name', title: known.name }, known.name) : null;
    const facts = [operation, known?.pages > 1 && `${known.pages} pages`, known?.template && `by “${known.template}”`].filter(Boolean).join(', ');
    const open = element('button', { type: 'button', class: 'button small', aria: { label: `Open task ${short}` }, on: { click: () => this.#onOpen(operation, id) } }, 'Open');
    const drop = element('button', { type: 'button', class: 'button small', on: { click: () => this.#drop(operation, id) } });
    const node = element(
      'tr',
      { data: { id } },
      cell('Task', name, element('code', { title: id }, short), element('span', { class: 'muted' }, facts)),
      cell('State', state, code),
      cell('Age', age),
      cell('Duration', time),
      element('td', { class: 'row-actions' }, open, drop),
    );
    return {
      node,
      update: (task) => {
        const isOpen = task.taskStatus === 'Pending' || task.taskStatus === 'Processing';
        state.textContent = STATES[task.taskStatus];
        state.dataset.state = task.taskStatus;
        const pages = isOpen && task.pages ? `${task.pages.done} of ${task.pages.all} pages` : '';
        code.textContent = task.taskStatus === 'Error' ? task.messages.join(' ') : pages || (CODES[task.responseStatusCode] ?? '');
        age.textContent = duration(task.age);
        time.textContent = task.duration === null ? '–' : duration(task.duration);
        open.disabled = isOpen;
        drop.textContent = isOpen ? 'Cancel' : 'Erase';
        drop.setAttribute('aria-label', `${drop.textContent} task ${short}`);
        node.dataset.open = String(isOpen);
      },
    };
  }

  async #drop(operation, id) {
    const isOpen = this.#rows.get(id)?.node.dataset.open === 'true';
    if (!isOpen) {
      const answer = await ask({
        title: 'Erase the task?',
        text: 'Its results are deleted from the service at once. This cannot be undone.',
        choices: [
          { label: 'Keep it', value: '' },
          { label: 'Erase', value: 'yes', kind: 'danger' },
        ],
      });
      if (!answer) return;
    }
    try {
      await this.#api.erase(operation, id);
      announce(isOpen ? 'The task is cancelled.' : 'The task is erased.');
    } catch (problem) {
      this.#tell(problem.message, true);
      return;
    }
    await this.#refresh();
  }

  #tell(text, isProblem) {
    this.#message.hidden = !text;
    this.#message.className = isProblem ? 'complaint' : 'muted';
    if (this.#message.textContent !== text) this.#message.textContent = text;
  }
}
