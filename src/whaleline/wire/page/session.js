// Who is signed in: the header's words, and the dialog that asks for client id and secret.

import { $, announce, element } from './dom.js';

export class SignIn {
  #api;
  #dialog = $('#sign-in-dialog');
  #problem = $('#sign-in-problem');
  #waiting = null;

  constructor(api) {
    this.#api = api;
    api.addEventListener('change', () => this.#show());
    $('#sign-in').addEventListener('click', () => this.ask());
    $('#sign-out').addEventListener('click', () => {
      api.signOut();
      announce('Signed out.');
    });
    $('#sign-in-cancel').addEventListener('click', () => this.#dialog.close());
    $('#sign-in-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#dialog.addEventListener('close', () => {
      $('#client-secret').value = '';
      this.#complain('');
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
      this.#complain('Type both the client id and its secret.');
      return;
    }
    try {
      await this.#api.signIn(id, secret);
    } catch (problem) {
      this.#complain(problem.message);
      return;
    }
    this.#dialog.close();
    announce('Signed in.');
  }

  #complain(text) {
    this.#problem.hidden = !text;
    this.#problem.textContent = text;
  }

  #show() {
    const { isOpen, isByLink, isSignedIn, clientId, facts } = this.#api;
    const who = $('#who');
    who.hidden = !isSignedIn;
    who.classList.toggle('local', !clientId);
    if (isOpen) {
      who.textContent = 'Open: no sign-in';
      who.title = 'Tasks are listed for the address that sent them; whoever knows the id of one may see it.';
    } else if (isByLink) {
      who.replaceChildren('Local', element('span', { class: 'who-detail' }, ': opened by its link'));
      who.title = 'Tasks belong to the client “local”, which everybody shares who has the link.';
    } else if (clientId) {
      who.textContent = clientId.length > 20 ? `${clientId.slice(0, 8)}…` : clientId;
      who.title = `Signed in as client ${clientId}`;
    }
    // Where nothing is asked for, one may still sign in as a client, to see its tasks.
    $('#sign-in').hidden = Boolean(clientId) || isOpen;
    $('#sign-in').classList.toggle('primary', !isSignedIn);
    for (const hint of document.querySelectorAll('.link-hint')) hint.hidden = isSignedIn || facts.signIn !== 'link';
    $('#sign-out').hidden = !clientId;
  }
}
