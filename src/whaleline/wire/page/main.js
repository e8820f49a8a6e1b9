// The page put together: who tells whom about what.

import { Api, Problem } from './api.js';
import { Cards } from './cards.js';
import * as code from './code.js';
import { $, announce, copy, count, setText } from './dom.js';
import { makeExample } from './example.js';
import { fit, sameSize } from './fitting.js';
import { decode, listenForImages } from './incoming.js';
import { Outcome } from './outcome.js';
import { Blank } from './picture.js';
import { Regions, title } from './regions.js';
import { fromRect, sentence, toReading, toRect } from './results.js';
import { Cancelled, Run } from './run.js';
import { SignIn } from './session.js';
import { Settings } from './settings.js';
import { Stage } from './stage.js';
import { showTab, startTabs } from './tabs.js';
import { TaskList } from './tasks.js';
import { Templates } from './templates.js';
import { View } from './view.js';

const OPERATION = 'RecognizeRegions';

const api = new Api();
const signIn = new SignIn(api);
const regions = new Regions();
const view = new View();
const stage = new Stage($('#stage'), regions, view);
const cards = new Cards($('#cards'), regions);

const outcome = new Outcome(api, OPERATION, tellProblem);

/** What is open: the file, null for a task whose picture is no longer kept; and its size. */
let image = null;
/** The size of the image that the regions were drawn on; null where it is not known. */
let drawnOn = null;
let settings = null;
let reading = null;
/** The image that is being read; another may be opened meanwhile. */
let underWay = null;
let opening = 0;

/** Names of regions by task id. The service is not told them; tasks that this page has sent are opened with them. */
const namesSent = new Map();

// The image

/** Open an image, with its own regions where it brings some. */
async function openImage(file, itsRegions = null) {
  const mine = (opening += 1);
  if (location.hash === '#tasks') location.hash = '#image';
  tellImageProblem('');
  $('#drop').hidden = true;
  $('#opening').hidden = false;
  try {
    const picture = await decode(file, { api, signIn, operation: OPERATION, place: $('#runs') });
    if (mine !== opening) {
      picture.close();
      return;
    }
    showImage(file, picture);
    if (itsRegions) {
      regions.replace(itsRegions);
      drawnOn = imageSize();
    } else {
      await keepRegions();
    }
  } catch (error) {
    if (mine !== opening) return;
    tellImageProblem(error instanceof Problem ? error.message : `${file.name || 'The image'} cannot be shown: ${error.message}`);
    $('#drop').hidden = Boolean(image);
  } finally {
    if (mine === opening) $('#opening').hidden = true;
  }
}

/** The regions stay for the next image of the same form; where it has another size, they are scaled by choice. */
async function keepRegions() {
  const size = imageSize();
  const drawn = drawnOn;
  drawnOn = size;
  if (!drawn || sameSize(drawn, size) || !regions.all.length) return;
  const what = regions.all.length === 1 ? 'The region was' : 'The regions were';
  const fitted = await fit(regions.all, drawn, size, { what, refusal: 'Remove them' });
  if (fitted && fitted !== regions.all) regions.replace(fitted);
  if (fitted === null) {
    regions.replace([]);
    announce('The regions are removed; undo brings them back.');
  }
}

/** The size of the open image; null where there is none, or only the blank ground of a task. */
const imageSize = () => (image?.file ? { width: image.width, height: image.height } : null);

function showImage(file, picture) {
  const size = { width: picture.width, height: picture.height };
  image = { file, name: file?.name || 'image.png', ...size };
  setReading(null);
  $('#runs').replaceChildren();
  $('#stage').style.setProperty('--aspect', size.width / size.height);
  stage.picture = picture;
  cards.size = size;
  regions.bounds = size;
  setText(
    $('#image-facts'),
    file ? `${image.name}, ${size.width} × ${size.height} pixels` : 'The picture of this task is no longer kept. Its words stand where they stood.',
  );
  $('#drop').hidden = true;
  $('#opening').hidden = true;
  $('#stage').classList.add('filled');
  refresh();
}

function tellImageProblem(text) {
  $('#image-problem').hidden = !text;
  $('#image-problem').textContent = text;
}

listenForImages({
  onImage: (file) => openImage(file),
  onOther: ({ name }) => tellImageProblem(`${name} is not an image. PNG, JPEG, TIFF, WebP, BMP and GIF are read.`),
});
$('#example').addEventListener('click', async () => {
  const example = await makeExample();
  await openImage(example.file, example.regions);
  $('#stage').focus();
});

// The tools

