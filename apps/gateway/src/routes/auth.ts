import type { Identity, Outcome, SignedIn } from '@reelgate/identity';
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { browserOf, originOf } from '../browser.ts';
import { ApiError, badRequest } from '../errors.ts';
import type { GatewayEnv } from '../gateway-env.ts';
import { refuseOtherMethods } from '../middleware/refuse-other-methods.ts';
import { streamBody } from '../read-body.ts';

export interface AuthDeps {
  readonly identity: Identity;
  /** Whether a request that changes something comes from a page of ours. */
  readonly isSameOrigin: (request: {
    method: string;
    origin: string | undefined;
    fetchSite: string | undefined;
  }) => boolean;
}

const MAX_BODY_BYTES = 16 * 1024;
const BODY_TIMEOUT_MS = 10_000;
/** After a sign-in people get to pages of ours and nowhere else. */
const NEXT =
  /^\/(?:(?:videos|library|teams|keys|webhooks|upstreams|audit|settings)(?:\/[\w-]+)*)?(?:\?[\w=&.,:%+-]*)?$/;
const PASSWORD_LENGTH = { min: 12, max: 128 };

const credentialsSchema = z.object({
  email: z.string().min(1).max(254),
  password: z.string().min(1).max(PASSWORD_LENGTH.max),
});
const oidcSchema = z.object({
  next: z.string().max(2_000).optional(),
  /** The provider has to ask who it is, though it still knows. */
  again: z.boolean().optional(),
});
const passwordSchema = z.object({
  current_password: z.string().min(1).max(PASSWORD_LENGTH.max),
  new_password: z.string().min(PASSWORD_LENGTH.min).max(PASSWORD_LENGTH.max),
});

/** Signing in and out of the dashboard. A session's cookie is worth nothing at `/v1`. */
export function createAuthRoutes({ identity, isSameOrigin }: AuthDeps): Hono<GatewayEnv> {
  const app = new Hono<GatewayEnv>();
  app.use('*', async (c, next) => {
    if (!isSameOrigin(originOf(c))) throw crossSite();
    c.env.outgoing.setHeader('cache-control', 'no-store');
    await next();
  });
  return app
    .get('/session', async (c) => {
      const signedIn = await identity.resolve(browserOf(c).cookie);
      return c.json({
        session: signedIn && sessionJson(signedIn),
        sign_in: { password: true, oidc: identity.oidcName === null ? null : { name: identity.oidcName } },
      });
    })
    .all('/session', refuseOtherMethods('GET', 'HEAD'))
    .post('/sign-in', async (c) => {
      const credentials = await bodyOf(c, credentialsSchema);
      settle(c, await identity.signIn(browserOf(c), credentials), () => {
        throw new ApiError(401, 'The e-mail address or the password is wrong.', {
          code: 'wrong_credentials',
        });
      });
      return c.json({ object: 'done' });
    })
    .all('/sign-in', refuseOtherMethods('POST'))
    .post('/oidc', async (c) => {
      if (identity.oidcName === null) {
        throw new ApiError(404, 'No identity provider is set up.', { code: 'not_found' });
      }
      const { next, again } = await bodyOf(c, oidcSchema);
      const { url, cookies } = await identity.beginOidc(browserOf(c), pageOrRoot(next), again);
      setCookies(c, cookies);
      return c.json({ url });
    })
    .all('/oidc', refuseOtherMethods('POST'))
    .get('/callback/oidc', async (c) => {
      const { location, cookies } = await identity.finishOidc(browserOf(c), new URL(c.req.url).search);
      setCookies(c, cookies);
      return c.redirect(location, 302);
    })
    .all('/callback/oidc', refuseOtherMethods('GET', 'HEAD'))
    .post('/sign-out', async (c) => {
      setCookies(c, await identity.signOut(browserOf(c)));
      return c.json({ object: 'done' });
    })
    .all('/sign-out', refuseOtherMethods('POST'))
    .post('/sign-out-everywhere', async (c) => {
      setCookies(c, await identity.signOutEverywhere(browserOf(c)));
      return c.json({ object: 'done' });
    })
    .all('/sign-out-everywhere', refuseOtherMethods('POST'))
    .post('/password', async (c) => {
      if (!(await identity.resolve(browserOf(c).cookie))) {
        throw new ApiError(401, 'Sign in first.', { code: 'session_expired' });
      }
      const change = await bodyOf(c, passwordSchema);
      const given = { current: change.current_password, next: change.new_password };
      settle(c, await identity.changePassword(browserOf(c), given), () => {
        throw badRequest('wrong_credentials', 'The current password is wrong.', 'current_password');
      });
      return c.json({ object: 'done' });
    })
    .all('/password', refuseOtherMethods('POST'));
}

function sessionJson({ userId, email, name, role, teams, expiresAt }: SignedIn) {
  return {
    user: { id: userId, email, name },
    role,
    teams,
    expires_at: Math.floor(expiresAt.getTime() / 1000),
  };
}

function settle(c: Context<GatewayEnv>, outcome: Outcome, refuse: () => never): void {
  if (outcome.kind === 'refused') refuse();
  if (outcome.kind === 'wait') {
    throw new ApiError(429, `Too many tries. Try again in ${outcome.seconds} seconds.`, {
      code: 'rate_limit_exceeded',
      headers: { 'retry-after': String(outcome.seconds) },
    });
  }
  setCookies(c, outcome.cookies);
}

function setCookies(c: Context<GatewayEnv>, cookies: readonly string[]): void {
  for (const cookie of cookies) c.header('set-cookie', cookie, { append: true });
}

function pageOrRoot(next: string | undefined): string {
  return next !== undefined && NEXT.test(next) ? next : '/';
}

/** What the session check needs to know of a request, here and at the admin API. */
function crossSite(): ApiError {
  return new ApiError(403, 'This request does not come from a page of this gateway.', { code: 'cross_site' });
}

async function bodyOf<T>(c: Context<GatewayEnv>, schema: z.ZodType<T>): Promise<T> {
  const { incoming } = c.env;
  if (!/^application\/json(?:;|$)/i.test(incoming.headers['content-type'] ?? '')) {
    throw new ApiError(415, 'Send JSON.', { code: 'unsupported_media_type' });
  }
  const chunks: Buffer[] = [];
  await streamBody(incoming, { maxBytes: MAX_BODY_BYTES, timeoutMs: BODY_TIMEOUT_MS }, (chunk) => {
    chunks.push(chunk);
    return true;
  });
  let json: unknown;
  try {
    json = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw badRequest('invalid_json', 'The body is not valid JSON.');
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badRequest('invalid_value', issue?.message ?? 'Invalid.', issue?.path.join('.'));
}
