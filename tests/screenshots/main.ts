/** `npm run screenshots`: every page of a running `npm start`, light and dark, wide and narrow. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { ensureChromium, launchChromium } from '../browser/chromium.ts';

const HELP = `Takes a picture of every page of the dashboard, light and dark, 1440 and 360 pixels wide.

Usage: npm run screenshots [-- options]

  --out DIR       where to (default screenshots)
  --page NAME     only pages whose name contains this
  --url URL       of the gateway, with --email and --password
  --theme, --width only this one

Needs a running \`npm start\`; \`npm run demo-data\` fills it.`;

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'screenshots' },
    page: { type: 'string', default: '' },
    url: { type: 'string' },
    email: { type: 'string' },
    password: { type: 'string' },
    theme: { type: 'string' },
    width: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

/** A page by its path, and what to press on it first. */
const PAGES: readonly { name: string; path: string; press?: readonly string[]; keys?: string }[] = [
  { name: 'overview', path: '/' },
  { name: 'videos', path: '/videos' },
  { name: 'library', path: '/library' },
  { name: 'teams', path: '/teams' },
  { name: 'teams-requests', path: '/teams?tab=requests' },
  { name: 'team', path: 'team' },
  {
    name: 'team-budget',
    path: 'team',
    press: ['main button[aria-label^="Actions for"]', 'text=Change the budget…'],
  },
  { name: 'keys', path: '/keys' },
  { name: 'keys-new', path: '/keys', press: ['button:has-text("New key")'] },
  { name: 'webhooks', path: '/webhooks' },
  { name: 'webhooks-deliveries', path: '/webhooks?tab=deliveries' },
  { name: 'webhook', path: 'webhook' },
  { name: 'upstreams', path: '/upstreams' },
  { name: 'upstreams-models', path: '/upstreams?tab=models' },
  { name: 'upstreams-prices', path: '/upstreams?tab=prices' },
  { name: 'upstreams-orphans', path: '/upstreams?tab=orphans' },
  { name: 'upstreams-adopt', path: '/upstreams?tab=orphans', press: ['button:has-text("Adopt")'] },
  { name: 'audit', path: '/audit' },
  { name: 'audit-entry', path: '/audit', press: ['tbody tr >> nth=2'] },
  { name: 'settings', path: '/settings' },
  { name: 'settings-organization', path: '/settings?tab=organization' },
  { name: 'settings-people', path: '/settings?tab=people' },
  { name: 'palette', path: '/teams', keys: 'Control+k' },
  { name: 'video', path: 'video' },
  { name: 'video-running', path: 'running' },
];
/** Of which list a page shows one. */
const LISTS: Readonly<Record<string, readonly [list: string, place: string]>> = {
  team: ['teams?limit=1', '/teams'],
  video: ['videos?status=completed&operation=remix&limit=1', '/videos'],
  running: ['videos?state=rendering&limit=1', '/videos'],
  webhook: ['webhook-endpoints?state=disabled_auto&limit=1', '/webhooks'],
};
const WIDTHS = [1440, 360] as const;
const THEMES = ['light', 'dark'] as const;

try {
  if (values.help) console.log(HELP);
  else await run();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

async function run(): Promise<void> {
  const chromium = await ensureChromium();
  if ('why' in chromium) throw new Error(chromium.why);
  const { url, email, password } = await target();
  await mkdir(values.out, { recursive: true });
  const browser = await launchChromium(chromium.path);
  try {
    for (const theme of THEMES) {
      if (values.theme && values.theme !== theme) continue;
      for (const width of WIDTHS) {
        if (values.width && Number(values.width) !== width) continue;
        await takeAll(browser, { url, email, password, theme, width });
      }
    }
  } finally {
    await browser.close();
  }
}

interface Shot {
  readonly url: string;
  readonly email: string;
  readonly password: string;
  readonly theme: 'light' | 'dark';
  readonly width: number;
}

async function takeAll(browser: Browser, { url, email, password, theme, width }: Shot): Promise<void> {
  const context = await browser.newContext({
    viewport: { width, height: width > 600 ? 900 : 740 },
    colorScheme: theme,
    reducedMotion: 'reduce',
    baseURL: url,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  // What lies over a page covers the window, not all that can be scrolled to.
  const save = (name: string, fullPage = true) =>
    page.screenshot({ path: join(values.out, `${name}-${theme}-${width}.png`), fullPage });

  await page.goto('/sign-in');
  await page.getByLabel('E-mail').waitFor();
  if ('sign-in'.includes(values.page)) await save('sign-in');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((at) => !at.pathname.startsWith('/sign-in'));
  for (const { name, path, press = [], keys } of PAGES) {
    if (!name.includes(values.page)) continue;
    complaints.length = 0;
    await page.goto(await pathOf(path, url, context.request));
    await page.locator('main').waitFor();
    await page
      .locator('.skeleton')
      .first()
      .waitFor({ state: 'detached', timeout: 15_000 })
      .catch(() => {});
    for (const selector of press) {
      await page
        .locator(selector)
        .first()
        .click({ timeout: 3_000 })
        .catch(() => complaints.push(`no ${selector}`));
    }
    if (keys) await page.keyboard.press(keys);
    // Pictures come when they are scrolled to, charts when their library has.
    const isOver = press.length > 0 || keys !== undefined;
    if (!isOver) await page.evaluate('scrollTo(0, document.body.scrollHeight)');
    await page.waitForLoadState('networkidle', { timeout: 4_000 }).catch(() => {});
    await page.evaluate('scrollTo(0, 0)');
    await save(name, !isOver);
    const isTooWide = await page.evaluate<boolean>(
      'document.documentElement.scrollWidth > window.innerWidth + 1',
    );
    const notes = [...new Set(complaints), ...(isTooWide ? ['wider than the window'] : [])];
    console.log(`${name} ${theme} ${width}${notes.length > 0 ? `: ${notes.join('; ')}` : ''}`);
  }
  await context.close();
}

async function pathOf(
  path: string,
  url: string,
  request: { get(url: string): Promise<{ json(): Promise<unknown> }> },
): Promise<string> {
  if (path.startsWith('/')) return path;
  const [list, place] = LISTS[path] ?? [];
  const answer = (await (await request.get(`${url}/admin/v1/${list}`)).json()) as { data?: { id: string }[] };
  return `${place}/${answer.data?.[0]?.id ?? 'none'}`;
}

async function target(): Promise<{ url: string; email: string; password: string }> {
  if (values.url && values.email && values.password) {
    return { url: values.url, email: values.email, password: values.password };
  }
  const home = process.env.REELGATE_HOME || new URL('../../.reelgate', import.meta.url).pathname;
  const connection = JSON.parse(
    await readFile(`${home}/connection.json`, 'utf8').catch(() => {
      throw new Error('No stack is running. Run `npm start` in another terminal.');
    }),
  ) as { publicURL: string; admin: { email: string; password: string } | null };
  if (!connection.admin) throw new Error('Nobody knows the password: give --url, --email and --password.');
  return { url: connection.publicURL, ...connection.admin };
}
