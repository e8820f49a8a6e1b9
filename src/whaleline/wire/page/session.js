// Who is signed in: the header's words, and the dialog that asks for client id and secret.

import { $, announce, copy, element, tell } from './dom.js';
import { t } from './language.js';

export class SignIn {
  #api;
  #dialog = $('#sign-in-dialog');
  #waiting = null;

  constructor(api) {
    this.#api = api;
    api.addEventListener('change', () => this.#show());
    $('#sign-in').addEventListener('click', () => this.ask());
    $('#sign-out').addEventListener('click', () => {
      api.signOut();
      announce(t('signIn.out'));
    });
    $('#copy-command').addEventListener('click', (event) => copy($('#sign-in-command').textContent, event.target));
    $('#sign-in-cancel').addEventListener('click', () => this.#dialog.close());
    $('#sign-in-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#dialog.addEventListener('close', () => {
      $('#client-secret').value = '';
      tell($('#sign-in-problem'), '');
      this.#waiting?.(api.isSignedIn);
      this.#waiting = null;
    });
  }

  /** Make sure that somebody is signed in, asking if nobody is; false where the user would not. */
  async ensure() {
    return this.#api.isSignedIn || this.ask();
  }

  ask() {
    this.#dialog.showModal();
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  async #submit() {
    const [id, secret] = [$('#client-id').value.trim(), $('#client-secret').value];
    if (!id || !secret) {
      tell($('#sign-in-problem'), t('signIn.both'));
      return;
    }
    try {
      await this.#api.signIn(id, secret);
    } catch (problem) {
      tell($('#sign-in-problem'), problem.message);
      return;
    }
    this.#dialog.close();
    announce(t('signIn.in'));
  }

  #show() {
    const { isOpen, isByLink, isSignedIn, clientId, facts } = this.#api;
    const who = $('#who');
    who.hidden = !isSignedIn;
    who.classList.toggle('local', !clientId);
    if (isOpen) {
      who.textContent = t('who.open');
      who.title = t('who.open.more');
    } else if (isByLink) {
      who.replaceChildren(t('who.local'), element('span', { class: 'who-detail' }, t('who.local.how')));
      who.title = t('who.local.more');
    } else if (clientId) {
      who.textContent = clientId.length > 20 ? `${clientId.slice(0, 8)}…` : clientId;
      who.title = t('who.client', { id: clientId });
    }
    // Where nothing is asked for, one may still sign in as a client, to see its tasks.
    $('#sign-in').hidden = Boolean(clientId) || isOpen;
    $('#sign-in').classList.toggle('primary', !isSignedIn);
    for (const hint of document.querySelectorAll('.link-hint')) hint.hidden = isSignedIn || facts.signIn !== 'link';
    $('#sign-out').hidden = !clientId;
  }
}
