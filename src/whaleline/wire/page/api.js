// The service over HTTP: signing in, tasks, documents and templates.

import { toBase64 } from './base64.js';
import { rounded, t } from './language.js';
import { forgetLink, takeLink } from './link.js';
import { Problem, toProblem } from './problem.js';

const BASE = '/v5.0/ocr';
const HOLD_SECONDS = 20;

/** Who we are to the service. Id and secret live in this object only, never in storage. */
export class Api extends EventTarget {
  #credentials = null;
  #link = null;
  #token = null;
  #renewAt = 0;

  /** What the service offers; also signs in by the link, where the page was opened by one. */
  async start() {
    const link = takeLink();
    this.facts = await (await this.#send('GET', '/api/service')).json();
    if (link && this.facts.signIn === 'link') {
      this.#link = link;
      await this.#renew().catch(() => {}); // a link that does not do is forgotten then, and nobody is signed in
    }
    this.#changed();
    return this.facts;
  }

  /** Whether no access token is asked for. */
  get isOpen() {
    return this.facts?.signIn === 'none';
  }

  get isByLink() {
    return this.#link !== null && this.#credentials === null;
  }

  get isSignedIn() {
    return this.isOpen || this.#link !== null || this.#credentials !== null;
  }

  get clientId() {
    return this.#credentials?.id ?? null;
  }

  async signIn(id, secret) {
    const former = this.#credentials;
    this.#credentials = { id, secret };
    try {
      await this.#renew();
    } catch (problem) {
      this.#credentials = former;
      throw problem;
    }
    this.#changed();
  }

  signOut() {
    this.#credentials = null;
    this.#token = null;
    this.#changed();
  }

  /** The defaults and allowed values of the settings, from the API's own description. */
  async settingsSchema() {
    const { components } = await (await this.#send('GET', '/openapi.json')).json();
    const { properties } = components.schemas.RecognizeRegionsSettings;
    return Object.fromEntries(
      Object.entries(properties).map(([name, property]) => {
        const referred = property.$ref ? components.schemas[property.$ref.split('/').at(-1)] : {};
        return [name, { ...referred, ...property }];
      }),
    );
  }

  /** Submit an image file, or a {document} that the service keeps; the answer is the task's id. */
  async submit(operation, image, settings, signal) {
    const input = image.document ? [`"document":${JSON.stringify(image.document)}`] : ['"image":"', await encoded(image), '"'];
    const body = new Blob(['{', ...input, ',"settings":', JSON.stringify(settings), '}']);
    if (body.size > this.facts.limits.bodyBytes) {
      const mebibytes = (bytes) => rounded(bytes / 2 ** 20, 1);
      throw new Problem(t('limit.body', { size: mebibytes(body.size), most: mebibytes(this.facts.limits.bodyBytes) }), { status: 413, field: 'image' });
    }
    signal?.throwIfAborted();
    const answer = await this.#authorized('POST', `${BASE}/${operation}`, {
      body,
      headers: { 'Content-Type': 'application/json' },
      signal,
    });
    return answer.text();
  }

  /** The task's whole answer once it has ended; the service holds each request for some seconds. */
  async ended(operation, id, signal) {
    for (;;) {
      const answer = await this.result(operation, id, { hold: HOLD_SECONDS, signal });
      if (answer.taskStatus !== 'Pending' && answer.taskStatus !== 'Processing') return answer;
    }
  }

