/** Keys, Webhooks, Upstreams & prices and Teams in a browser: each page's main path, and what it did to the API. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Team } from '../gateway/gateway-process.ts';
import { ok, type Receiver, startReceiver } from '../webhooks/receivers.ts';
import { noBrowser, PASSWORD, startWorld, type Visit, type World } from './world.ts';

const PATIENT = { timeout: 20_000, interval: 100 };

let world: World;
let receiver: Receiver;
let admin: Visit;
let member: Visit;
let films: Team;
let owner: { secret: string };

beforeAll(async () => {
  if (noBrowser) return;
  world = await startWorld({ WEBHOOK_ALLOWED_CIDRS: '127.0.0.0/8' });
  receiver = await startReceiver(ok);
  const { stack } = world;
  await stack.startWorker();
  films = await stack.addTeam(250_000_000n);
  const lab = await stack.addTeam(100_000_000n);
  const { $client } = stack.database.db;
  await $client.query("update teams set name = 'films' where id = $1", [films.teamId]);
  await $client.query("update teams set name = 'secret lab' where id = $1", [lab.teamId]);
  owner = await stack.addAdmin();
  const ada = await world.addUser({ name: 'Ada Admin', role: 'admin' });
  const max = await world.addUser({ name: 'Max Member', role: 'member', teamIds: [films.teamId] });
  admin = await world.visit({ width: 1440 });
  await admin.signIn(ada.email);
  member = await world.visit();
  await member.signIn(max.email);
});
afterAll(async () => {
  await receiver?.close();
  await world?.close();
});

const told = (page: Page, text: string | RegExp) => page.getByText(text).first();
const row = (page: Page, name: string) => page.locator('tbody tr').filter({ hasText: name });
const dialog = (page: Page) => page.getByRole('dialog');
const act = async (page: Page, button: string, item: string) => {
  await page.getByRole('button', { name: button }).first().click();
  await page.getByRole('menuitem', { name: item }).click();
};
/** The secret of the dialog that shows one, which is closed then. */
async function takeSecret(page: Page): Promise<string> {
  await dialog(page).getByText('This is the only time').waitFor();
  const secret = (await dialog(page).locator('pre').first().innerText()).trim();
  await page.getByRole('button', { name: 'I have it' }).click();
  await dialog(page).waitFor({ state: 'detached' });
  expect(await page.getByText(secret).count()).toBe(0);
  return secret;
}
const works = async (secret: string) => (await world.stack.ask({ secret }, 'GET', '/v1/videos')).status;
const create = async (fields = {}) => await world.stack.create(films, fields);

describe.skipIf(noBrowser !== null)('Keys', () => {
  test('one is made, shown once, rotated and revoked, and the API follows', async () => {
    const { page } = admin;
    await page.goto('/keys');
    await page.getByRole('button', { name: 'New key' }).click();
    await dialog(page).getByRole('button', { name: 'Make the key' }).click();
    await dialog(page).getByText('Whose key it is').waitFor();
    await dialog(page).getByRole('combobox', { name: 'Team' }).selectOption('films');
    await dialog(page).getByLabel('Name').fill('campaign tool');
    await dialog(page).getByRole('button', { name: 'Make the key' }).click();
    const first = await takeSecret(page);
    expect(await works(first)).toBe(200);

    await act(page, 'Actions for campaign tool', 'Rotate…');
    await dialog(page).getByLabel('The old secret still works for').selectOption('Not at all: at once');
    await dialog(page).getByRole('button', { name: 'Rotate' }).click();
    const second = await takeSecret(page);
    expect(await works(second)).toBe(200);
    await vi.waitFor(async () => expect(await works(first)).toBe(401), PATIENT);

    await page.getByLabel('State').selectOption('active');
    await act(page, 'Actions for campaign tool', 'Revoke…');
    const revoke = dialog(page).getByRole('button', { name: 'Revoke' });
    expect(await revoke.isDisabled()).toBe(true);
    await dialog(page).getByLabel(/^Type/).fill('campaign tool');
    await revoke.click();
    await told(page, 'campaign tool is revoked.').waitFor();
    await vi.waitFor(async () => expect(await works(second)).toBe(401), PATIENT);
  });

  test('one that is made long after the sign-in asks for the password, and goes on where it was', async () => {
    const { page } = admin;
    await page.goto('/keys');
    await page.getByRole('button', { name: 'New key' }).click();
    await dialog(page).getByRole('combobox', { name: 'Team' }).selectOption('films');
    await dialog(page).getByLabel('Name').fill('late tool');
    await world.stack.database.db.$client.query(
      "update user_sessions set identified_at = identified_at - interval '16 minutes'",
    );
    const again = page.getByRole('dialog', { name: 'Is it still you?' });
    await dialog(page).getByRole('button', { name: 'Make the key' }).click();
    await again.getByRole('button', { name: 'Close' }).click();
    await dialog(page).getByText('Sign in again to go on.').waitFor();

    await dialog(page).getByRole('button', { name: 'Make the key' }).click();
    await again.getByLabel('Password').fill('wrong horse battery staple');
    await again.getByRole('button', { name: 'Sign in' }).click();
    await again.getByText('The e-mail address or the password is wrong.').waitFor();
    await again.getByLabel('Password').fill(PASSWORD);
    await again.getByRole('button', { name: 'Sign in' }).click();
    expect(await works(await takeSecret(page))).toBe(200);
  });
});

