// The view of the client's tasks: what state each is in, how old it is, and what can be done with it.

import { $, announce, confirm, duration, element, tell } from './dom.js';
import { t } from './language.js';

const REFRESH_MS = 2000;

/** Outcomes that are told beside the state. */
const CODES = ['PartiallyNotFound', 'NoAnyResultData'];

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

  /** Show the list, by what this browser knows now, and keep it fresh until `hide`. */
  show() {
    clearTimeout(this.#timer);
    this.#fill([]);
    $('#tasks-title').textContent = titleFor(this.#api.facts?.retentionSeconds ?? 86400);
    this.#refresh();
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
      this.#tell(tasks.length ? (more ? t('tasks.newest', { count: tasks.length }) : '') : t('tasks.none'), false);
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

  #makeRow({ id, operation, client }) {
    const cell = (label, ...content) => element('td', label ? { data: { label } } : {}, ...content);
    const state = element('span', { class: 'state' });
    const code = element('span', { class: 'muted state-code' });
    const age = element('span');
    const time = element('span');
    const short = id.slice(0, 8);
    const known = this.#known(id);
    const name = known ? element('strong', { class: 'task-name', title: known.name }, known.name) : null;
    const facts = [operation, known?.pages > 1 && t('pages.all', { count: known.pages }), known?.template && t('tasks.by', { name: known.template })].filter(Boolean).join(', ');
    const open = element('button', { type: 'button', class: 'button small', aria: { label: t('tasks.open.label', { id: short }) }, on: { click: () => this.#onOpen(operation, id) } }, t('tasks.open'));
    const drop = element('button', { type: 'button', class: 'button small', on: { click: () => this.#drop(operation, id) } });
    const node = element(
      'tr',
      { data: { id } },
      cell('', name, element('code', { title: id }, short), element('span', { class: 'muted' }, facts)),
      cell('', state, code),
      cell(t('tasks.who'), client, known ? element('span', { class: 'muted state-code' }, t('tasks.who.here')) : null),
      cell(t('tasks.age'), age),
      cell(t('tasks.duration'), time),
      element('td', { class: 'row-actions' }, open, drop),
    );
    return {
      node,
      update: (task) => {
        const isOpen = task.taskStatus === 'Pending' || task.taskStatus === 'Processing';
        state.textContent = t(`tasks.${task.taskStatus}`);
        state.dataset.state = task.taskStatus;
        const pages = isOpen && task.pages ? t('pages.done', { done: task.pages.done, count: task.pages.all }) : '';
        code.textContent = task.taskStatus === 'Error' ? task.messages.join(' ') : pages || (CODES.includes(task.responseStatusCode) ? t(`tasks.${task.responseStatusCode}`) : '');
        age.textContent = duration(task.age);
        time.textContent = task.duration === null ? '–' : duration(task.duration);
        open.disabled = isOpen;
        drop.textContent = isOpen ? t('cancel') : t('tasks.erase');
        drop.setAttribute('aria-label', t(isOpen ? 'tasks.cancel.label' : 'tasks.erase.label', { id: short }));
        node.dataset.open = String(isOpen);
      },
    };
  }

  async #drop(operation, id) {
    const isOpen = this.#rows.get(id)?.node.dataset.open === 'true';
    if (!isOpen && !(await confirm('tasks.erase'))) return;
    try {
      await this.#api.erase(operation, id);
      announce(t(isOpen ? 'tasks.cancelled' : 'tasks.erased'));
    } catch (problem) {
      this.#tell(problem.message, true);
      return;
    }
    await this.#refresh();
  }

  #tell(text, isProblem) {
    this.#message.className = isProblem ? 'complaint' : 'muted';
    tell(this.#message, text);
  }
}

/** What the list is called, by the seconds for which the service keeps a task. */
function titleFor(seconds) {
  if (seconds % 3600 === 0) return t('tasks.hours', { count: seconds / 3600 });
  return seconds % 60 === 0 ? t('tasks.minutes', { count: seconds / 60 }) : t('tasks.seconds', { count: seconds });
}
