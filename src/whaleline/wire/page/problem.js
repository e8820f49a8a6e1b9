// What went wrong, in the service's own words.

import { t } from './language.js';

/** What the service, or the way to it, says is wrong. `field` is the request's field, where one is to blame. */
export class Problem extends Error {
  constructor(message, { status = 0, field = null } = {}) {
    super(message);
    this.status = status;
    this.field = field;
  }
}

/** The problem that an answer of the service tells. */
export async function toProblem(answer) {
  let details = {};
  try {
    details = await answer.json();
  } catch {
    // Not ours: a proxy's page, perhaps. The status says what there is to say.
  }
  const field = Object.keys(details.errors ?? {})[0] ?? null;
  const message = details.detail ?? details.error_description ?? t('service.status', { status: String(answer.status) });
  return new Problem(message, { status: answer.status, field });
}
