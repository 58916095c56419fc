import { createVideo } from '@reelgate/core';
import { seedTeam, startWalk, type Walk } from '@reelgate/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';

const LIFE_S = 3_600;

let walk: Walk;
beforeAll(async () => {
  walk = await startWalk();
});
afterAll(() => walk.close());

test.each([
  ['ahead', 1_800],
  ['behind', -600],
])('with an upstream whose clock is %s, a video is archived while it is still there', async (_how, skew) => {
  const caller = { ...walk.ctx, principal: await seedTeam(walk.database.db) };
  const { video } = await createVideo(
    caller,
    {
      model: 'sora-2',
      prompt: `a kite [[sim render_ms=50 expires_s=${LIFE_S} clock_skew_s=${skew}]]`,
      seconds: 4,
      size: '720x1280',
      params: {},
    },
    { idempotencyKey: null, retryCount: 0 },
  );
  await walk.drive(video.id, ['archiving']);
  const { rows } = await walk.database.db.$client.query<{ left: number }>(
    'select extract(epoch from archive_deadline_at - clock_timestamp())::float8 as left from videos where id = $1',
    [video.id],
  );
  expect(rows[0]?.left).toBeLessThan(LIFE_S);
  expect(rows[0]?.left).toBeGreaterThan(LIFE_S / 2);
  expect((await walk.drive(video.id)).state).toBe('stored');
});
