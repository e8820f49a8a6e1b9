// The views, one of which is shown: by the fragment of the address.

import { $ } from './dom.js';
import { t } from './language.js';
import { LINK } from './link.js';

const VIEWS = ['read', 'files', 'tasks'];

/**
 * Show the view that the address names, from now on.
 *
 * @param on what is done when a view comes or goes: {files, tasks, notTasks}.
 * @returns shows it at once.
 */
export function startViews(on) {
  const route = () => {
    if (LINK.test(location.hash)) location.reload(); // the link was opened where the page was open before
    const place = { '#tasks': 'tasks', '#files': 'files' }[location.hash] ?? 'read';
    for (const name of VIEWS) {
      $(`#view-${name}`).hidden = name !== place;
      if (name === place) $(`#to-${name}`).setAttribute('aria-current', 'page');
      else $(`#to-${name}`).removeAttribute('aria-current');
    }
    $('#skips').hidden = place !== 'read';
    document.title = { read: t('title'), files: t('title.files'), tasks: t('title.tasks') }[place];
    if (place === 'files') on.files();
    if (place === 'tasks') on.tasks();
    else on.notTasks();
  };
  window.addEventListener('hashchange', route);
  return route;
}
