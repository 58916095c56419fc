/** The auditor itself: silent where all is well, and loud about each thing that is tampered with. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collectEvidence, untilAtRest } from '../at-rest.ts';
import { readFinally, runLoad } from '../load/load.ts';
import type { Wish } from '../load/plan.ts';
import { type ChaosStack, startChaosStack } from '../stack/stack.ts';
import { audit } from './audit.ts';
import type { Evidence, Intent } from './evidence.ts';

let directory: string;
let stack: ChaosStack;
let database: pg.Client;
let evidence: Evidence;

const wish = (no: number, more: Partial<Wish> = {}): Wish => ({
  no,
  team: no % 2,
  operation: 'create',
  prompt: `wish ${no}`,
  seconds: '4',
  withKey: true,
  deleted: null,
  downloaded: true,
  ...more,
});

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'reelgate-audit-'));
  stack = await startChaosStack({
    directory,
    gateways: 1,
    workers: 1,
    teams: 2,
    queue: 'postgres',
    renderMs: 100,
  });
  const outcomes = await runLoad(
    stack,
    [
      wish(0),
      wish(1),
      wish(2, { prompt: 'fails [[sim fail=moderation]]' }),
      wish(3, { deleted: 'at the end' }),
    ],
    { concurrency: 4, over: AbortSignal.timeout(60_000) },
  );
  await untilAtRest(stack);
  database = new pg.Client({ connectionString: stack.databaseUrl });
  await database.connect();
  evidence = await collectEvidence(
    stack,
    await readFinally(
      stack,
      outcomes.map(({ intent }) => intent),
    ),
    database,
  );
});
afterAll(async () => {
  await database?.end();
  await stack?.stop();
  await rm(directory, { recursive: true, force: true });
});

const ofFirst = `(select id from videos where state = 'stored' order by id limit 1)`;

/** What it says once this was done to the database, in a transaction that is rolled back. */
async function afterChange(statement: string): Promise<string[]> {
  await database.query('begin');
  try {
    await database.query('set local session_replication_role = replica');
    const { rowCount } = await database.query(statement);
    expect(rowCount, 'the tampering touched nothing').toBeGreaterThan(0);
    return (await audit(evidence)).findings.map(({ invariant, what }) => `${invariant} ${what}`);
  } finally {
    await database.query('rollback');
  }
}

async function withEvidence(changed: Partial<Evidence>): Promise<string[]> {
  const { findings } = await audit({ ...evidence, ...changed });
  return findings.map(({ invariant, what }) => `${invariant} ${what}`);
}

const withIntent = (change: (intent: Intent) => Partial<Intent>) =>
  withEvidence({
    intents: evidence.intents.map((intent) => (intent.no === 0 ? { ...intent, ...change(intent) } : intent)),
  });

test('finds nothing where nothing is wrong', async () => {
  const { findings, counts } = await audit(evidence);
  expect(findings).toEqual([]);
  expect(counts).toMatchObject({
    videos: 4,
    'videos stored': 2,
    'videos failed': 1,
    'videos purged': 1,
    lost: 0,
    'paid twice': 0,
    'micro-dollars wrong': 0,
    'micro-dollars charged': 1_200_000,
    hung: 0,
    'events missing or doubled': 0,
  });
});

describe('a lost video', () => {
  test('no row knows of it', async () => {
    const found = await afterChange(`update videos set upstream_id = 'another' where id = ${ofFirst}`);
    expect(found).toContain('I1 the upstream made it and no row knows of it');
    expect(found).toContain('I1 a row has it, and the upstream never made it');
  });
  test('it counts as failed here', async () => {
    const found = await afterChange(
      `update videos set state = 'failed', error_code = 'x' where id = ${ofFirst}`,
    );
    expect(found).toContain('I1 finished upstream, but failed here (x)');
  });
  test('its content counts as lost', async () => {
    const found = await afterChange(`update videos set state = 'content_lost' where id = ${ofFirst}`);
    expect(found).toContain('I1 finished upstream, but content_lost here (null)');
  });
  test('there is no such object', async () => {
    const found = await afterChange(
      `update assets set object_key = 'v/none' where variant = 'video' and video_id = ${ofFirst}`,
    );
    expect(found).toContain('I1 stored, but there is no such object');
  });
  test('its bytes are those of another', async () => {
    const found = await withEvidence({ objects: { ...evidence.objects, sha256: async () => 'f00' } });
    expect(found).toContain('I1 the stored bytes are not what the upstream made');
  });
  test('its checksum is wrong', async () => {
    const found = await afterChange(
      `update assets set sha256 = 'f00' where variant = 'video' and video_id = ${ofFirst}`,
    );
    expect(found).toContain('I1 its row has not the checksum of what the upstream made');
  });
});

describe('a second payment', () => {
  test('the upstream made one more', async () => {
    const [first] = evidence.truth;
    if (!first) throw new Error('there is no video');
    const found = await withEvidence({ truth: [...evidence.truth, { ...first, id: 'one more' }] });
    expect(found).toContain('I2 asked for 1 times, made 2 times');
  });
  test('a caller was given two', async () => {
    const found = await withIntent(({ answers }) => ({ answers: [...answers, 'video_other'] }));
    expect(found).toContain('I2 intent 0 was answered with different videos');
  });
});