describe.skipIf(noBrowser !== null)('Webhooks', () => {
  test('an endpoint is registered, tested, told, told again, and gets another secret', async () => {
    const { page } = admin;
    await page.goto('/webhooks');
    await page.getByRole('button', { name: 'New endpoint' }).click();
    const form = dialog(page);
    await form.getByLabel('Team').selectOption('films');
    await form.getByLabel('Name').fill('desk');
    await form.getByLabel('URL').fill('http://10.1.2.3/hook');
    await form.getByRole('button', { name: 'Register it' }).click();
    // The API's own words, at the field that they are about.
    await form.locator('input[aria-invalid=true][type=url]').waitFor();
    await form.getByLabel('URL').fill(receiver.url);
    await form.getByRole('button', { name: 'Register it' }).click();
    const first = await takeSecret(page);
    expect(first).toMatch(/^whsec_/);

    await row(page, 'desk').getByRole('link', { name: 'desk' }).click();
    await page.getByRole('button', { name: 'Send a test' }).click();
    await told(page, /The receiver answered a sample of .* with 204/).waitFor();
    const before = receiver.received.length;
    await world.stack.database.db.$client.query(
      `select emit_event($1, 'video.failed', null, '{"id":"video_1"}')`,
      [films.teamId],
    );
    await row(page, 'video.failed').first().click(PATIENT);
    await dialog(page).getByText('"id":"video_1"').waitFor();
    await dialog(page).getByText('204').first().waitFor();
    await dialog(page).getByRole('button', { name: 'Send again' }).click();
    await vi.waitFor(() => expect(receiver.received.length).toBe(before + 2), PATIENT);
    await told(page, 'It is being sent again, with the same id.').waitFor();
    // Escape is for the dialog, not for the notice that lies over it.
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    await told(page, 'It is being sent again, with the same id.').waitFor();

    await act(page, 'More actions', 'Rotate the secret…');
    await dialog(page).getByRole('button', { name: 'Rotate' }).click();
    await dialog(page)
      .getByText(/The secret before is used as well until/)
      .waitFor();
    expect(await takeSecret(page)).not.toBe(first);
    await page.getByText(/Both secrets sign until/).waitFor();
  });

  test('what a receiver answers is shown as the text that it is', async () => {
    const { page } = admin;
    const evil = `<h1>Evil</h1><img src="/nothing" onerror="document.title='owned'"><script>document.title='owned'</script>`;
    const hostile = await startReceiver((response) =>
      response.writeHead(500, { 'content-type': 'text/html' }).end(evil),
    );
    try {
      const { json } = await world.stack.ask(films, 'POST', '/v1/webhook_endpoints', {
        json: { url: hostile.url, name: 'hostile', event_types: ['video.failed'] },
      });
      await world.stack.database.db.$client.query(
        `select emit_event($1, 'video.failed', null, '{"id":"video_2"}')`,
        [films.teamId],
      );
      await page.goto(`/webhooks/${json.id}`);
      await row(page, 'video.failed').first().click(PATIENT);
      await dialog(page).getByText(evil).waitFor(PATIENT);
      expect(await page.getByRole('heading', { name: 'Evil' }).count()).toBe(0);
      expect(await page.title()).not.toBe('owned');
    } finally {
      await hostile.close();
    }
  });
});

