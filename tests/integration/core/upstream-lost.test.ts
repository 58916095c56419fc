/** An upstream that denies a video which it has accepted, as one does that keeps its jobs in memory and is started anew. */
import { createVideo, pollVideo, setQuota } from '@reelgate/core';
import { seedTeam, startWalk, type Walk } from '@reelgate/testkit';
import { afterEach, expect, test } from 'vitest';

let walk: Walk;
afterEach(() => walk.close());

const pool = () => walk.database.db.$client;

async function forgotten(): Promise<{ id: string; teamId: string }> {
  const principal = await seedTeam(walk.database.db);
  const { teamId } = principal;
  await setQuota(walk.database, {
    scopeKind: 'team',
    scopeId: teamId,
    metric: 'cost',
    window: 'month',
    hard: 10_000_000n,
  });
  const input = { model: 'sora-2', prompt: 'a kite [[sim stuck]]', seconds: 4, size: '720x1280', params: {} };
  const identity = { idempotencyKey: null, retryCount: 0 };
  const { video } = await createVideo({ ...walk.ctx, principal }, input, identity);
  await walk.drive(video.id, ['rendering']);
  await walk.simulator.control('POST', 'reset');
  return { id: video.id, teamId };
}

/** One look, as if its time had come; how long the next one is away, in seconds. */
async function look(id: string): Promise<number | null> {
  await pool().query('update videos set next_action_at = now() where id = $1', [id]);
  await pollVideo(walk.ctx, id);
  const { rows } = await pool().query(
    'select round(extract(epoch from next_action_at - now()))::int as seconds from videos where id = $1',
    [id],
  );
  return rows[0].seconds;
}

async function money(teamId: string) {
  const { rows } = await pool().query(
    'select b.reserved::int, b.settled::int from quota_buckets b join quota_limits l on l.id = b.limit_id where l.scope_id = $1',
    [teamId],
  );
  return rows[0];
}

test.each([
  ['charges for what it loses', true, { reserved: 0, settled: 400_000 }],
  ['does not', false, { reserved: 0, settled: 0 }],
])(
  'an upstream that %s: lost after five denials over more than ten minutes',
  async (_, chargesOnLoss, after) => {
    walk = await startWalk({ upstream: { chargesOnLoss } });
    const { id, teamId } = await forgotten();
    const waits: (number | null)[] = [];
    for (let denial = 1; denial < 5; denial++) {
      waits.push(await look(id));
      expect((await walk.facts(id)).state).toBe('rendering');
      expect(await money(teamId)).toEqual({ reserved: 400_000, settled: 0 });
    }
    expect(waits).toEqual([30, 60, 180, 360]);

    await look(id);
    expect(await walk.facts(id)).toMatchObject({ state: 'failed', error_code: 'upstream_lost' });
    expect(await money(teamId)).toEqual(after);
  },
);

test('one that knows it again begins the count anew', async () => {
  walk = await startWalk();
  const { id } = await forgotten();
  const { rows } = await pool().query('select upstream_handle from videos where id = $1', [id]);
  for (let denial = 1; denial < 5; denial++) await look(id);

  // What it has under another id stands in for its memory coming back.
  const principal = await seedTeam(walk.database.db);
  const input = {
    model: 'sora-2',
    prompt: 'another [[sim stuck]]',
    seconds: 4,
    size: '720x1280',
    params: {},
  };
  const other = await createVideo({ ...walk.ctx, principal }, input, { idempotencyKey: null, retryCount: 0 });
  await walk.drive(other.video.id, ['rendering']);
  await pool().query(
    'update videos set upstream_handle = (select upstream_handle from videos where id = $2) where id = $1',
    [id, other.video.id],
  );
  await look(id);
  await pool().query('update videos set upstream_handle = $2 where id = $1', [id, rows[0].upstream_handle]);

  expect(await look(id)).toBe(30);
  expect((await walk.facts(id)).state).toBe('rendering');
});
