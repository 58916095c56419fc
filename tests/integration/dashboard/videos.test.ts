/** Videos and the Library in a browser, over videos that were really rendered and archived. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Team } from '../gateway/gateway-process.ts';
import { noBrowser, startWorld, type Visit, type World } from './world.ts';

let world: World;
let admin: Visit;
let member: Visit;
let films: Team;
let lab: Team;
/** A video, what was made of it, and one of another team. */
let ids: { kite: string; remix: string; secret: string };

beforeAll(async () => {
  if (noBrowser) return;
  world = await startWorld();
  const { stack } = world;
  await stack.startWorker({ DELETE_UNDO_WINDOW: '1h' });
  const { $client } = stack.database.db;
  films = await stack.addTeam(250_000_000n);
  lab = await stack.addTeam(100_000_000n);
  await $client.query("update teams set name = 'films' where id = $1", [films.teamId]);
  await $client.query("update teams set name = 'secret lab' where id = $1", [lab.teamId]);
  const create = async (team: Team, prompt: string) =>
    (await stack.create(team, { prompt })).json.id as string;
  const kite = await create(films, 'a red kite over the bay');
  const secret = await create(lab, 'a prototype on a bench');
  await untilCompleted(films, kite);
  const remix = (
    await stack.ask(films, 'POST', `/v1/videos/${kite}/remix`, { json: { prompt: 'the same at dusk' } })
  ).json.id;
  await untilCompleted(films, remix);
  await untilCompleted(lab, secret);
  ids = { kite, remix, secret };
  const ada = await world.addUser({ name: 'Ada Admin', role: 'admin' });
  const max = await world.addUser({ name: 'Max Member', role: 'member', teamIds: [films.teamId] });
  admin = await world.visit({ width: 1440 });
  await admin.signIn(ada.email);
  member = await world.visit();
  await member.signIn(max.email);
});
afterAll(() => world?.close());

const statusOf = async (team: Team, id: string) =>
  (await world.stack.ask(team, 'GET', `/v1/videos/${id}`)).json.status;
const untilCompleted = (team: Team, id: string) =>
  vi.waitFor(async () => expect(await statusOf(team, id)).toBe('completed'), {
    timeout: 60_000,
    interval: 100,
  });
const PATIENT = { timeout: 15_000, interval: 50 };
/** What a change told of itself; those who hear the page are told once more. */
const told = (page: Page, text: string) => page.getByText(text, { exact: true }).first();
const rows = (page: Page) => page.getByRole('table', { name: 'Videos' }).locator('tbody tr[data-row]');
const facet = (page: Page, name: RegExp) =>
  page.getByRole('complementary', { name: 'Filters' }).getByRole('button', { name });
const untilShown = (page: Page, count: number) =>
  vi.waitFor(async () => expect(await rows(page).count()).toBe(count), PATIENT);

