import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Hono } from 'hono';
import { ApiError, urlNotFound } from '../errors.ts';
import type { GatewayEnv } from '../gateway-env.ts';
import { refuseOtherMethods } from '../middleware/refuse-other-methods.ts';
import { NONCE_PLACEHOLDER, type StaticSite } from '../static-site.ts';

/**
 * The pages of the application, by the first segment of their paths. A closed list: any other path stays a 404 in JSON, so that
 * a mistyped path of the API is never answered with a page.
 */
const PAGES = [
  'sign-in',
  'videos',
  'library',
  'teams',
  'keys',
  'webhooks',
  'upstreams',
  'audit',
  'settings',
] as const;

/** Scripts and styles of ours alone. The nonce is for the one style element with which an open dialog stops the page from scrolling. */
function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "media-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Mounted at `/`, last: the dashboard as `npm run build` made it. Without a build it says so. */
export function createDashboardRoutes(deps: { readonly site: StaticSite }): Hono<GatewayEnv> {
  const { site } = deps;
  const app = new Hono<GatewayEnv>();
  for (const path of ['/', ...PAGES.flatMap((page) => [`/${page}`, `/${page}/*`])]) {
    app
      .all(path, async (c, next) => {
        if (isProgram(c.env.incoming)) throw perhapsMeantForTheApi(c.req.method, c.req.path);
        await next();
      })
      .get(path, async (c) => {
        const nonce = randomBytes(16).toString('base64url');
        const page = await site.page();
        return c.body(page.replaceAll(NONCE_PLACEHOLDER, nonce), 200, {
          'content-type': 'text/html; charset=utf-8',
          // Asked for anew each time, so that a new release is seen at once; what it refers to is kept for ever.
          'cache-control': 'no-cache',
          'content-security-policy': contentSecurityPolicy(nonce),
          'cross-origin-opener-policy': 'same-origin',
          'permissions-policy': 'camera=(), geolocation=(), microphone=()',
          'referrer-policy': 'same-origin',
          'x-frame-options': 'DENY',
        });
      })
      .all(path, refuseOtherMethods('GET', 'HEAD'));
  }
  return app
    .get('/assets/:file', async (c) => {
      const asset = await site.asset(c.req.param('file'), c.req.header('accept-encoding') ?? '');
      if (!asset) throw urlNotFound(c.req.method, c.req.path);
      return c.body(asset.bytes, 200, {
        'content-type': asset.type,
        'cache-control': 'public, max-age=31536000, immutable',
        vary: 'accept-encoding',
        ...(asset.encoding && { 'content-encoding': asset.encoding }),
      });
    })
    .all('/assets/:file', refuseOtherMethods('GET', 'HEAD'));
}

/** A program that was given a base URL without `/v1`: a page would look to it like an answer. */
function isProgram({ headers }: IncomingMessage): boolean {
  const { accept, authorization } = headers;
  if (/^bearer /i.test(authorization ?? '') || headers['api-key'] !== undefined) return true;
  return accept !== undefined && !/text\/html|\*\/\*/.test(accept);
}

function perhapsMeantForTheApi(method: string, path: string): ApiError {
  return new ApiError(
    404,
    `Invalid URL (${method} ${path.slice(0, 200)}). This is a page of the dashboard; the API is below /v1, which your base URL has to end with.`,
  );
}