function setMode(mode) {
  stage.mode = mode;
  $('#mode-draw').setAttribute('aria-pressed', String(mode === 'draw'));
  $('#mode-pan').setAttribute('aria-pressed', String(mode === 'pan'));
  $('#stage').dataset.mode = mode;
}

$('#mode-draw').addEventListener('click', () => setMode('draw'));
$('#mode-pan').addEventListener('click', () => setMode('pan'));
$('#zoom-in').addEventListener('click', () => view.zoom(1.25));
$('#zoom-out').addEventListener('click', () => view.zoom(0.8));
$('#zoom-fit').addEventListener('click', () => view.fit());
$('#zoom-one').addEventListener('click', () => view.zoom(1 / view.scale));
$('#undo').addEventListener('click', () => regions.undo());
$('#redo').addEventListener('click', () => regions.redo());
$('#add-region').addEventListener('click', () => stage.addInSight());
$('#clear-regions').addEventListener('click', () => {
  regions.replace([]);
  announce('All regions are removed; undo brings them back.');
});
view.addEventListener('change', () => image && setText($('#zoom'), `${view.scale < 0.1 ? (view.scale * 100).toFixed(1) : Math.round(view.scale * 100)} %`));
stage.addEventListener('edit', ({ detail }) => {
  showTab('regions');
  cards.edit(detail.id);
});
document.addEventListener('keydown', (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.target.closest('input[type=text], input[type=password], textarea, dialog')) return;
  const key = event.key.toLowerCase();
  if (key === 'z' || key === 'y') {
    event.preventDefault();
    if (key === 'y' || event.shiftKey) regions.redo();
    else regions.undo();
  }
});

startTabs();

// Reading

const requestSettings = () => ({
  ...settings?.values,
  regions: regions.all.map((region, at) => ({ order: at + 1, rect: toRect(region) })),
});

async function read() {
  tellProblem('');
  if (settings?.complaint) {
    showTab('settings');
    settings.focus();
    tellProblem(settings.complaint);
    return;
  }
  if (!image?.file || underWay === image || !(await signIn.ensure())) return;
  const source = image;
  const asked = regions.all;
  const request = { ...requestSettings(), resultType: 'JSON' };
  underWay = source;
  setReading(null);
  $('#runs').replaceChildren();
  const run = new Run(api, OPERATION, 'Reading', $('#runs'));
  refresh();
  try {
    const answer = await run.start(source.file, request);
    namesSent.set(run.id, asked.map(({ name }) => name));
    if (image !== source) return; // what was read of it stands in the list of tasks
    if (answer.responseStatusCode === 'ResultDataLost') throw new Problem(answer.error.messages.join(' '));
    setReading(toReading(answer, asked, { image: source, request }));
    showTab('regions');
  } catch (error) {
    if (image === source && !(error instanceof Cancelled)) placeProblem(error, asked);
  } finally {
    if (underWay === source) underWay = null;
    refresh();
  }
}

/** Show a problem where it belongs: at its region, its setting, the picture, or the button. */
function placeProblem(error, asked) {
  const text = sentence(error.message.replace(/^[\w.[\]]+: /, ''));
  const at = /^settings\.regions\[(\d+)\]/.exec(error.field ?? '');
  const setting = /^settings\.(\w+)$/.exec(error.field ?? '');
  if (at && asked[at[1]]) {
    cards.problems = new Map([[asked[at[1]].id, text]]);
    regions.select(asked[at[1]].id);
    showTab('regions');
    tellProblem(`The service did not take ${title(asked[at[1]], Number(at[1]) + 1)}.`);
  } else if (setting && settings.complain(setting[1], text)) {
    showTab('settings');
    tellProblem('The service did not take a setting.');
  } else if (error.field === 'image') {
    tellImageProblem(text);
  } else {
    tellProblem(text);
  }
}

function tellProblem(text) {
  $('#read-problem').hidden = !text;
  $('#read-problem').textContent = text;
  if (!text) {
    cards.problems = new Map();
    tellImageProblem('');
  }
}

function setReading(next) {
  reading = next;
  cards.reading = next;
  outcome.reading = next;
  showWords();
}

function showWords() {
  const words = reading?.items.flatMap((item) => item.words) ?? [];
  $('#toggle-words').hidden = !words.length;
  stage.words = $('#toggle-words').getAttribute('aria-pressed') === 'true' ? words : [];
}

$('#read').addEventListener('click', read);
$('#toggle-words').addEventListener('click', (event) => {
  const on = event.target.getAttribute('aria-pressed') !== 'true';
  event.target.setAttribute('aria-pressed', String(on));
  showWords();
});
stage.addEventListener('word', ({ detail }) => cards.showWord(detail));
cards.addEventListener('word', ({ detail }) => stage.showWord(detail.word, { reveal: detail.reveal }));

