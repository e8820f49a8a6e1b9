// Reading what is open: the request that the screen stands for, the task that it becomes, and what came of it.

import { fromBase64 } from './base64.js';
import { $, announce, setText, tell } from './dom.js';
import { isEmpty } from './geometry.js';
import { t } from './language.js';
import { nameRegions } from './naming.js';
import { Problem } from './problem.js';
import { title } from './regions.js';
import { REGIONS, WHOLE, requestFor } from './request.js';
import { fromRect, isUnfit, sentence, toReading, toRect } from './results.js';
import { Cancelled, Run } from './run.js';
import { showTab } from './tabs.js';
import { outside } from './unread.js';

export class Reader extends EventTarget {
  settings = null;
  /** The name of the template of the service to read by; '' reads the regions that are drawn. */
  by = '';
  #api;
  #signIn;
  #opened;
  #regions;
  #cards;
  #onDone;
  #underWay = null; // the image that is being read; another may be opened meanwhile
  #words = new Map(); // page number to all words of it, of the image that is open

  /** @param onDone is told of a task that has ended: its id, the image, and the request. */
  constructor(api, signIn, { opened, regions, cards, onDone }) {
    super();
    this.#api = api;
    this.#signIn = signIn;
    this.#opened = opened;
    this.#regions = regions;
    this.#cards = cards;
    this.#onDone = onDone;
    opened.addEventListener('open', () => {
      regions.detach();
      this.#words.clear();
      $('#runs').replaceChildren();
    });
  }

  get isBusy() {
    return this.#underWay !== null && this.#underWay === this.#opened.image;
  }

