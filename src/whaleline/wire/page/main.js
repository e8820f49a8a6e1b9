// The page put together: who tells whom about what.

import { Api } from './api.js';
import { By } from './by.js';
import { Cards } from './cards.js';
import { OpenedChecks, saidOf } from './checking.js';
import * as code from './code.js';
import { $, announce, copy, setText, tell } from './dom.js';
import { makeExample } from './example.js';
import { languages } from './fields.js';
import { fetchTask } from './finished.js';
import { listenForImages } from './incoming.js';
import { offerLanguages, t, translate } from './language.js';
import { Marking } from './marking.js';
import { Opened } from './opened.js';
import { Outcome } from './outcome.js';
import { PileView } from './pile-view.js';
import { Pile } from './pile.js';
import { Reader } from './reader.js';
import { Recents } from './recents.js';
import { Regions } from './regions.js';
import { REGIONS, WHOLE } from './request.js';
import { Review } from './review.js';
import { SignIn } from './session.js';
import { Settings } from './settings.js';
import { Shown } from './shown.js';
import { Stage } from './stage.js';
import { showTab, startTabs } from './tabs.js';
import { TaskList } from './tasks.js';
import { toRegions } from './template-file.js';
import { Templates } from './templates.js';
import { showTools, startTools } from './tools.js';
import { View } from './view.js';
import { startViews } from './views.js';
import { Work } from './work.js';

translate();

const api = new Api();
const signIn = new SignIn(api);
const regions = new Regions();
const view = new View();
const stage = new Stage($('#stage'), regions, view);
const cards = new Cards($('#cards'), regions);
const opened = new Opened(api, signIn, { regions, stage, cards });
const recents = new Recents();
const pile = new Pile(api);
const work = new Work(opened, regions);
const review = new Review(api);
const checks = new OpenedChecks(opened, regions);
offerLanguages($('#page-language'), () => work.keep());
let settings = null;

const reader = new Reader(api, signIn, {
  opened,
  regions,
  cards,
  onDone: (id, { file, name, source }, { asked, template }) =>
    recents.add({ id, name, file, pages: source.pages.length, template, regions: asked.map((region) => ({ ...region })) }),
});
const outcome = new Outcome(api, (text) => reader.tell(text), (degrees) => {
  reader.turnTo(degrees);
  reader.read();
});

const templates = new Templates(api, {
  signIn,
  regions,
  source: () => opened.source,
  language: () => settings?.values.language,
  onOpen: async (template) => {
    by.choose('');
    location.hash = '#image';
    if (await opened.openTemplate(template, toRegions(template))) announce(t('opened.template', { name: template.name, count: template.fields.length }));
  },
});

// What is open

async function openFile(file, itsRegions = null) {
  if (['#tasks', '#files'].includes(location.hash)) location.hash = '#image';
  templates.leave();
  return opened.open(file, itsRegions);
}

listenForImages({
  onImage: (file) => (location.hash === '#files' ? pile.add([file]) : openFile(file)),
  onMany: (files) => {
    pile.add(files);
    location.hash = '#files';
  },
  onOther: ({ name }) => opened.tell(t('drop.other', { name })),
});
$('#example').addEventListener('click', async () => {
  const example = await makeExample();
  await openFile(example.file, example.regions);
  $('#stage').focus();
});
$('#close-image').addEventListener('click', () => {
  templates.leave();
  opened.close();
  regions.reset();
  announce(t('closed'));
});

startTools({ view, stage, regions, opened, cards, onRead: () => reader.read(), onTurn: () => reader.turnTo(settings.values.Rotate + 90), onFind: () => reader.findFields(), onLevel: () => reader.level() });
startTabs();

// What was read, and what a person has said of it

const shown = new Shown({ stage, cards, opened, regions, reader, outcome });
shown.addEventListener('change', () => refresh());
$('#read').addEventListener('click', () => reader.read());
$('#check').addEventListener('click', () => review.open(checks));
cards.addEventListener('correct', ({ detail }) => review.open(checks, '', regions.attached.items.findIndex(({ position }) => position === detail.position)));
regions.addEventListener('attached', () => {
  // Undo and redo go over what a person has said, too, so it is kept with its task at each change.
  const { task, items } = regions.attached ?? {};
  const kept = task && known(task);
  if (!kept) return;
  const said = saidOf(items);
  if (said.every((text, at) => text === (kept.said?.[at] ?? null))) return;
  recents.check(task, said);
  pile.checkTask(task, said);
});

