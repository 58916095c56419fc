import { TRANSITIONS, VIDEO_STATES, type VideoState } from '@reelgate/core';
import { createTestDatabase, seedModels, seedTeam, TEST_ACCOUNT, type TestDatabase } from '@reelgate/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let database: TestDatabase;
let insertVideo: (state: VideoState) => Promise<string>;

beforeAll(async () => {
  database = await createTestDatabase();
  await seedModels(database.db);
  const { teamId, keyId } = await seedTeam(database.db);
  const pool = database.db.$client;
  const { rows } = await pool.query<{ id: string }>('select id from prices limit 1');
  let count = 0;
  insertVideo = async (state) => {
    const id = `video_${String(count++).padStart(32, '0')}`;
    const upstreamId = ['accepted', 'submitting', 'unknown'].includes(state) ? null : `up_${id}`;
    await pool.query(
      `insert into videos (id, team_id, key_id, operation, model, upstream_account_id, upstream_model, prompt, full_fp,
         visible_fp, seconds, billed_seconds, size, state, upstream_id, price_id, unit_price_micro, est_micro)
       values ($1, $2, $3, 'create', 'sora-2', $4, 'sora-2', 'p', 'f', 'v', 4, 4, '720x1280', $5, $6, $7, 1, 4)`,
      [id, teamId, keyId, TEST_ACCOUNT, state, upstreamId, rows[0]?.id],
    );
    return id;
  };
});
afterAll(() => database.close());

describe('the state machine in the database is the one in the code', () => {
  const pairs = VIDEO_STATES.flatMap((from) =>
    VIDEO_STATES.filter((to) => to !== from).map((to) => [from, to] as const),
  );

  test.each(pairs)('%s -> %s', async (from, to) => {
    const id = await insertVideo(from);
    const change = database.db.$client.query(
      `update videos set state = $2, next_action_at = null,
              upstream_id = case when $2 in ('accepted','submitting','unknown') then null else coalesce(upstream_id, 'up_' || id) end
        where id = $1 returning state_version`,
      [id, to],
    );
    if (TRANSITIONS[from].includes(to)) {
      expect((await change).rows).toEqual([{ state_version: 1 }]);
    } else {
      await expect(change).rejects.toMatchObject({ code: 'RG409' });
    }
  });

  test('a state that nobody knows is refused', async () => {
    const id = await insertVideo('accepted');
    await expect(
      database.db.$client.query(`update videos set state = 'lost' where id = $1`, [id]),
    ).rejects.toThrow();
  });
});
