// The toolbar over the picture, and the keys that do the same wherever the focus is.

import { $, announce, setText } from './dom.js';
import { percent, t } from './language.js';
import { showTab } from './tabs.js';

export function startTools({ view, stage, regions, opened, cards, onRead, onTurn, onFind, onLevel }) {
  const setMode = (mode) => {
    stage.mode = mode;
    $('#mode-draw').setAttribute('aria-pressed', String(mode === 'draw'));
    $('#mode-pan').setAttribute('aria-pressed', String(mode === 'pan'));
    $('#stage').dataset.mode = mode;
  };
  const actions = {
    'mode-draw': () => setMode('draw'),
    'mode-pan': () => setMode('pan'),
    'zoom-in': () => view.zoom(1.25),
    'zoom-out': () => view.zoom(0.8),
    'zoom-fit': () => view.fit(),
    'zoom-one': () => view.zoom(1 / view.scale),
    undo: () => regions.undo(),
    redo: () => regions.redo(),
    turn: onTurn,
    level: onLevel,
    'level-first': onLevel,
    'find-regions': onFind,
    'add-region': () => stage.addInSight(),
    'clear-regions': () => {
      regions.replace([]);
      announce(t('regions.cleared'));
    },
  };
  for (const [id, act] of Object.entries(actions)) $(`#${id}`).addEventListener('click', act);
  setMode('draw');

  view.addEventListener('change', () => opened.image && setText($('#zoom'), percent(view.scale * 100, view.scale < 0.1 ? 1 : 0)));
  stage.addEventListener('edit', ({ detail }) => {
    showTab('regions');
    cards.edit(detail.id);
  });
  document.addEventListener('keydown', (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.target.closest('dialog')) return;
    if (event.key === 'Enter' && !$('#view-read').hidden) {
      event.preventDefault();
      onRead();
    }
    if (event.target.closest('input[type=text], input[type=password], textarea')) return;
    const key = event.key.toLowerCase();
    if (key === 'z' || key === 'y') {
      event.preventDefault();
      if (key === 'y' || event.shiftKey) regions.redo();
      else regions.undo();
    }
  });
}

/** Offer what can be done with what is open. @param turned degrees by which the text is turned before it is read. */
export function showTools({ opened, regions, turned }) {
  const hasFile = Boolean(opened.image?.file);
  $('#toolbar').hidden = !opened.image;
  $('#add-region').disabled = !opened.image;
  $('#level-first').hidden = regions.all.length > 0 || !hasFile; // regions that are there would lie elsewhere
  for (const id of ['find-regions', 'toggle-unread', 'level', 'level-first', 'turn']) $(`#${id}`).disabled = !hasFile;
  $('#turn').setAttribute('aria-pressed', String(turned !== 0));
  $('#turn').title = turned ? t('tool.turned.hint', { degrees: turned }) : t('tool.turn.hint');
  $('#clear-regions').disabled = !regions.all.length;
  $('#undo').disabled = !regions.canUndo;
  $('#redo').disabled = !regions.canRedo;
}