describe.skipIf(noBrowser !== null)('Upstreams and prices', () => {
  test('a video that nobody can explain is adopted', async () => {
    const { page } = admin;
    const made = await fetch(`${world.stack.simulator.baseUrl}/videos`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'sora-2', prompt: 'from before', seconds: '4', size: '720x1280' }),
    });
    const { id } = (await made.json()) as { id: string };
    await world.stack.database.db.$client.query(
      `insert into upstream_orphans (account_id, upstream_id, snapshot) values ('simulator', $1, '{"state":"succeeded"}')
       on conflict do nothing`,
      [id],
    );
    await page.goto('/upstreams?tab=orphans');
    await row(page, id).getByRole('button', { name: 'Adopt' }).click();
    await dialog(page).getByLabel('Team').selectOption('films');
    await dialog(page).getByLabel('Reason').fill('The backup was older');
    await dialog(page).getByRole('button', { name: 'Adopt' }).click();
    await told(page, 'films has it now.').waitFor();
    await row(page, id).getByText('adopted').waitFor();
    const { data } = (await world.stack.ask(films, 'GET', '/v1/videos')).json;
    expect(data.map(({ prompt }: { prompt: string }) => prompt)).toContain('from before');
  });

  test('a cost that nobody knows is settled by hand', async () => {
    const { page } = admin;
    const { id } = (await create({ prompt: 'a lost answer' })).json;
    await world.stack.database.db.$client.query(
      `with v as (update videos set state = 'failed', error_code = 'upstream_outcome_unknown', error_message = 'No answer.',
              next_action_at = null, upstream_id = null, lease_until = null, charge = 'open', final_micro = null,
              completed_at = null, stored_at = null where id = $1 returning id)
       select quota_park(id) from v`,
      [id],
    );
    await page.goto('/upstreams?tab=parked');
    await page.getByRole('link', { name: id.slice(0, 20) }).click();
    await act(page, 'More actions', 'Settle by hand…');
    await dialog(page).getByLabel('What it cost').fill('0.35');
    await dialog(page).getByRole('button', { name: 'Settle' }).click();
    await dialog(page).getByText('Say why.').waitFor();
    await dialog(page).getByLabel('Reason').fill('The bill has it');
    await dialog(page).getByRole('button', { name: 'Settle' }).click();
    await told(page, 'Settled at $0.35.').waitFor();
    await page.getByRole('table', { name: 'Ledger entries' }).getByText('$0.35').first().waitFor();
  });

  test('a size without a price gets one', async () => {
    const { page } = admin;
    await world.stack.database.db.$client.query(
      "update models set sizes = sizes || '1920x1080'::text where name = 'sora-2'",
    );
    await page.goto('/upstreams?tab=prices');
    await page.getByRole('button', { name: 'sora-2, 1920x1080' }).click();
    await dialog(page).getByLabel('A second').fill('ten');
    await dialog(page).getByRole('button', { name: 'Set the price' }).click();
    await dialog(page).getByText('Dollars, such as 0.10').waitFor();
    await dialog(page).getByLabel('A second').fill('0.45');
    await dialog(page).getByRole('button', { name: 'Set the price' }).click();
    await told(page, 'sora-2 at 1920x1080 has its price.').waitFor();
    await row(page, '$0.45').getByText('current').waitFor();
    await page.getByText('Offered without a price').waitFor({ state: 'detached' });
  });

  test('an upstream is drained for a reason, and given work again', async () => {
    const { page } = admin;
    await page.goto('/upstreams');
    await page.getByRole('button', { name: 'Drain' }).click();
    await dialog(page).getByLabel('Reason').fill('A price rise');
    await dialog(page).getByRole('button', { name: 'Drain' }).click();
    await page.getByText('draining: A price rise').waitFor();
    await page.getByRole('button', { name: 'Enable' }).click();
    await dialog(page).getByLabel('Reason').fill('A rumour');
    await dialog(page).getByRole('button', { name: 'Enable' }).click();
    await page.getByText('draining: A price rise').waitFor({ state: 'detached' });
    await vi.waitFor(async () => expect((await create()).status).toBe(200), PATIENT);
  });

  test('an upstream that is out of credit says so, and is resumed', async () => {
    const { page } = admin;
    const { simulator } = world.stack;
    await simulator.control('PUT', 'defaults', { refuse: 429, refuse_code: 'credit_balance_exhausted' });
    expect((await create()).json).toMatchObject({ status: 'queued' });
    expect((await create()).status).toBe(503);
    await page.goto('/upstreams');
    await page.getByText('Out of credit, new videos refused').waitFor();
    await simulator.control('PUT', 'defaults', {});
    await page.getByRole('button', { name: 'Resume' }).click();
    await dialog(page).getByLabel('Reason').fill('Topped up');
    await dialog(page).getByRole('button', { name: 'Resume' }).click();
    await page.getByText('Out of credit').waitFor({ state: 'detached' });
    expect((await create()).status).toBe(200);
  });
});