describe.skipIf(noBrowser !== null)('Videos', () => {
  test('are filtered with counts, by clicks and by words, and the URL has all of it', async () => {
    const { page } = admin;
    await page.goto('/videos');
    await untilShown(page, 3);
    await page.getByText('3 match').waitFor();
    await facet(page, /^films 2$/).click();
    await untilShown(page, 2);
    await facet(page, /^remix 1$/).click();
    await untilShown(page, 1);
    await page.waitForURL(/team=team_.*operation=remix/);
    await page.reload();
    await untilShown(page, 1);
    await page.getByRole('button', { name: 'Clear' }).click();
    await untilShown(page, 3);
    await page.keyboard.press('/');
    await page.keyboard.type('prototype');
    await untilShown(page, 1);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Clear' }).click();
    await untilShown(page, 3);
  });

  test('a view is kept by a name', async () => {
    const { page } = admin;
    await page.goto(`/videos?team=${films.teamId}`);
    await untilShown(page, 2);
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByLabel('Keep what is shown as').fill('our films');
    await page.getByRole('button', { name: 'Keep', exact: true }).click();
    await page.keyboard.press('Escape');
    await page.goto('/videos');
    await untilShown(page, 3);
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('button', { name: 'our films', exact: true }).click();
    await untilShown(page, 2);
  });

  test('new rows wait behind a button instead of pushing the others away', async () => {
    const { page } = admin;
    await page.goto('/videos?q=newcomer');
    await page.getByText('No video matches').waitFor();
    const id = (await world.stack.create(films, { prompt: 'a newcomer' })).json.id;
    const button = page.getByRole('button', { name: '1 new' });
    await button.waitFor();
    expect(await rows(page).count()).toBe(0);
    await button.click();
    await untilShown(page, 1);
    await untilCompleted(films, id);
  });

  test('one opens by the keyboard, plays, and shows its story, its family and its books', async () => {
    const { page, complaints } = admin;
    complaints.length = 0;
    await page.goto(`/videos?team=${films.teamId}&q=kite`);
    await untilShown(page, 1);
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'a red kite over the bay' }).waitFor();
    const film = (what: string) => page.evaluate<number>(`document.querySelector('video').${what}`);
    await page.locator('video').waitFor();
    await vi.waitFor(async () => expect(await film('readyState')).toBeGreaterThanOrEqual(2), PATIENT);
    await film('play()');
    await vi.waitFor(async () => expect(await film('currentTime')).toBeGreaterThan(0.2), PATIENT);
    expect(await film('videoWidth')).toBe(720);

    await page.getByRole('heading', { name: 'Lineage' }).waitFor();
    await page.locator('.react-flow__edge path').first().waitFor({ state: 'attached' });
    await page.getByText('As a list').click();
    await vi.waitFor(async () => expect(await page.locator('details[open] li').count()).toBe(2), PATIENT);
    await page.getByRole('table', { name: 'Ledger entries' }).getByText('settle').first().waitFor();
    await page.getByRole('table', { name: 'Stored files' }).getByText('spritesheet').waitFor();
    await page.locator('details[open]').getByRole('link', { name: ids.remix }).click();
    await page.getByRole('heading', { level: 1, name: 'the same at dusk' }).waitFor();
    await page.getByRole('link', { name: ids.kite }).first().waitFor();
    expect(complaints).toEqual([]);
  });

  test('one is held for a reason, deleted, and that is taken back', async () => {
    const { page } = admin;
    await page.goto(`/videos/${ids.kite}`);
    const act = async (name: string) => {
      await page.getByRole('button', { name: 'More actions' }).click();
      await page.getByRole('menuitem', { name }).click();
    };
    await act('Put on hold…');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Hold' }).click();
    await dialog.getByText('Say why.').waitFor();
    await dialog.getByLabel('Reason').fill('A question of rights');
    await dialog.getByRole('button', { name: 'Hold' }).click();
    await page.getByText('The hold ends', { exact: true }).waitFor();
    await act('End the hold');
    await page.getByText('The hold ends', { exact: true }).waitFor({ state: 'detached' });

    await act('Delete…');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await told(page, 'Its owner no longer sees it.').waitFor();
    expect((await world.stack.ask(films, 'GET', `/v1/videos/${ids.kite}`)).status).toBe(404);
    await page.getByRole('button', { name: 'Undo' }).click();
    await vi.waitFor(async () => expect(await statusOf(films, ids.kite)).toBe('completed'), 10_000);
    await page.getByRole('button', { name: 'Restore' }).waitFor({ state: 'detached' });
  });

  test('many are held at once, after it was told how many, without a pointer', async () => {
    const { page } = admin;
    await page.goto(`/videos?team=${films.teamId}&status=completed`);
    await untilShown(page, 3);
    for (const id of [ids.kite, ids.remix]) {
      await page.getByLabel(`Select ${id}`).focus();
      await page.keyboard.press('Space');
    }
    await page.getByRole('button', { name: '2 selected' }).focus();
    await page.keyboard.press('Enter');
    const chosen = page.locator('[role=menuitem][data-highlighted]');
    await chosen.waitFor();
    for (let text = await chosen.innerText(); text !== 'Put on hold…'; text = await chosen.innerText()) {
      await page.keyboard.press('ArrowDown');
      // The menu ends at its last line: who presses before the next one is chosen passes by.
      await chosen.filter({ hasNotText: text }).waitFor();
    }
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('It makes sense for 2 of the 2 videos.').waitFor();
    await dialog.getByLabel('Reason').focus();
    await page.keyboard.type('An audit');
    await page.keyboard.press('Enter');
    await told(page, 'Put on hold: 2 of 2 videos.').waitFor();
    const { rows: held } = await world.stack.database.db.$client.query(
      'select id from videos where legal_hold_at is not null order by id',
    );
    expect(held.map(({ id }) => id)).toEqual([ids.kite, ids.remix].sort());
  });

  test('a link shows one to somebody without a key, until it is revoked', async () => {
    const { page } = admin;
    await page.goto(`/videos/${ids.kite}`);
    await page.getByRole('button', { name: 'New link' }).click();
    const url = (await page.getByRole('dialog').locator('code, pre').first().innerText()).trim();
    await page.keyboard.press('Escape');
    const path = new URL(url).pathname + new URL(url).search;
    expect((await world.stack.ask(null, 'GET', path)).status).toBe(200);
    await page.getByRole('button', { name: 'Revoke' }).click();
    await told(page, 'The link no longer works.').waitFor();
    expect((await world.stack.ask(null, 'GET', path)).status).toBe(404);
  });
});

