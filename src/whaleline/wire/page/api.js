// The service over HTTP: signing in, tasks, and what went wrong in its own words.

const BASE = '/v5.0/ocr';
const HOLD_SECONDS = 20;

/** What the service, or the way to it, says is wrong. `field` is the request's field, where one is to blame. */
export class Problem extends Error {
  constructor(message, { status = 0, field = null } = {}) {
    super(message);
    this.status = status;
    this.field = field;
  }
}

/** Who we are to the service. Id and secret live in this object only, never in storage. */
export class Api extends EventTarget {
  #credentials = null;
  #token = null;
  #renewAt = 0;
  #local = false;

  /** What the service offers; also tells which sign-in it wants. */
  async start() {
    this.facts = await (await this.#send('GET', '/api/service')).json();
    this.#local = this.facts.signIn !== 'credentials';
    this.#changed();
    return this.facts;
  }

  get isLocal() {
    return this.#local;
  }

  get isSignedIn() {
    return this.#local || this.#credentials !== null;
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
    this.#local = false;
    this.#changed();
  }

  signOut() {
    this.#credentials = null;
    this.#token = null;
    this.#local = this.facts.signIn !== 'credentials';
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

  /** Submit an image; the answer is the task's id. */
  async submit(operation, image, settings, signal) {
    const body = new Blob(['{"image":"', await toBase64(image), '","settings":', JSON.stringify(settings), '}']);
    if (body.size > this.facts.limits.bodyBytes) {
      const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
      throw new Problem(
        `With its Base64 the image takes ${mebibytes(body.size)}; the service takes ${mebibytes(this.facts.limits.bodyBytes)} at most.`,
        { status: 413, field: 'image' },
      );
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

  #changed() {
    this.dispatchEvent(new Event('change'));
  }

  async #authorized(method, path, options = {}) {
    if (!this.isSignedIn) throw new Problem('Sign in first.', { status: 401 });
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
    const answer = this.#credentials
      ? await this.#send('POST', '/connect/token', {
          body: new URLSearchParams({
            grant_type: 'client_credentials',
            client_id: this.#credentials.id,
            client_secret: this.#credentials.secret,
          }),
        })
      : await this.#send('POST', '/api/session');
    const token = await answer.json();
    this.#token = token.access_token;
    this.#renewAt = Date.now() + token.expires_in * 900; // at nine tenths of its life
  }

  async #send(method, path, options = {}) {
    let answer;
    try {
      answer = await fetch(path, { method, credentials: 'omit', cache: 'no-store', ...options });
    } catch (error) {
      if (error.name === 'AbortError') throw error;
      throw new Problem('The service cannot be reached. Is it still running?');
    }
    if (answer.ok) return answer;
    throw await toProblem(answer);
  }
}

async function toProblem(answer) {
  let details = {};
  try {
    details = await answer.json();
  } catch {
    // Not ours: a proxy's page, perhaps. The status says what there is to say.
  }
  const field = Object.keys(details.errors ?? {})[0] ?? null;
  const message = details.detail ?? details.error_description ?? `The service answered with status ${answer.status}.`;
  return new Problem(message, { status: answer.status, field });
}

function toBase64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(',') + 1));
    reader.onerror = () => reject(new Problem('The file cannot be read any more; open it again.', { field: 'image' }));
    reader.readAsDataURL(blob);
  });
}

/** The bytes of a result's Base64. */
export function fromBase64(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