describe.skipIf(noBrowser !== null)('The books', () => {
  test('that differ are on the overview, with the way to what to do, until they agree', async () => {
    const { page } = admin;
    await world.stack.database.db.$client.query(
      `insert into ledger_checks (took_ms, balances, mismatches, lines) values (5, 3, 1, '{"team team_x, cost: the bucket has 1"}')`,
    );
    await page.goto('/');
    await page.getByText('The books differ: team team_x').waitFor();
    await page.getByRole('link', { name: 'Look at the books' }).click();
    await page.getByText('team team_x, cost: the bucket has 1').waitFor();
    await page.getByText('What to do:').waitFor();
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await page.getByText('What to do:').waitFor({ state: 'detached' });
    await page.goto('/');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect(await page.getByText('The books differ').count()).toBe(0);
  });
});

describe.skipIf(noBrowser !== null)('Teams', () => {
  test('a team is frozen and unfrozen, and is refused in between', async () => {
    const { page } = admin;
    await page.goto('/teams');
    await act(page, 'Actions for films', 'Freeze…');
    await dialog(page).getByLabel('Reason').fill('A leaked key');
    await dialog(page).getByRole('button', { name: 'Freeze' }).click();
    await row(page, 'films').getByText('Frozen').waitFor();
    await vi.waitFor(async () => expect((await create()).status).toBeGreaterThanOrEqual(400), PATIENT);
    await act(page, 'Actions for films', 'Unfreeze');
    await told(page, 'films can make videos again.').waitFor();
    await vi.waitFor(async () => expect((await create()).status).toBe(200), PATIENT);
  });

  test('a manager is told who holds the team, and is offered what can be done', async () => {
    const mia = await world.addUser({ name: 'Mia Manager', role: 'manager', teamIds: [films.teamId] });
    const manager = await world.visit();
    await manager.signIn(mia.email);
    const { page } = manager;
    await page.goto(`/teams/${films.teamId}`);
    await act(page, 'Actions for films', 'Freeze…');
    await dialog(page).getByLabel('Reason').fill('A loop in a script');
    await dialog(page).getByRole('button', { name: 'Freeze' }).click();
    await page.getByText(/by Mia Manager.*: A loop in a script/).waitFor();
    await act(page, 'Actions for films', 'Unfreeze');
    await told(page, 'films can make videos again.').waitFor();

    await act(admin.page, 'Actions for films', 'Freeze…');
    await dialog(admin.page).getByLabel('Reason').fill('The bill is late');
    await dialog(admin.page).getByRole('button', { name: 'Freeze' }).click();
    await row(admin.page, 'films').getByText('Frozen').waitFor();
    await page.reload();
    await page.getByText(/by Ada Admin.*: The bill is late/).waitFor();
    await page.getByRole('button', { name: 'Actions for films' }).click();
    await page.getByText('Frozen by Ada Admin, an administrator, who can unfreeze it').waitFor();
    expect(await page.getByRole('menuitem', { name: /freeze/i }).count()).toBe(0);
    await act(admin.page, 'Actions for films', 'Unfreeze');
    await told(admin.page, 'films can make videos again.').waitFor();
  });

  test('a limit shows what it would do before it is saved, and is taken back', async () => {
    const { page } = admin;
    await page.goto(`/teams/${films.teamId}`);
    await act(page, 'Actions for films', 'Change the budget…');
    await dialog(page).getByLabel('Hard limit').fill('0.10');
    await dialog(page).getByText('More than that is used already').waitFor();
    await dialog(page).getByLabel('Hard limit').fill('300');
    await dialog(page)
      .getByText(/would be left/)
      .waitFor();
    await dialog(page).getByRole('button', { name: 'Save' }).click();
    await told(page, 'The limit of films is $300.00.').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await vi.waitFor(async () => expect(await limit()).toBe('250000000'), PATIENT);
  });

  test('more is granted for a time', async () => {
    const { page } = admin;
    await page.goto(`/teams/${films.teamId}`);
    await act(page, 'Actions for films', 'Grant more for a time…');
    await dialog(page).getByLabel('Amount').fill('40');
    await dialog(page).getByLabel('Reason').fill('Launch week');
    await dialog(page).getByRole('button', { name: /Grant/ }).click();
    await page.getByText('Launch week').first().waitFor();
    await vi.waitFor(async () => expect(await limit()).toBe('290000000'), PATIENT);
  });

  test('a member asks for more, sees that it waits, and an admin approves it with one click', async () => {
    await member.page.goto('/teams');
    await act(member.page, 'Actions for films', 'Ask for more…');
    await dialog(member.page).getByLabel('Amount').fill('25');
    await dialog(member.page).getByLabel('Reason').fill('Two more cuts');
    await dialog(member.page).getByRole('button', { name: /Ask/ }).click();
    await dialog(member.page).waitFor({ state: 'detached' });
    await member.page.goto('/teams?tab=requests');
    await row(member.page, 'Two more cuts').getByRole('button', { name: 'Withdraw' }).waitFor();

    const { page } = admin;
    await page.goto('/');
    await page.getByRole('link', { name: 'Decide' }).click();
    await row(page, 'Two more cuts').getByRole('button', { name: 'Approve' }).click();
    await told(page, 'films has $25.00 more.').waitFor();
    await vi.waitFor(async () => expect(await limit()).toBe('315000000'), PATIENT);
    await row(member.page, 'Two more cuts').getByText('approved').waitFor();
  });

  test('are sorted by what is left', async () => {
    const { page } = admin;
    await page.goto('/teams');
    const names = () => page.locator('tbody tr td:first-child a').allInnerTexts();
    await vi.waitFor(async () => expect(await names()).toEqual(['films', 'secret lab']), PATIENT);
    await page.getByRole('button', { name: 'Left' }).click();
    await page.locator('th[aria-sort=descending]').waitFor();
    expect(await names()).toEqual(['films', 'secret lab']);
    await page.getByRole('button', { name: 'Left' }).click();
    await page.locator('th[aria-sort=ascending]').waitFor();
    expect(await names()).toEqual(['secret lab', 'films']);
  });
});

describe.skipIf(noBrowser !== null)('a member', () => {
  test('sees keys, endpoints and figures of its own team only, and is offered nothing that it may not do', async () => {
    const { page } = member;
    await page.goto('/keys');
    await row(page, 'films').first().waitFor();
    await page.goto('/keys?state=active');
    expect(await page.getByText('secret lab').count()).toBe(0);
    expect(await page.getByRole('button', { name: /New key|Actions for/ }).count()).toBe(0);
    await page.goto('/webhooks');
    await row(page, 'desk').waitFor();
    expect(await page.getByRole('button', { name: 'New endpoint' }).count()).toBe(0);
    await page.goto('/upstreams');
    await page.getByRole('link', { name: 'Prices' }).waitFor();
    expect(await page.getByRole('link', { name: /Orphans|Parked|^Upstreams$/ }).count()).toBe(0);
    await page.goto('/');
    await page.getByRole('heading', { name: 'Needs attention' }).waitFor();
    expect(await page.getByText('secret lab').count()).toBe(0);
  });
});

/** What the team may use this month, grants included, in micro-US-dollars. */
const limit = async () =>
  (await world.stack.ask(owner, 'GET', `/admin/v1/teams/${films.teamId}`)).json.budget
    .limit_micro_usd as string;
