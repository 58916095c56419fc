import { createHmac } from 'node:crypto';
import type { Database } from '@reelgate/db';
import { APIError } from 'better-auth';
import { countAttempt, endSessions, forgetAttempts, useSession } from './queries.ts';
import {
  CLIENT_ADDRESS_HEADER,
  createSignInLibrary,
  OIDC_PROVIDER,
  type OidcSettings,
} from './sign-in-library.ts';

const SESSION_SECONDS = 12 * 60 * 60;
const IDLE_SECONDS = 60 * 60;
/** Generous: a whole company may come from one address. */
const LIMIT_BY_ADDRESS = { attempts: 100, windowSeconds: 300 };
const LIMIT_BY_ACCOUNT = { attempts: 10, windowSeconds: 900 };

export interface IdentitySettings {
  readonly db: Database;
  /** Where browsers reach the gateway. */
  readonly publicUrl: string;
  readonly secretKey: Buffer;
  readonly oidc: OidcSettings | null;
  readonly onWarning: (message: string) => void;
  /** Of a session since it was last used; an hour. */
  readonly idleSeconds?: number;
}

/** A person with a session that may be used. */
export interface SignedIn {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly role: 'admin' | 'manager' | 'member';
  readonly teams: readonly { readonly id: string; readonly name: string }[];
  /** They were asked who they are within the last 15 minutes, by us or by their provider. */
  readonly signedInRecently: boolean;
  readonly expiresAt: Date;
}

/** Of a request, as far as sign-in needs it. */
export interface Browser {
  readonly cookie: string | undefined;
  readonly address: string | undefined;
  readonly userAgent: string | undefined;
}

export type Outcome =
  | { readonly kind: 'done'; readonly cookies: readonly string[] }
  | { readonly kind: 'refused' }
  | { readonly kind: 'wait'; readonly seconds: number };

export interface Identity {
  readonly oidcName: string | null;
  /** Null: nobody is signed in. */
  resolve(cookie: string | undefined): Promise<SignedIn | null>;
  signIn(browser: Browser, credentials: { email: string; password: string }): Promise<Outcome>;
  /**
   * Where to send the browser, and the cookies that bind the answer to it. `again`: the provider has to ask, though it still knows
   * who sits there.
   */
  beginOidc(
    browser: Browser,
    next: string,
    again?: boolean,
  ): Promise<{ url: string; cookies: readonly string[] }>;
  /** The provider's answer, `query` with its `?`: where to go on. */
  finishOidc(browser: Browser, query: string): Promise<{ location: string; cookies: readonly string[] }>;
  signOut(browser: Browser): Promise<readonly string[]>;
  /** Ends every session of the person whose cookie this is. */
  signOutEverywhere(browser: Browser): Promise<readonly string[]>;
  changePassword(browser: Browser, change: { current: string; next: string }): Promise<Outcome>;
}

