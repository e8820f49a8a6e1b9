// One task under way: sent, queued, processed, ended; shown with its times, and cancelled on wish.

import { announce, duration, element, setText } from './dom.js';
import { t } from './language.js';
import { Problem } from './problem.js';

const FIRST_LOOK_MS = 60;
const LOOK_MS = 500;

const STEPS = ['sending', 'queued', 'processing'];

/** The task has been cancelled by the user. */
export class Cancelled extends Error {}

export class Run {
  id = null;
  #api;
  #operation;
  #label;
  #began = performance.now();
  #entered = {}; // milliseconds since the start, by step
  #step = null;
  #stop = new AbortController();
  #steps = Object.fromEntries(
    STEPS.map((name) => [name, element('li', { data: { step: name } }, element('span', {}, t(`run.${name}`)), element('time'))]),
  );
  #outcome = element('span', { class: 'run-outcome' });
  #cancel = element('button', { type: 'button', class: 'button small', on: { click: () => this.cancel() } }, t('cancel'));

  /** @param place the list that shows tasks under way; the run adds itself. */
  constructor(api, operation, label, place) {
    this.#api = api;
    this.#operation = operation;
    this.#label = label;
    this.node = element(
      'li',
      { class: 'run', data: { state: 'sending' } },
      element('strong', { class: 'run-label' }, label),
      this.#outcome,
      element('ol', { class: 'steps', aria: { label: t('run.progress', { label }) } }, ...Object.values(this.#steps)),
      this.#cancel,
    );
    place.append(this.node);
  }

  /**
   * Submit, and wait for the end.
   *
   * @returns the answer of a task that is Completed.
   * @throws Cancelled, or Problem with the task's messages or the service's.
   */
  async start(image, settings) {
    const clock = setInterval(() => this.#tick(), 100);
    this.#enter('sending');
    try {
      this.id = await this.#api.submit(this.#operation, image, settings, this.#stop.signal);
      if (this.#stop.signal.aborted) await this.#api.erase(this.#operation, this.id);
      this.#stop.signal.throwIfAborted();
      this.#enter('queued');
      this.#look(FIRST_LOOK_MS);
      const answer = await this.#api.ended(this.#operation, this.id, this.#stop.signal);
      if (answer.taskStatus === 'NotExist') throw new Problem(t('run.erased'));
      if (answer.taskStatus !== 'Completed') throw new Problem(answer.error?.messages.join(' ') || t('run.error'));
      this.#end('done');
      return answer;
    } catch (error) {
      if (this.#stop.signal.aborted) {
        this.#end('cancelled');
        throw new Cancelled();
      }
      this.#end('failed', error.message);
      throw error;
    } finally {
      clearInterval(clock);
    }
  }

  async cancel() {
    this.#stop.abort();
    if (this.id) await this.#api.erase(this.#operation, this.id).catch(() => {}); // it expires by itself then
  }

  /** See whether the task has left the queue, less and less often; the answer itself comes by the held request. */
  async #look(pause) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (this.#step !== 'queued') return;
    try {
      const { taskStatus } = await this.#api.status(this.id, this.#stop.signal);
      if (taskStatus === 'Processing' && this.#step === 'queued') this.#enter('processing');
    } catch {
      // The held request tells what there is to tell.
    }
    this.#look(Math.min(LOOK_MS, pause * 1.5));
  }

  #enter(step) {
    this.#entered[step] = performance.now() - this.#began;
    this.#step = step;
    this.node.dataset.state = step;
    this.#tick();
    if (step === 'processing') announce(t('run.processing.said', { label: this.#label }));
  }

  #end(state, reason = '') {
    // A task may start and end between two looks; then all its time counts as processing.
    if (state === 'done' && this.#step === 'queued') {
      this.#entered.processing = this.#entered.queued;
      this.#step = 'processing';
    }
    this.#tick();
    for (const node of Object.values(this.#steps)) node.classList.remove('now');
    this.#step = null;
    this.node.dataset.state = state;
    this.#cancel.remove();
    const time = duration((performance.now() - this.#began) / 1000);
    this.#outcome.textContent = t(`run.${state}`, { time });
    announce(t(`run.${state}.said`, { label: this.#label, time, reason }));
  }

  #tick() {
    const now = performance.now() - this.#began;
    STEPS.forEach((name, at) => {
      const node = this.#steps[name];
      const from = this.#entered[name];
      if (from === undefined) return;
      const next = STEPS.slice(at + 1).map((later) => this.#entered[later]).find((time) => time !== undefined);
      node.classList.toggle('now', name === this.#step);
      node.classList.add('reached');
      setText(node.lastChild, duration(((next ?? now) - from) / 1000));
    });
  }
}
