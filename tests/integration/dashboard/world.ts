import { fileURLToPath } from 'node:url';
import { createUser, type UserRole } from '@reelgate/core';
import { freePort } from '@reelgate/embedded';
import { hashPassword } from '@reelgate/identity';
import { buildDashboard } from '@reelgate/standalone/dashboard-build';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { ensureChromium, launchChromium } from '../../browser/chromium.ts';
import { type Stack, startStack } from '../gateway/gateway-process.ts';

export const PASSWORD = 'correct horse battery staple';

const chromium = await ensureChromium();
/** Why nothing can be seen here; null where a browser is there. */
export const noBrowser = 'why' in chromium ? chromium.why : null;
if (noBrowser) console.warn(`!!! NOT TESTED: the dashboard in a browser: ${noBrowser}`);

export interface World {
  readonly stack: Stack;
  readonly origin: string;
  /** A browser of its own, signed in as nobody. */
  visit(options?: { width?: number; theme?: 'light' | 'dark' }): Promise<Visit>;
  addUser(user: {
    name: string;
    role: UserRole;
    teamIds?: readonly string[];
  }): Promise<{ id: string; email: string }>;
  close(): Promise<void>;
}

export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the browser complained of: errors of scripts, of the policy, of requests. */
  readonly complaints: string[];
  signIn(email: string, password?: string): Promise<void>;
}

/** The gateway over real Postgres, the dashboard as it is built, and a real browser. */
export async function startWorld(env: Record<string, string> = {}, givenPort?: number): Promise<World> {
  await buildDashboard(fileURLToPath(new URL('../../..', import.meta.url)), { step: () => {} });
  const port = givenPort ?? (await freePort());
  const origin = `http://127.0.0.1:${port}`;
  const stack = await startStack({ env: { PORT: `${port}`, PUBLIC_URL: origin, ...env } });
  const browsers: Browser[] = [];
  const passwordHash = await hashPassword(PASSWORD);
  return {
    stack,
    origin,
    async visit({ width = 1280, theme = 'light' } = {}) {
      if (!('path' in chromium)) throw new Error('there is no browser');
      // One for each visit: of two windows of one browser, the one behind is not drawn, and a click in it never ends.
      const browser = await launchChromium(chromium.path);
      browsers.push(browser);
      const context = await browser.newContext({
        baseURL: origin,
        viewport: { width, height: 900 },
        colorScheme: theme,
        reducedMotion: 'reduce',
      });
      context.setDefaultTimeout(15_000);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(String(error)));
      return {
        page,
        context,
        complaints,
        async signIn(email, password = PASSWORD) {
          await page.goto('/sign-in');
          await page.getByLabel('E-mail').fill(email);
          await page.getByLabel('Password').fill(password);
          await page.getByRole('button', { name: 'Sign in' }).click();
          await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
        },
      };
    },
    async addUser({ name, role, teamIds = [] }) {
      const email = `${name.toLowerCase().replaceAll(' ', '.')}@example.com`;
      const { id } = await createUser(
        { db: stack.database.db },
        { email, name, role, teamIds, passwordHash },
      );
      return { id, email };
    },
    async close() {
      await Promise.all(browsers.map((browser) => browser.close()));
      await stack.close();
    },
  };
}
