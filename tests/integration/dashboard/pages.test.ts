import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noBrowser, startWorld, type Visit, type World } from './world.ts';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let world: World;
let admin: Visit;
let member: Visit;
let films: string;
let video: string;

beforeAll(async () => {
  if (noBrowser) return;
  world = await startWorld();
  const { $client } = world.stack.database.db;
  const [own, other] = [await world.stack.addTeam(250_000_000n), await world.stack.addTeam(100_000_000n)];
  await $client.query("update teams set name = 'films' where id = $1", [own.teamId]);
  await $client.query("update teams set name = 'secret lab' where id = $1", [other.teamId]);
  films = own.teamId;
  video = (await world.stack.create(own)).json.id;
  const ada = await world.addUser({ name: 'Ada Admin', role: 'admin' });
  const max = await world.addUser({ name: 'Max Member', role: 'member', teamIds: [films] });
  admin = await world.visit();
  await admin.signIn(ada.email);
  member = await world.visit();
  await member.signIn(max.email);
});
afterAll(() => world?.close());

const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name });
const row = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });

describe.skipIf(noBrowser !== null)('an admin', () => {
  test('makes a team, renames it, takes that back, and finds all of it in the audit log', async () => {
    const { page } = admin;
    await page.goto('/teams');
    await page.getByRole('button', { name: 'New team' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('trailers');
    await page.getByRole('button', { name: 'Make the team' }).click();
    await heading(page, 'trailers').waitFor();

    const act = async (name: string) => {
      await page
        .getByRole('button', { name: /^Actions for/ })
        .first()
        .click();
      await page.getByRole('menuitem', { name }).click();
    };
    await act('Change…');
    await page.getByRole('dialog').getByLabel('Name').fill('teasers');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await heading(page, 'teasers').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await heading(page, 'trailers').waitFor();

    await page.goto('/audit');
    for (const action of ['team.update', 'team.create']) {
      await page.getByText(action, { exact: true }).first().waitFor();
    }
    await row(page, 'team.create').first().click();
    const entry = page.getByRole('dialog');
    await entry.getByText('trailers').first().waitFor();
    await entry.getByText('ada.admin@example.com').first().waitFor();
    await page.keyboard.press('Escape');
    await entry.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Verify' }).click();
    await page
      .getByText(/rows are as they were written/)
      .first()
      .waitFor();
  });

  test('sees every team with its budget, finds one by typing, and has the search in the URL', async () => {
    const { page } = admin;
    await page.goto('/teams');
    await row(page, 'films')
      .getByRole('img', { name: /of \$250\.00/ })
      .waitFor();
    await row(page, 'secret lab').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('lab');
    await row(page, 'films').waitFor({ state: 'detached' });
    await page.waitForURL(/[?&]q=lab/);
    await page.reload();
    await row(page, 'secret lab').waitFor();
    expect(await row(page, 'films').count()).toBe(0);
  });

  test('goes anywhere by keyboard', async () => {
    const { page } = admin;
    await page.goto('/teams');
    await row(page, 'films').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/teams\/team_/);
    await page.keyboard.press('g');
    await page.keyboard.press('a');
    await heading(page, 'Audit').waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder(/Paste an id/).waitFor();
    await page.keyboard.type('films');
    await page.getByRole('option', { name: 'films' }).waitFor();
    await page.keyboard.press('Enter');
    await heading(page, 'films').waitFor();
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder(/Paste an id/).waitFor();
    await page.keyboard.type(films);
    await page.getByRole('option', { name: /Go to/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/teams/${films}`);
  });

  test('can go on while rows are still on their way', async () => {
    const { page } = admin;
    // Each table of the page waits for these.
    await page.route(/\/admin\/v1\/(quotas|budget-requests|grants)\?/, () => {});
    await page.goto(`/teams/${films}`);
    await page.getByRole('button', { name: 'Actions for films' }).click();
    await page.getByRole('menuitem', { name: 'Freeze…' }).waitFor();
    await page.keyboard.press('Escape');
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  });

  test('chooses a time once for all pages, and what the device looks like', async () => {
    const { page } = admin;
    await page.goto('/teams');
    await page.getByRole('button', { name: 'Time range: This month' }).click();
    await page.getByRole('menuitem', { name: 'Last 7 days' }).click();
    await page.waitForURL(/range=7d/);
    await page.getByRole('link', { name: 'Audit' }).click();
    await page.waitForURL(/\/audit\?range=7d/);
    await page.getByRole('button', { name: /Account of/ }).click();
    await page.getByRole('menuitem', { name: 'Hide prompts' }).click();
    await page.getByText('Prompts hidden').waitFor();
    await page.getByRole('button', { name: /Account of/ }).click();
    await page.getByRole('menuitem', { name: 'Dark' }).click();
    await page.reload();
    expect(await page.evaluate('getComputedStyle(document.documentElement).colorScheme')).toBe('dark');
    await page.getByText('Prompts hidden').waitFor();
    await page.evaluate('localStorage.clear()');
  });
});

describe.skipIf(noBrowser !== null)('a member', () => {
  test('sees its own team and no other, and nothing that it may not do', async () => {
    const { page } = member;
    await page.goto('/teams');
    await row(page, 'films').waitFor();
    expect(await page.getByText('secret lab').count()).toBe(0);
    expect(await page.getByRole('button', { name: 'New team' }).count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Audit' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Actions for films' }).click();
    await page.getByRole('menuitem', { name: 'Ask for more…' }).waitFor();
    expect(await page.getByRole('menuitem', { name: /Freeze|Change|secret|budget/ }).count()).toBe(0);
    await page.keyboard.press('Escape');
  });

  test('is refused by the API whatever the page shows', async () => {
    const { page } = member;
    await page.goto('/audit');
    await page.getByRole('alert').getByText("This needs the role 'admin'").waitFor();
    const status = (method: string, path: string) =>
      page.evaluate<number>(
        `fetch('${path}', { method: '${method}', headers: { 'content-type': 'application/json' }, ${method === 'GET' ? '' : 'body: \'{"name":"x"}\''} }).then((r) => r.status)`,
      );
    const { rows } = await world.stack.database.db.$client.query(
      "select id from teams where name = 'secret lab'",
    );
    expect(await status('GET', `/admin/v1/teams/${rows[0].id}`)).toBe(404);
    expect(await status('POST', '/admin/v1/teams')).toBe(403);
    expect(await status('PATCH', `/admin/v1/teams/${films}`)).toBe(403);
  });
});

/** Twenty pages on a busy machine. */
const LONG_MS = 180_000;
const PAGES = [
  '/',
  '/videos',
  '/library',
  '/teams',
  '/teams?tab=requests',
  '/keys',
  '/keys?tab=admin',
  '/webhooks',
  '/webhooks?tab=deliveries',
  '/upstreams',
  '/upstreams?tab=models',
  '/upstreams?tab=prices',
  '/upstreams?tab=orphans',
  '/upstreams?tab=parked',
  '/audit',
  '/settings',
  '/settings?tab=organization',
  '/settings?tab=people',
];

describe.skipIf(noBrowser !== null)('every page', () => {
  test.each(['light', 'dark'] as const)(
    'has no serious finding of axe, %s',
    async (theme) => {
      const { page, complaints } = admin;
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      const findings: string[] = [];
      complaints.length = 0;
      for (const path of [...PAGES, `/teams/${films}`, `/videos/${video}`]) {
        await openWhole(page, path);
        findings.push(...(await audit(page)).map((finding) => `${path}: ${finding}`));
      }
      expect(findings).toEqual([]);
      expect(complaints.filter((text) => /Content Security Policy|Uncaught|TypeError/.test(text))).toEqual(
        [],
      );
    },
    LONG_MS,
  );

  test(
    'has everything within reach of the Tab key',
    async () => {
      const { page } = admin;
      const missed: string[] = [];
      for (const path of [...PAGES, `/teams/${films}`, `/videos/${video}`]) {
        await openWhole(page, path);
        const count = await page.evaluate<number>(MARK);
        expect([path, count > 10]).toEqual([path, true]);
        // Charts and lists that scroll are stops as well.
        for (let presses = 0; presses < count + 40; presses++) {
          await page.keyboard.press('Tab');
          if ((await page.evaluate<number>(VISIT)) === 0) break;
        }
        const left = await page.evaluate<string[]>(LEFT);
        missed.push(...left.map((name) => `${path}: ${name}`));
      }
      expect(missed).toEqual([]);
    },
    LONG_MS,
  );

  test(
    'fits on a telephone',
    async () => {
      const { page } = admin;
      await page.setViewportSize({ width: 360, height: 740 });
      const tooWide: string[] = [];
      await fillTables();
      for (const path of [...PAGES, `/teams/${films}`, `/videos/${video}`]) {
        await openWhole(page, path);
        tooWide.push(...(await page.evaluate<string[]>(CUT_OFF)).map((what) => `${path}: ${what}`));
      }
      expect(tooWide).toEqual([]);
      await page.goto('/teams?tab=requests');
      await page.getByRole('button', { name: 'Approve' }).click({ trial: true });
      expect(await audit(page)).toEqual([]);
      await page.getByRole('button', { name: 'Open navigation' }).click();
      await page.getByRole('link', { name: 'Teams & quotas' }).click();
      await heading(page, 'Teams and quotas').waitFor();
      await page.setViewportSize({ width: 1280, height: 900 });
    },
    LONG_MS,
  );
});

/** With all that it waits for. */
async function openWhole(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page
    .locator('.skeleton')
    .first()
    .waitFor({ state: 'detached' })
    .catch(() => {});
}

/** Marks what can be acted on and be seen; then takes the mark from what has the focus, and tells what is left. */
const MARK = `(() => {
  const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary')].filter(
    (element) => !element.disabled && element.checkVisibility({ visibilityProperty: true }) && !element.closest('[aria-hidden=true]'),
  );
  for (const element of all) element.dataset.unreached = 'true';
  return all.length;
})()`;
const VISIT = `(() => {
  delete document.activeElement?.dataset?.unreached;
  return document.querySelectorAll('[data-unreached]').length;
})()`;
const LEFT = `[...document.querySelectorAll('[data-unreached]')].map((element) => element.outerHTML.slice(0, 160))`;

/** The window, and tables in it, that have to be moved sideways to be seen. */
const CUT_OFF = `[document.documentElement, ...document.querySelectorAll('section[aria-label]')]
  .filter((element) => element.scrollWidth > element.clientWidth + 1)
  .map((element) => (element.getAttribute('aria-label') ?? 'the page') + ' is ' + element.scrollWidth + ' wide')`;

/** One row for each table that would else be empty, with the longest words that there are. */
async function fillTables(): Promise<void> {
  const { $client } = world.stack.database.db;
  const long = 'quarterly-campaign-for-the-northern-cinemas';
  const insert = (statement: string, values: unknown[]) => $client.query(statement, values);
  await insert(
    `insert into budget_requests (id, team_id, limit_id, amount, reason, requested_by, requested_by_name)
     select 'breq_long', $1, id, 1500000000, $2, 'user_x', 'Maximiliane Oberhauser' from quota_limits where scope_id = $1 limit 1`,
    [films, `Two more cuts: ${long}`],
  );
  await insert(
    `insert into upstream_orphans (account_id, upstream_id, snapshot) select id, $1, '{"state":"succeeded"}' from upstream_accounts limit 1`,
    [`video_${'0123456789abcdef'.repeat(3)}`],
  );
  await insert(
    `insert into webhook_endpoints (id, team_id, url, event_types) values ('whe_long', $1, $2, array['video.completed'])`,
    [films, `https://hooks.example.com/${long}/${long}`],
  );
  await insert(
    `insert into events (id, team_id, video_id, type, payload) values ('evt_long', $1, $2, 'video.completed', '\\x7b7d')`,
    [films, video],
  );
  await insert(
    `insert into webhook_deliveries (id, event_id, endpoint_id, team_id, state, attempt_no, next_attempt_at)
     values ('dlv_long', 'evt_long', 'whe_long', $1, 'exhausted', 12, null)`,
    [films],
  );
}

/** Serious and critical findings, with the first place of each. */
async function audit(page: Page): Promise<string[]> {
  // The page's policy allows no script of ours, so it is run from outside.
  await page.evaluate(axe);
  const violations = await page.evaluate<
    { id: string; impact: string; nodes: { target: string[]; failureSummary: string }[] }[]
  >(
    "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then((result) => result.violations)",
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) => `${id} at ${nodes[0]?.target.join(' ')}: ${nodes[0]?.failureSummary.slice(0, 300)}`,
    );
}
