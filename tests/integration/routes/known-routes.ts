/** Every route that the gateway may serve. One that is not here fails the suite: who may use it has to be decided first. */
import { API_OPERATIONS, type ApiOperation } from '@reelgate/contract';
import { ADMIN_OPERATIONS, type AdminOperation } from '@reelgate/contract/admin';

/** Served to whoever asks, and why that is all right. */
const OPEN: Readonly<Record<string, string>> = {
  'GET /health/live': 'says ok',
  'GET /health/ready': 'says ok',
  'GET /objects/*': 'the link itself is signed',
  'GET /objects/:key{.+}': 'the link itself is signed',
  'GET /share/:token': 'the token in it is the permission, for one video',
  'GET /openapi.json': 'tells nothing of anybody',
  'GET /docs': 'tells nothing of anybody',
  'GET /docs/*': 'files of the reference page',
  'GET /admin/openapi.json': 'tells nothing of anybody',
  'GET /admin/docs': 'tells nothing of anybody',
  'GET /admin/docs/*': 'files of the reference page',
  'GET /auth/session': 'tells whose session a cookie is',
  'POST /auth/sign-in': 'takes a password',
  'POST /auth/oidc': 'begins a sign-in',
  'GET /auth/callback/*': 'ends a sign-in',
  'POST /auth/sign-out': 'takes a session',
  'POST /auth/sign-out-everywhere': 'takes a session',
  'POST /auth/password': 'takes a session and a password',
  'GET /': 'the dashboard, which asks the Admin API',
  'GET /assets/*': 'files of the dashboard',
  'POST /hooks/upstream/:token': 'the token in it is the secret of one upstream',
  ...Object.fromEntries(
    ['sign-in', 'videos', 'library', 'teams', 'keys', 'webhooks', 'upstreams', 'audit', 'settings'].flatMap(
      (page) => [
        [`GET /${page}`, 'a page of the dashboard'],
        [`GET /${page}/*`, 'a page of the dashboard'],
      ],
    ),
  ),
};

export type KnownRoute =
  | { readonly kind: 'open' }
  | { readonly kind: 'public'; readonly base: string; readonly operation: ApiOperation }
  | { readonly kind: 'admin'; readonly id: string; readonly operation: AdminOperation };

/** What a line of the router is; null where nobody knows. */
export function knownRoute(line: string): KnownRoute | null {
  const [method = '', path = ''] = line.split(' ');
  if (Object.keys(OPEN).some((open) => matches(open, line))) return { kind: 'open' };
  for (const base of ['/v1', '/openai/v1']) {
    const operation = API_OPERATIONS.find(
      (one) => one.method.toUpperCase() === method && bare(`${base}${one.path}`) === bare(path),
    );
    if (operation) return { kind: 'public', base, operation };
  }
  const found = Object.entries(ADMIN_OPERATIONS).find(
    ([, one]) => one.method.toUpperCase() === method && bare(`/admin/v1${one.path}`) === bare(path),
  );
  return found ? { kind: 'admin', id: found[0], operation: found[1] } : null;
}

function matches(open: string, line: string): boolean {
  return open.endsWith('/*') ? line.startsWith(open.slice(0, -1)) : open === line;
}

/** Without the names of parameters, and without a slash at the end. */
function bare(path: string): string {
  return path.replaceAll(/\{\w+\}|:\w+(?:\{[^}]*\})?/g, '{}').replace(/(?<=.)\/$/, '');
}