  /** What Read would ask for. */
  get request() {
    const values = this.settings?.values ?? {};
    if (this.by) return { operation: REGIONS, settings: { ...values, template: this.by } };
    const pages = this.#opened.source?.pages ?? [];
    if (!this.#regions.all.length && pages.length > 1) return { operation: WHOLE, settings: values };
    return requestFor(this.#regions.all, values, pages);
  }

  async read() {
    this.tell('');
    if (this.settings?.complaint) {
      showTab('settings');
      this.settings.focus();
      this.tell(this.settings.complaint);
      return;
    }
    const { image } = this.#opened;
    if (!image?.file || this.isBusy || !(await this.#signIn.ensure())) return;
    const asked = this.by ? [] : this.#regions.all;
    const { operation, settings } = this.request;
    const request = { ...settings, resultType: 'JSON' };
    if (asked.length && request.template?.fields.some(({ rect }) => isEmpty(fromRect(rect)))) {
      this.tell(t('read.outside'));
      return;
    }
    this.#underWay = image;
    this.dispatchEvent(new CustomEvent('reading', { detail: null }));
    $('#runs').replaceChildren();
    const run = new Run(this.#api, operation, t('run.reading'), $('#runs'));
    this.#changed();
    try {
      const answer = await run.start(await image.source.input(), request);
      this.#onDone(run.id, image, { operation, asked, template: this.by });
      if (this.#opened.image !== image) return; // what was read of it stands in the list of tasks
      if (answer.responseStatusCode === 'ResultDataLost' && !answer.results?.length) throw new Problem(answer.error.messages.join(' '));
      const reading = toReading(answer, asked, { image, operation, request, task: run.id, isForm: Boolean(this.by) });
      reading.isUnfit = isUnfit(reading);
      this.#regions.attach(reading);
      showTab('regions');
    } catch (error) {
      if (this.#opened.image !== image) return;
      this.dispatchEvent(new CustomEvent('reading', { detail: this.#regions.attached }));
      if (!(error instanceof Cancelled)) this.#placeProblem(error, asked);
    } finally {
      if (this.#underWay === image) this.#underWay = null;
      this.#changed();
    }
  }

  /** Show a problem where it belongs: at its region, its setting, the picture, or the button. */
  #placeProblem(error, asked) {
    const text = sentence(error.message.replace(/^[\w.[\]]+: /, ''));
    const at = /^settings\.(?:regions|template\.fields)\[(\d+)\]/.exec(error.field ?? '');
    const setting = /^settings\.(\w+)$/.exec(error.field ?? '');
    if (at && asked[at[1]]) {
      this.#cards.problems = new Map([[asked[at[1]].id, text]]);
      this.#regions.select(asked[at[1]].id);
      showTab('regions');
      this.tell(t('read.refused.region', { name: title(asked[at[1]], Number(at[1]) + 1) }));
    } else if (setting && this.settings.complain(setting[1], text)) {
      showTab('settings');
      this.tell(t('read.refused.setting'));
    } else if (error.field === 'image') {
      this.#opened.tell(text);
    } else {
      this.tell(text);
    }
  }

  tell(text) {
    tell($('#read-problem'), text);
    if (text) return;
    this.#cards.problems = new Map();
    this.#opened.tell('');
  }

  /** Let the service propose regions for the page that is open; one step of undo brings the former ones back. */
  async findFields() {
    await this.#onPage('DetectRegions', t('regions.finding'), async (run, input, page) => {
      const [answer, words] = await Promise.all([run.start(input, { language: this.settings?.values.language }), this.#pageWords(page).catch(() => [])]);
      const found = JSON.parse(new TextDecoder().decode(fromBase64(answer.results[0].data)));
      const boxes = found.map(([left, top, right, bottom]) => ({ left, top, right, bottom }));
      return () => {
        const proposed = nameRegions(boxes, words).map((region) => ({ ...region, page }));
        this.#regions.replace([...this.#regions.all.filter((region) => region.page !== page), ...proposed]);
        announce(proposed.length ? t('regions.found', { count: proposed.length }) : t('regions.notFound'));
        if (!proposed.length) this.tell(t('regions.notFound'));
      };
    });
  }

  /** Open the page that is shown as a picture with level lines, such as a template is best drawn on. */
  async level() {
    await this.#onPage('DeskewImage', t('read.levelling'), async (run, input) => {
      const { name } = this.#opened.image;
      const { files } = toReading(await run.start(input, {}), [], {}).items[0];
      const level = new File([files[0].bytes], t('read.levelled', { name: name.replace(/\.\w+$/, '') }), { type: 'image/png' });
      return () => this.#opened.open(level, []);
    });
  }

  /** The places of the page that is open whose print nobody has read; null where that could not be found out. */
  async unread() {
    const reading = this.#regions.attached;
    const { page } = this.#opened;
    const items = reading?.items ?? [];
    const known = items.flatMap(({ unread }) => unread).filter((box) => box.page === page);
    const isWhole = items.length === 1 && !items[0].region && !items[0].field;
    if (isWhole) return known;
    let found = null;
    await this.#onPage(REGIONS, t('read.looking'), async (run) => {
      const words = await this.#pageWords(page, run);
      return () => {
        const covered = this.by ? items.map(({ field }) => field?.corners).filter(Boolean) : this.#regions.here;
        found = [...known, ...outside(words, covered)];
      };
    });
    return found;
  }

  /** All words of a page, read once. */
  async #pageWords(page, run = null) {
    if (!this.#words.has(page)) {
      const { source, image } = { source: this.#opened.source, image: this.#opened.image };
      const { width, height } = source.pages[page - 1];
      const rect = toRect({ left: 0, top: 0, right: width, bottom: height });
      const settings = { language: this.settings?.values.language, resultType: 'JSON', regions: [{ order: 1, rect, page }] };
      const input = await source.input();
      const answer = run ? await run.start(input, settings) : await this.#api.ended(REGIONS, await this.#api.submit(REGIONS, input, settings));
      const { words } = toReading(answer, [], {}).items[0];
      if (this.#opened.image !== image) return words;
      this.#words.set(page, words);
    } else {
      run?.node.remove();
    }
    return this.#words.get(page);
  }

  /** Ask something of the page that is open, and do what comes of it if it is open still. */
  async #onPage(operation, label, ask) {
    this.tell('');
    const { image, page } = this.#opened;
    if (!image?.file || !(await this.#signIn.ensure())) return;
    const run = new Run(this.#api, operation, label, $('#runs'));
    for (const id of ['find-regions', 'toggle-unread', 'level', 'level-first']) $(`#${id}`).disabled = true;
    try {
      const input = page > 1 ? await image.source.blob(page) : await image.source.input();
      const act = await ask(run, input, page);
      if (this.#opened.image === image && this.#opened.page === page) await act(); // until then nothing else is asked of the page
    } catch (error) {
      if (this.#opened.image === image && !(error instanceof Cancelled)) this.tell(sentence(error.message));
    } finally {
      run.node.remove();
      this.#changed();
    }
  }

  /** Set the degrees by which the text is turned before it is read; they are part of the request. */
  turnTo(degrees) {
    this.settings.set({ Rotate: ((degrees % 360) + 360) % 360 });
    announce(t('read.turned', { degrees: this.settings.values.Rotate }));
  }

  /** Keep the button and what stands beside it in step. */
  show() {
    const { image, source } = this.#opened;
    const number = this.#regions.all.length;
    const pages = source?.pages.length ?? 1;
    const most = this.#api.facts?.limits.regions ?? Infinity;
    $('#read').disabled = !image?.file || this.isBusy;
    const what = number ? t('read.regions', { count: number }) : pages > 1 ? t('read.pages', { count: pages }) : t('read.whole');
    setText($('#read'), this.by ? t('read.template', { name: this.by }) : what);
    const hint = !image ? t('read.openFirst') : image.file || source ? '' : t('read.openAgain');
    setText($('#read-hint'), !this.by && number > most ? t('read.most', { count: most }) : hint);
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
