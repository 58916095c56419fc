/** Looking for the deliveries of one endpoint costs the same, however many others wait or hang. */
import { claimDeliveries } from '@reelgate/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DeliveryWorld, startDeliveryWorld } from './delivery-world.ts';

let world: DeliveryWorld;
let endpointId: string;

beforeAll(async () => {
  world = await startDeliveryWorld();
  ({ id: endpointId } = await world.endpoint('http://127.0.0.1:1/'));
  await world.query('update webhook_endpoints set delivered_at = clock_timestamp() where id = $1', [
    endpointId,
  ]);
});
afterAll(() => world.close());

const free = { slots: 200, suspectSlots: 100 };
const claim = (endpointIds: readonly string[] | null) => claimDeliveries(world.worker, free, endpointIds);

/** Rows and index entries that Postgres reads for one look. */
async function costOf(endpointIds: string[] | null): Promise<number> {
  const client = await world.database.db.$client.connect();
  const reads = async () => {
    const { rows } = await client.query(
      `select sum(coalesce(idx_scan, 0) + coalesce(idx_tup_fetch, 0) + seq_tup_read)::int as reads from pg_stat_xact_user_tables
        where relname in ('webhook_deliveries', 'webhook_endpoints', 'webhook_secrets', 'events')`,
    );
    return rows[0].reads as number;
  };
  try {
    await client.query('begin');
    // Small tables are read whole otherwise, which says nothing of large ones.
    await client.query('set local enable_seqscan = off');
    const before = await reads();
    await client.query("select from take_deliveries($1::text[], 'test', 1000, 200, 100, 5, 5, 50, 100)", [
      endpointIds,
    ]);
    return (await reads()) - before;
  } finally {
    await client.query('rollback');
    client.release();
  }
}

test('and the look at all finds the others as well', async () => {
  await world.emit('first');
  const alone = await costOf([endpointId]);
  expect(alone).toBeGreaterThan(0);

  const hanging = await world.newTeam();
  await world.query(
    `insert into webhook_endpoints (id, team_id, url, event_types)
     select 'whe_hanging' || n, $1, 'http://127.0.0.1:1/', '{quota.exhausted}' from generate_series(1, 100) n`,
    [hanging],
  );
  for (let i = 0; i < 3; i += 1) await world.emit(`stuck_${i}`, hanging);
  expect((await claim(null)).filter(({ endpointId: id }) => id.startsWith('whe_hanging'))).toHaveLength(100);
  await world.query('update webhook_deliveries set lease_until = null where endpoint_id = $1', [endpointId]);
  await world.query('analyze');

  expect(await costOf(null)).toBeGreaterThan(100);
  expect(await costOf([endpointId])).toBeLessThanOrEqual(alone + 5);
  expect((await claim([endpointId])).map(({ endpointId: id }) => id)).toEqual([endpointId]);
  expect(await claim([endpointId])).toEqual([]);
});