/** How many stills have been loaded. */
const DRAWN =
  "[...document.querySelectorAll('main li img')].filter((image) => image.naturalWidth > 100).length";

describe.skipIf(noBrowser !== null)('the Library', () => {
  test('shows one card for each family, with its still, its cost and a download', async () => {
    const { page } = admin;
    await page.goto('/library');
    const cards = page.getByRole('listitem').filter({ has: page.getByRole('link', { name: /^Open:/ }) });
    await cards.first().waitFor();
    const family = cards.filter({ hasText: '2 videos' });
    await vi.waitFor(async () => expect(await family.count()).toBe(1), PATIENT);
    await family.getByText('$0.80').waitFor();
    await vi.waitFor(async () => expect(await page.evaluate(DRAWN)).toBe(3), PATIENT);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      family.getByRole('link', { name: 'Download the newest' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/\.mp4$/);
    await page.getByLabel('Team').selectOption('secret lab');
    await family.waitFor({ state: 'detached' });
    await vi.waitFor(async () => expect(await cards.count()).toBe(1), PATIENT);
    await cards.getByRole('link', { name: /^Open:/ }).click();
    await page.getByRole('heading', { level: 1, name: 'a prototype on a bench' }).waitFor();
  });
});

describe.skipIf(noBrowser !== null)('a member', () => {
  test('sees the videos of its team and none of another, in no list, by no id, and may change none', async () => {
    const { page } = member;
    await page.goto('/videos');
    await untilShown(page, 3);
    expect(await page.getByText('prototype').count()).toBe(0);
    expect(await page.getByText('secret lab').count()).toBe(0);
    expect(await page.getByRole('button', { name: 'In bulk' }).count()).toBe(0);
    await page.goto('/library');
    await page.getByText('the same at dusk').or(page.getByText('a red kite over the bay')).first().waitFor();
    expect(await page.getByText('prototype').count()).toBe(0);
    await page.goto(`/videos/${ids.kite}`);
    await page.getByRole('heading', { level: 1, name: 'a red kite' }).waitFor();
    expect(await page.getByRole('button', { name: 'More actions' }).count()).toBe(0);
    await page.goto(`/videos/${ids.secret}`);
    await page.getByRole('alert').waitFor();
    expect(await page.getByText('prototype').count()).toBe(0);
    const status = (path: string) => page.evaluate<number>(`fetch('${path}').then((r) => r.status)`);
    expect(await status(`/admin/v1/videos/${ids.secret}/content?variant=video`)).toBe(404);
    expect(await status(`/admin/v1/videos/${ids.kite}/content?variant=video`)).toBe(200);
  });
});
