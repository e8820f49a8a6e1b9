// The tabs of the panel, by click and by arrow keys.

import { $ } from './dom.js';

const TABS = ['regions', 'settings', 'templates', 'code'];

export function showTab(name) {
  for (const tab of TABS) {
    $(`#tab-${tab}`).setAttribute('aria-selected', String(tab === name));
    $(`#tab-${tab}`).tabIndex = tab === name ? 0 : -1;
    $(`#panel-${tab}`).hidden = tab !== name;
  }
}

export function startTabs() {
  TABS.forEach((name, at) => {
    const tab = $(`#tab-${name}`);
    tab.addEventListener('click', () => showTab(name));
    tab.addEventListener('keydown', (event) => {
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: TABS.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      const next = TABS[(to + TABS.length) % TABS.length];
      showTab(next);
      $(`#tab-${next}`).focus();
    });
  });
}