/** Who people are: passwords, the company's OpenID provider, and sessions of twelve hours that end after an idle one. */
export function createIdentity(settings: IdentitySettings): Identity {
  const { db, oidc, idleSeconds = IDLE_SECONDS } = settings;
  const { library, duringSignIn } = createSignInLibrary({
    db,
    publicUrl: new URL(settings.publicUrl).origin,
    // A key of its own, so that a cookie is never taken for anything else that the same key signs.
    secret: createHmac('sha256', settings.secretKey).update('reelgate sign-in cookies').digest('base64url'),
    sessionSeconds: SESSION_SECONDS,
    oidc,
    onWarning: settings.onWarning,
  });

  /** The session of a cookie whose signature is right; whether it may be used is another question. */
  async function sessionOf(cookie: string | undefined) {
    if (!cookie) return null;
    const found = await library.api.getSession({
      headers: new Headers({ cookie }),
      query: { disableRefresh: true, disableCookieCache: true },
    });
    return found?.session ?? null;
  }

  async function clearedCookies(browser: Browser): Promise<readonly string[]> {
    const { headers } = await library.api.signOut({ headers: headersOf(browser), returnHeaders: true });
    return headers.getSetCookie();
  }

  return {
    oidcName: oidc?.name ?? null,
    async resolve(cookie) {
      const session = await sessionOf(cookie);
      return session && (await useSession(db, session.token, idleSeconds));
    },
    async signIn(browser, { email, password }) {
      const account = `account ${email.trim().toLowerCase()}`;
      const waits = [
        await countAttempt(db, `address ${browser.address}`, LIMIT_BY_ADDRESS),
        await countAttempt(db, account, LIMIT_BY_ACCOUNT),
      ];
      const seconds = Math.max(...waits);
      if (seconds > 0) return { kind: 'wait', seconds };
      try {
        const { headers } = await library.api.signInEmail({
          body: { email: email.trim(), password },
          // Without its cookie: a sign-in begins a session, it never takes one over.
          headers: headersOf({ ...browser, cookie: undefined }),
          returnHeaders: true,
        });
        await forgetAttempts(db, account);
        return { kind: 'done', cookies: headers.getSetCookie() };
      } catch (error) {
        if (error instanceof APIError) return { kind: 'refused' };
        throw error;
      }
    },
    async beginOidc(browser, next, again = false) {
      const session = again ? await sessionOf(browser.cookie) : null;
      const known = session && (await useSession(db, session.token, idleSeconds));
      const { response, headers } = await library.api.signInSocial({
        body: {
          provider: OIDC_PROVIDER,
          callbackURL: next,
          errorCallbackURL: '/sign-in',
          disableRedirect: true,
          // With `max_age` a provider has to tell when it asked.
          additionalParams: again ? { prompt: 'login', max_age: '0' } : { max_age: String(SESSION_SECONDS) },
          additionalData: { again },
          ...(known && { loginHint: known.email }),
        },
        headers: headersOf({ ...browser, cookie: undefined }),
        returnHeaders: true,
      });
      if (!('url' in response) || !response.url) throw new Error('The provider has no page to sign in.');
      return { url: response.url, cookies: headers.getSetCookie() };
    },
    async finishOidc(browser, query) {
      const url = new URL(`/auth/callback/${OIDC_PROVIDER}${query}`, settings.publicUrl);
      const request = new Request(url, { headers: headersOf(browser) });
      const answer = await duringSignIn(() => library.handler(request));
      const location = answer.headers.get('location');
      return { location: location ?? '/sign-in?error=failed', cookies: answer.headers.getSetCookie() };
    },
    signOut: clearedCookies,
    async signOutEverywhere(browser) {
      const session = await sessionOf(browser.cookie);
      if (session) await endSessions(db, session.userId);
      return await clearedCookies(browser);
    },
    async changePassword(browser, { current, next }) {
      const session = await sessionOf(browser.cookie);
      if (!session) return { kind: 'refused' };
      const seconds = await countAttempt(db, `password ${session.userId}`, LIMIT_BY_ACCOUNT);
      if (seconds > 0) return { kind: 'wait', seconds };
      try {
        const { headers } = await library.api.changePassword({
          body: { currentPassword: current, newPassword: next, revokeOtherSessions: false },
          headers: headersOf(browser),
          returnHeaders: true,
        });
        // Whoever knew the old one is out.
        await endSessions(db, session.userId, session.token);
        return { kind: 'done', cookies: headers.getSetCookie() };
      } catch (error) {
        if (error instanceof APIError) return { kind: 'refused' };
        throw error;
      }
    },
  };
}

function headersOf({ cookie, address, userAgent }: Browser): Headers {
  return new Headers({
    ...(cookie && { cookie }),
    ...(address && { [CLIENT_ADDRESS_HEADER]: address }),
    ...(userAgent && { 'user-agent': userAgent }),
  });
}