describe('money', () => {
  test.each([
    [
      'a video costs less than was charged',
      `update videos set final_micro = final_micro - 1 where id = ${ofFirst}`,
      /booked as 399999 .* charged 400000/,
    ],
    [
      'a balance is not its ledger',
      `update quota_buckets set settled = settled + 1 where settled > 0`,
      /not the sum of its ledger/,
    ],
    [
      'a ledger is not its balance',
      `update quota_ledger set d_settled = d_settled - 1 where d_settled > 0`,
      /not the sum of its ledger/,
    ],
    ['something is still held', `update quota_buckets set reserved = reserved + 5`, /at rest still holds 5/],
    [
      'a limit is below what was spent',
      `update quota_buckets set hard_limit = 1 where settled > 1`,
      /above its limit/,
    ],
  ])('%s', async (_, statement, expected) => {
    const found = await afterChange(statement).catch((error: unknown) => [`refused: ${error}`]);
    // The last line of defence: the database itself does not take it.
    if (found[0]?.startsWith('refused')) expect(found[0]).toMatch(/quota_buckets_never_over/);
    else expect(found.some((line) => line.startsWith('I3') && expected.test(line))).toBe(true);
  });
});

describe('events', () => {
  test.each([
    [
      'one is missing',
      `delete from events where type = 'video.completed' and video_id = ${ofFirst}`,
      'I5 stored, and nobody was told',
    ],
    [
      'a failure is told as success',
      `update events set type = 'video.completed' where type = 'video.failed'`,
      'I5 told as completed, but failed',
    ],
    [
      'a delivery is missing',
      `delete from webhook_deliveries where event_id in (select id from events where video_id = ${ofFirst})`,
      'I5 has 0 deliveries for one endpoint',
    ],
    [
      'a delivery is open',
      `update webhook_deliveries set state = 'pending', next_attempt_at = now()`,
      'I5 is still to be delivered',
    ],
    [
      'other bytes were sent',
      `update events set payload = '{}'`,
      'I5 was sent with other bytes than are kept',
    ],
  ])('%s', async (_, statement, expected) => {
    expect(await afterChange(statement)).toContain(expected);
  });
  test('nobody got it', async () => {
    expect(await withEvidence({ received: [] })).toContain('I5 counts as delivered, and nobody got it');
  });
  test('it was not signed', async () => {
    const found = await withEvidence({
      received: evidence.received.map((each) => ({ ...each, verified: false })),
    });
    expect(found).toContain('I5 has no valid signature');
  });
  test('it went to another team', async () => {
    const found = await withEvidence({
      received: evidence.received.map((each) => ({ ...each, teamId: 'team_other' })),
    });
    expect(found.some((line) => line.startsWith('I4 went to team_other'))).toBe(true);
  });
  test('it was made up', async () => {
    const found = await withEvidence({
      received: [{ teamId: '', webhookId: 'evt_none', body: '', verified: true, accepted: true }],
    });
    expect(found).toContain('I5 was delivered, and there is no such event');
  });
});

describe('what callers saw', () => {
  test.each<[string, (intent: Intent) => Partial<Intent>, string]>([
    [
      'the video of another team',
      () => ({ teamId: 'team_other' }),
      "I4 answered to team_other, and is another team's",
    ],
    [
      'an id that is not there',
      () => ({ answers: ['video_none'] }),
      'I6 answered to a caller, and there is no such row',
    ],
    [
      'a status that went back',
      () => ({ statuses: ['in_progress', 'queued'] }),
      'I6 went back: in_progress -> queued',
    ],
    [
      'nothing in the end',
      () => ({ finalStatus: 'error 404' }),
      'I6 is stored, and reads as error 404 in the end',
    ],
    ['other bytes', () => ({ downloads: ['f00'] }), 'I4 a download was not what the upstream made for it'],
  ])('%s', async (_, change, expected) => {
    expect(await withIntent(change)).toContain(expected);
  });
  test('a video that is gone', async () => {
    const found = await afterChange(`update videos set delete_requested_at = now() where id = ${ofFirst}`);
    expect(found).toContain('I6 gone for its caller, who has not deleted it');
  });
});

describe('rows', () => {
  test.each([
    [
      'one hangs',
      `update videos set state = 'archiving', next_action_at = now() where id = ${ofFirst}`,
      'I7 is still archiving',
    ],
    [
      'one is forgotten',
      `update videos set state = 'rendering' where id = ${ofFirst}`,
      'I7 is rendering, and nobody will ever look at it',
    ],
    [
      'one is late',
      `update videos set state = 'rendering', next_action_at = now() - interval '2 minutes' where id = ${ofFirst}`,
      'I7 is rendering and more than a minute overdue',
    ],
    [
      'one is in quarantine',
      `update videos set state = 'rendering', next_action_at = now(), quarantined_at = now() where id = ${ofFirst}`,
      'I7 is in quarantine',
    ],
  ])('%s', async (_, statement, expected) => {
    expect(await afterChange(statement)).toContain(expected);
  });
});

test('an object that no row refers to', async () => {
  const { objects } = evidence;
  const old = { key: 'v/00/video_gone/video/1.mp4', modifiedAt: new Date(0) };
  const found = await withEvidence({
    objects: { ...objects, list: async () => [...(await objects.list()), old] },
  });
  expect(found).toEqual(['I8 no row refers to it']);
});