// Code

function showCode() {
  const kind = $('#code-language input:checked').value;
  setText(
    $('#code'),
    code[kind]({ origin: location.origin, operation: OPERATION, fileName: image?.name ?? 'image.png', settings: requestSettings() }),
  );
}

$('#code-language').addEventListener('change', showCode);
$('#copy-code').addEventListener('click', (event) => copy($('#code').textContent, event.target));

// Views and tasks

const taskList = new TaskList(api, { body: $('#tasks'), message: $('#tasks-message'), onOpen: openTask });

async function openTask(operation, id) {
  try {
    const [details, answer] = await Promise.all([api.task(id), api.result(operation, id)]);
    const asked = (details.settings.regions ?? [])
      .toSorted((a, b) => a.order - b.order)
      .map(({ rect }, at) => ({ name: namesSent.get(id)?.[at] ?? '', ...fromRect(rect) }));
    const probe = toReading(answer, asked, {});
    const boxes = [...asked, ...probe.items.flatMap(({ words }) => words)];
    location.hash = '#image';
    opening += 1; // an image that is still being decoded comes too late
    drawnOn = null;
    regions.reset(asked);
    // The task does not keep its image's size; what it asked for and found tells how large it was at least.
    const far = (edge) => Math.max(100, ...boxes.map((box) => box[edge]));
    showImage(null, new Blank(far('right') + 20, far('bottom') + 20, probe.items.flatMap(({ words }) => words)));
    cards.size = null; // what lies beyond the image is not known
    regions.bounds = null;
    settings.set(details.settings);
    tellProblem(details.taskStatus === 'Error' ? sentence(details.messages.join(' ')) : '');
    if (details.taskStatus === 'Completed') {
      setReading(toReading(answer, regions.all, { image: null, request: null }));
    }
    showTab('regions');
    $('#stage').focus();
  } catch (error) {
    announce(error.message);
    $('#tasks-message').hidden = false;
    $('#tasks-message').textContent = error.message;
  }
}

function route() {
  const isTasks = location.hash === '#tasks';
  $('#view-read').hidden = isTasks;
  $('#view-tasks').hidden = !isTasks;
  $('#skips').hidden = isTasks;
  for (const [id, current] of [['to-read', !isTasks], ['to-tasks', isTasks]]) {
    if (current) $(`#${id}`).setAttribute('aria-current', 'page');
    else $(`#${id}`).removeAttribute('aria-current');
  }
  document.title = isTasks ? 'Tasks – Whaleline' : 'Whaleline';
  if (isTasks) taskList.show();
  else taskList.hide();
}

window.addEventListener('hashchange', route);
api.addEventListener('change', () => {
  refresh();
  if (location.hash === '#tasks') taskList.show();
});

// Always in step

function refresh() {
  const hasImage = Boolean(image);
  const number = regions.all.length;
  $('#add-region').disabled = !hasImage;
  $('#clear-regions').disabled = !number;
  $('#undo').disabled = !regions.canUndo;
  $('#redo').disabled = !regions.canRedo;
  $('#no-regions').hidden = number > 0;
  setText($('#region-count'), String(number));
  $('#read').disabled = !image?.file || underWay === image;
  $('#toolbar').hidden = !hasImage;
  setText($('#read'), number ? `Read ${count(number, 'region')}` : 'Read the whole image');
  setText($('#read-hint'), readHint(number));
  showCode();
}

function readHint(number) {
  const most = api.facts?.limits.regions ?? Infinity;
  if (number > most) return `The service takes ${most} regions at most.`;
  if (!image) return 'Open an image first.';
  return image.file ? '' : 'Open the image again to read it again.';
}

regions.addEventListener('change', refresh);

new Templates({
  form: $('#save-template'),
  list: $('#templates'),
  message: $('#template-message'),
  chooser: $('#import-template'),
  regions,
  size: imageSize,
  onLoad: (list, { name, image: size }) => {
    regions.replace(list);
    drawnOn = imageSize() ?? size;
    showTab('regions');
    announce(`“${name}” is loaded, with ${count(list.length, 'region')}.`);
  },
});

async function start() {
  setMode('draw');
  refresh();
  try {
    const [facts, schema] = await Promise.all([api.start(), api.settingsSchema()]);
    settings = new Settings($('#settings'), schema, facts.languages);
    settings.addEventListener('change', refresh);
    $('#reset-settings').addEventListener('click', () => settings.reset());
    document.documentElement.dataset.ready = 'true';
  } catch (problem) {
    tellProblem(problem.message);
  }
  refresh();
  route();
}

start();
