// The link by which the page is opened without signing in.

const KEY = 'whaleline-link';

/** The fragment of the link that the service prints when it starts. */
export const LINK = /^#link=(.+)$/;

/**
 * The secret of the link that the page was opened by, now or before; null where there is none.
 *
 * It leaves the address at once. Local storage belongs to this very origin, port and all, while a cookie would be sent to
 * whatever else listens on this machine.
 */
export function takeLink() {
  const brought = location.hash.match(LINK)?.[1];
  if (brought) history.replaceState(null, '', location.pathname);
  try {
    if (brought) localStorage.setItem(KEY, brought);
    return brought ?? localStorage.getItem(KEY);
  } catch {
    return brought ?? null; // this browser keeps nothing
  }
}

export function forgetLink() {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Nothing was kept.
  }
}
