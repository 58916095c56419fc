import { DEFAULT_TIMING, emitEvent, forgetOldEvents, type Principal } from '@reelgate/core';
import { transaction } from '@reelgate/db';
import { createTestDatabase, seedTeam, type TestDatabase } from '@reelgate/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

let database: TestDatabase;
let principal: Principal;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  principal = await seedTeam(database.db);
});

const query = async <T extends object>(text: string, values: unknown[] = []) =>
  (await database.db.$client.query<T>(text, values)).rows;

const emit = (data: { id: string }) =>
  transaction(database.db, (tx) =>
    emitEvent(tx, { teamId: principal.teamId, type: 'quota.exhausted', data }),
  );

async function endpoint(id: string, eventTypes: string[], state = 'enabled') {
  await query(
    `insert into webhook_endpoints (id, team_id, url, event_types, state) values ($1, $2, 'https://example.com/', $3, $4)`,
    [id, principal.teamId, eventTypes, state],
  );
}

test('an event is written with a delivery for each endpoint that wants it, as the text that is sent', async () => {
  const other = await seedTeam(database.db);
  await endpoint('whe_wants', ['video.failed', 'quota.exhausted']);
  await endpoint('whe_wants_other', ['video.failed']);
  await endpoint('whe_disabled', ['quota.exhausted'], 'disabled_user');
  await query(
    `insert into webhook_endpoints (id, team_id, url, event_types) values ('whe_foreign', $1, 'https://example.com/', '{quota.exhausted}')`,
    [other.teamId],
  );
  await emit({ id: 'quota_1' });
  const [event] = await query<{ id: string; body: string; at: string }>(
    `select id, convert_from(payload, 'UTF8') as body, floor(extract(epoch from occurred_at))::text as at from events where team_id = $1`,
    [principal.teamId],
  );
  expect(event?.body).toBe(
    `{"id":"${event?.id}","object":"event","created_at":${event?.at},"type":"quota.exhausted","data":{"id":"quota_1"}}`,
  );
  expect(
    await query('select endpoint_id, state from webhook_deliveries where event_id = $1', [event?.id]),
  ).toEqual([{ endpoint_id: 'whe_wants', state: 'pending' }]);
});

test('events of more than thirty days ago are forgotten, with what was sent of them, unless it still waits', async () => {
  await endpoint('whe_forgetful', ['quota.exhausted']);
  for (const id of ['sent', 'waiting', 'new']) await emit({ id });
  const about = `convert_from(payload, 'UTF8')::json #>> '{data,id}'`;
  await query(
    `update events set occurred_at = clock_timestamp() - interval '31 days' where team_id = $1 and ${about} <> 'new'`,
    [principal.teamId],
  );
  await query(
    `update webhook_deliveries d set state = 'delivered', next_attempt_at = null from events e
      where e.id = d.event_id and ${about} = 'sent' and e.team_id = $1`,
    [principal.teamId],
  );
  await query(
    `insert into webhook_attempts (delivery_id, no, started_at, duration_ms, outcome)
     select d.id, 1, clock_timestamp(), 1, 'delivered' from webhook_deliveries d where d.team_id = $1`,
    [principal.teamId],
  );
  expect(await forgetOldEvents({ db: database.db, timing: DEFAULT_TIMING })).toBe(1);
  expect(
    await query(`select ${about} as about from events where team_id = $1 order by 1`, [principal.teamId]),
  ).toEqual([{ about: 'new' }, { about: 'waiting' }]);
  expect(await query('select from webhook_deliveries where team_id = $1', [principal.teamId])).toHaveLength(
    2,
  );
});

test('what is committed later comes later, whenever it was written', async () => {
  const positions = () =>
    query<{ about: string; position: string }>(
      `select convert_from(payload, 'UTF8')::json #>> '{data,id}' as about, position from events where team_id = $1 order by position`,
      [principal.teamId],
    );
  const number = () => query('select number_events($1)', [principal.teamId]);
  const written = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const slow = transaction(database.db, async (tx) => {
    await emitEvent(tx, { teamId: principal.teamId, type: 'quota.exhausted', data: { id: 'slow' } });
    written.resolve();
    await release.promise;
  });
  await written.promise;
  await emit({ id: 'quick' });
  await number();
  expect(await positions()).toEqual([{ about: 'quick', position: '1' }]);
  release.resolve();
  await slow;
  await emit({ id: 'last' });
  await Promise.all([number(), number(), number()]);
  expect(await positions()).toEqual([
    { about: 'quick', position: '1' },
    { about: 'slow', position: '2' },
    { about: 'last', position: '3' },
  ]);
});
