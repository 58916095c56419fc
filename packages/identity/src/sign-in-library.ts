import { AsyncLocalStorage } from 'node:async_hooks';
import { type Database, newId, schema } from '@reelgate/db';
import { APIError, betterAuth } from 'better-auth';
import { drizzleAdapter } from 'better-auth/adapters/drizzle';
import { getOAuthState } from 'better-auth/api';
import { genericOAuth } from 'better-auth/plugins';
import { isDisabled, noteIdentified } from './queries.ts';

/** The identity provider of the company. */
export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
  /** On the button. */
  readonly name: string;
}

export interface LibrarySettings {
  readonly db: Database;
  readonly publicUrl: string;
  /** Signs cookies. */
  readonly secret: string;
  readonly sessionSeconds: number;
  readonly oidc: OidcSettings | null;
  readonly onWarning: (message: string) => void;
}

export const OIDC_PROVIDER = 'oidc';
/** Under which callers of the library name the client's address; no request of a client gets this far as it came. */
export const CLIENT_ADDRESS_HEADER = 'x-client-address';

const DISCOVERY_MS = 5_000;

const COOKIES = [
  'session_token',
  'session_data',
  'account_data',
  'dont_remember',
  'state',
  'oauth_state',
  'pk_code_verifier',
] as const;

/**
 * better-auth as we use it. Only what `createIdentity` calls can be reached: its own router is given nothing but the provider's
 * callback.
 */
export function createSignInLibrary(settings: LibrarySettings) {
  const { db, publicUrl, oidc } = settings;
  const isSecure = publicUrl.startsWith('https:');
  const name = (cookie: string) =>
    `${isSecure ? '__Host-' : ''}reelgate_${cookie === 'session_token' ? 'session' : cookie}`;
  /** What the provider's token says, between the library's steps of one sign-in. */
  const signIns = new AsyncLocalStorage<{ authTime: number | null }>();

  /** By password just now; by the provider when it says that it asked, or just now where it was to ask and never says. */
  async function noteWhen(sessionId: string): Promise<void> {
    const atProvider = signIns.getStore();
    if (!atProvider) return await noteIdentified(db, sessionId, 'now');
    if (atProvider.authTime !== null) return await noteIdentified(db, sessionId, atProvider.authTime);
    const wasToAsk = (await getOAuthState())?.again === true;
    if (wasToAsk && oidc && !(await tellsWhenItAsked(oidc))) await noteIdentified(db, sessionId, 'now');
  }

  const library = betterAuth({
    appName: 'Reelgate',
    baseURL: publicUrl,
    basePath: '/auth',
    secret: settings.secret,
    telemetry: { enabled: false },
    logger: { level: 'warn', disableColors: true, log: (_level, message) => settings.onWarning(message) },
    database: drizzleAdapter(db, {
      provider: 'pg',
      schema: {
        user: schema.users,
        session: schema.userSessions,
        account: schema.userAccounts,
        verification: schema.signInVerifications,
      },
    }),
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 12, maxPasswordLength: 128 },
    session: {
      expiresIn: settings.sessionSeconds,
      // Absolute: using a session does not make it longer.
      disableSessionRefresh: true,
      cookieCache: { enabled: false },
    },
    account: {
      accountLinking: {
        enabled: true,
        // The company's own provider says who is who; an account that an admin has prepared is taken over by its e-mail address.
        trustedProviders: [OIDC_PROVIDER],
      },
    },
    rateLimit: { enabled: false },
    advanced: {
      useSecureCookies: false,
      defaultCookieAttributes: { secure: isSecure, httpOnly: true, sameSite: 'lax', path: '/' },
      cookies: Object.fromEntries(COOKIES.map((cookie) => [cookie, { name: name(cookie), attributes: {} }])),
      ipAddress: { ipAddressHeaders: [CLIENT_ADDRESS_HEADER] },
      database: { generateId: ({ model }) => (model === 'user' ? newId('user') : crypto.randomUUID()) },
    },
    databaseHooks: {
      account: {
        create: { before: async (account) => ({ data: { ...account, ...NO_TOKENS } }) },
        update: { before: async (account) => ({ data: { ...account, ...NO_TOKENS } }) },
      },
      session: {
        create: {
          before: async (session) => {
            if (await isDisabled(db, session.userId)) {
              throw new APIError('FORBIDDEN', {
                code: 'user_disabled',
                message: 'This account is disabled.',
              });
            }
            return { data: session };
          },
          after: async ({ id }) => await noteWhen(id),
        },
      },
    },
    plugins: oidc
      ? [
          genericOAuth({
            config: [
              {
                providerId: OIDC_PROVIDER,
                name: oidc.name,
                discoveryUrl: discoveryUrlOf(oidc),
                requireIdTokenVerification: true,
                clientId: oidc.clientId,
                clientSecret: oidc.clientSecret,
                scopes: [...oidc.scopes],
                pkce: true,
                accountSubject: ({ tokens, profile }) => {
                  // Verified by now; without one the library would not have come here.
                  const claims = claimsOf(tokens.idToken);
                  const signIn = signIns.getStore();
                  if (signIn && typeof claims.auth_time === 'number') signIn.authTime = claims.auth_time;
                  return claims.sub ?? profile.sub ?? '';
                },
                mapProfileToUser: (profile) => ({
                  name: String(profile.name || profile.email),
                  // Trusted as a whole: see `trustedProviders`.
                  emailVerified: true,
                }),
              },
            ],
          }),
        ]
      : [],
  });
  return {
    library,
    /** Around whatever takes the provider's answer. */
    duringSignIn: <T>(work: () => Promise<T>): Promise<T> => signIns.run({ authTime: null }, work),
  };
}

const discoveryUrlOf = ({ issuer }: OidcSettings) =>
  `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;

/** One that can say it always does when it is asked to, so that silence means that somebody has changed the request on its way. */
async function tellsWhenItAsked(oidc: OidcSettings): Promise<boolean> {
  try {
    const answer = await fetch(discoveryUrlOf(oidc), { signal: AbortSignal.timeout(DISCOVERY_MS) });
    const { claims_supported: claims } = (await answer.json()) as { claims_supported?: unknown };
    return Array.isArray(claims) && claims.includes('auth_time');
  } catch {
    return true;
  }
}

function claimsOf(idToken: string | undefined): { sub?: string; auth_time?: unknown } {
  const [, payload = ''] = idToken?.split('.') ?? [];
  return payload === '' ? {} : JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
}

const NO_TOKENS = { accessToken: null, refreshToken: null, idToken: null };