  async result(operation, id, { hold = 0, signal } = {}) {
    const path = `${BASE}/${operation}?id=${encodeURIComponent(id)}`;
    return (await this.#authorized('GET', path, { headers: { Prefer: `wait=${hold}` }, signal })).json();
  }

  async status(id, signal) {
    return (await this.#authorized('GET', `${BASE}/Utilities/GetTaskStatus?id=${encodeURIComponent(id)}`, { signal })).json();
  }

  async erase(operation, id) {
    await this.#authorized('DELETE', `${BASE}/${operation}?id=${encodeURIComponent(id)}`);
  }

  async tasks() {
    return (await this.#authorized('GET', '/api/tasks')).json();
  }

  async task(id) {
    return (await this.#authorized('GET', `/api/tasks/${encodeURIComponent(id)}`)).json();
  }

  // Documents that the service keeps for an hour, to show their pages

  /** Keep a document; resolves when a worker has looked into it: {id, pages, messages}. */
  async keepDocument(file, signal) {
    const body = new Blob(['{"file":"', await encoded(file), '"}']);
    const options = { body, headers: { 'Content-Type': 'application/json' }, signal };
    let kept = await (await this.#authorized('POST', '/api/documents', options)).json();
    while (kept.taskStatus === 'Pending' || kept.taskStatus === 'Processing') {
      kept = await (await this.#authorized('GET', `/api/documents/${kept.id}`, { signal })).json();
    }
    return kept;
  }

  async pagePicture(id, page, width, signal) {
    return (await this.#authorized('GET', `/api/documents/${id}/pages/${page}?width=${width}`, { signal })).blob();
  }

  async dropDocument(id) {
    await this.#authorized('DELETE', `/api/documents/${id}`);
  }

  // Templates that the service keeps

  async templates() {
    return (await (await this.#authorized('GET', '/api/templates')).json()).templates;
  }

  async template(name) {
    return (await this.#authorized('GET', `/api/templates/${encodeURIComponent(name)}`)).json();
  }

  /** Keep a template in place of that version of it; null where there must be none of its name. */
  async putTemplate(template, version) {
    const condition = version === null ? { 'If-None-Match': '*' } : { 'If-Match': `"${version}"` };
    const options = { body: JSON.stringify(template), headers: { 'Content-Type': 'application/json', ...condition } };
    return (await this.#authorized('PUT', `/api/templates/${encodeURIComponent(template.name)}`, options)).json();
  }

  async deleteTemplate(name, version) {
    await this.#authorized('DELETE', `/api/templates/${encodeURIComponent(name)}`, { headers: { 'If-Match': `"${version}"` } });
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }

  async #authorized(method, path, options = {}) {
    if (!this.isSignedIn) throw new Problem(t('signIn.first'), { status: 401 });
    if (this.isOpen) return this.#send(method, path, options);
    if (!this.#token || Date.now() >= this.#renewAt) await this.#renew();
    try {
      return await this.#send(method, path, this.#withToken(options));
    } catch (problem) {
      if (problem.status !== 401) throw problem;
      await this.#renew();
      return this.#send(method, path, this.#withToken(options));
    }
  }

  #withToken(options) {
    return { ...options, headers: { ...options.headers, Authorization: `Bearer ${this.#token}` } };
  }

  async #renew() {
    const answer = await (this.#credentials ? this.#askByCredentials() : this.#askByLink());
    const token = await answer.json();
    this.#token = token.access_token;
    this.#renewAt = Date.now() + token.expires_in * 900; // at nine tenths of its life
  }

  #askByCredentials() {
    return this.#send('POST', '/connect/token', {
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: this.#credentials.id,
        client_secret: this.#credentials.secret,
      }),
    });
  }

  async #askByLink() {
    try {
      return await this.#send('POST', '/api/session', { headers: { Authorization: `Bearer ${this.#link}` } });
    } catch (problem) {
      if (problem.status === 403) {
        forgetLink();
        this.#link = null;
        this.#changed();
      }
      throw problem;
    }
  }

  async #send(method, path, options = {}) {
    let answer;
    try {
      answer = await fetch(path, { method, credentials: 'omit', cache: 'no-store', ...options });
    } catch (error) {
      if (error.name === 'AbortError') throw error;
      throw new Problem(t('service.away'), { status: 503 });
    }
    if (answer.ok) return answer;
    throw await toProblem(answer);
  }
}

async function encoded(file) {
  try {
    return await toBase64(file);
  } catch {
    throw new Problem(t('file.gone'), { field: 'image' });
  }
}