// By regions, or by a template

const by = new By(reader, templates);
by.addEventListener('change', () => {
  shown.show();
  pileView.refresh();
  marking.show();
});
templates.addEventListener('use', ({ detail }) => {
  by.choose(detail);
  showTab('regions');
  if (pile.count('waiting')) location.hash = '#files';
});

// Many files

const pileView = new PileView(api, pile, {
  request: () => {
    const drawn = reader.by ? [] : regions.all.map(({ id: _id, ...region }) => ({ ...region }));
    const pages = opened.source?.pages.map(({ width, height }) => ({ width, height })) ?? [];
    return { operation: drawn.length || reader.by ? REGIONS : WHOLE, settings: settings?.values ?? {}, regions: drawn, size: opened.drawnOn, pages, template: reader.by };
  },
  ready: async () => {
    const complaint = settings?.complaint ?? '';
    tell($('#files-problem'), complaint);
    return !complaint && signIn.ensure();
  },
  onReview: (id, at) => review.open(pile, id, at),
  onOpen: (id) => openPiled(pile.get(id)),
});
const marking = new Marking(pile, { chosen: () => pileView.chosen, opened, regions, reader, onOpen: openFile });

/** Open a file of the pile with what was read of it. */
async function openPiled({ file, task, request, state }) {
  if (task && state === 'done') await openTask(request.operation, task);
  else await openFile(file);
}

// Code

function showCode() {
  const kind = $('#code-language input:checked').value;
  const { operation, settings: asked } = reader.request;
  setText($('#code'), code[kind]({ origin: location.origin, operation, fileName: opened.image?.name ?? 'image.png', settings: asked }));
}

$('#code-language').addEventListener('change', showCode);
$('#copy-code').addEventListener('click', (event) => copy($('#code').textContent, event.target));

// Tasks

const known = (id) => recents.get(id) ?? pile.ofTask(id);
const taskList = new TaskList(api, { body: $('#tasks'), message: $('#tasks-message'), known, onOpen: (operation, id) => openTask(operation, id) });

/** Show what a task has read. */
async function openTask(operation, id) {
  try {
    const task = await fetchTask(api, operation, id, known(id));
    templates.leave();
    location.hash = '#image';
    if (!task.file || !(await opened.open(task.file, task.asked))) opened.openBlank(...task.ground, task.asked);
    by.choose(task.template ?? '');
    settings.set(task.settings);
    reader.tell(task.problem);
    const reading = task.toReading(regions.all, opened.source ? opened.image : null);
    if (reading) regions.attach(reading);
    showTab('regions');
    $('#stage').focus();
  } catch (error) {
    announce(error.message);
    tell($('#tasks-message'), error.message);
  }
}

$('#forget-tasks').addEventListener('click', () => {
  recents.forget();
  announce(t('tasks.forgotten'));
  taskList.show();
});

// Views

const route = startViews({ files: () => pileView.refresh(), tasks: () => taskList.show(), notTasks: () => taskList.hide() });
api.addEventListener('change', () => {
  refresh();
  if (location.hash === '#tasks') taskList.show();
});

window.addEventListener('beforeunload', (event) => {
  if (reader.isBusy || (pile.count('reading') && !pile.isPaused)) event.preventDefault();
});

// Always in step

function refresh() {
  const isByForm = reader.by !== '';
  showTools({ opened, regions, turned: settings?.values.Rotate ?? 0 });
  $('#no-regions').hidden = regions.all.length > 0 || isByForm || shown.items.length > 0;
  $('#by-form').hidden = !isByForm;
  setText($('#region-count'), String(isByForm ? shown.items.length : regions.all.length));
  reader.show();
  showCode();
}

for (const each of [regions, reader]) each.addEventListener('change', refresh);
opened.addEventListener('open', refresh);

async function start() {
  refresh();
  try {
    const [facts, schema] = await Promise.all([api.start(), api.settingsSchema(), pile.restore(), recents.restore()]);
    pile.resume();
    by.restore();
    languages.push(...facts.languages.filter(({ installed }) => installed).map(({ name }) => name));
    settings = new Settings($('#settings'), schema, facts.languages);
    reader.settings = settings;
    settings.addEventListener('change', refresh);
    $('#reset-settings').addEventListener('click', () => settings.reset());
    await work.restore(api.isSignedIn);
    document.documentElement.dataset.ready = 'true';
  } catch (problem) {
    reader.tell(problem.message);
  }
  refresh();
  route();
}

start();
