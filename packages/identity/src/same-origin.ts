/** What a browser says of where a request comes from; it lets no page write these. */
export interface OriginCheck {
  readonly method: string;
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site`. */
  readonly fetchSite: string | undefined;
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Tells whether a request may act with a cookie: a safe one may, any other must come from a page of ours, by its `Origin` and by
 * `Sec-Fetch-Site`. Browsers send the latter wherever the connection is secure or to this machine, so there it must be present.
 */
export function sameOrigin(publicUrl: string): (request: OriginCheck) => boolean {
  const url = new URL(publicUrl);
  const isLoopback = LOOPBACK.includes(url.hostname);
  const origins = new Set([url.origin]);
  // The same server by its other names; nobody else can answer at these.
  if (isLoopback)
    for (const name of LOOPBACK) origins.add(`${url.protocol}//${name}${url.port && `:${url.port}`}`);
  const tellsSite = isLoopback || url.protocol === 'https:';
  return ({ method, origin, fetchSite }) => {
    if (SAFE.has(method)) return true;
    if (origin === undefined || !origins.has(origin)) return false;
    return fetchSite === undefined ? !tellsSite : fetchSite === 'same-origin';
  };
}
