/** The models for those who administer: offered or not, and with their use by the teams that the asker sees. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../gateway/gateway-process.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

const list = async (who: { secret: string }) => {
  const answer = await stack.ask(who, 'GET', '/admin/v1/models');
  expect(answer.status).toBe(200);
  return answer.json;
};

test('a model is told with its upstream, its sizes without a price and its videos of 30 days', async () => {
  const db = stack.database.db.$client;
  const [mine, other] = [await stack.addTeam(), await stack.addTeam()];
  const admin = await stack.addAdmin();
  const member = await stack.addAdmin('member', [other.teamId]);
  for (const team of [mine, mine, other]) expect((await stack.create(team)).status).toBe(200);
  const old = (await stack.create(mine)).json.id;
  await db.query("update videos set created_at = now() - interval '31 days' where id = $1", [old]);
  await db.query("update models set sizes = sizes || '640x360'::text where name = 'sora-2'");
  await db.query(
    `insert into models (name, upstream_account_id, upstream_model, seconds, sizes, default_seconds, default_size, enabled)
     values ('before', 'simulator', 'sora-1', '{4}', '{1280x720}', 4, '1280x720', false)`,
  );

  const offered = (await stack.ask(mine, 'GET', '/v1/models')).json.data.find(
    (model: { id: string }) => model.id === 'sora-2',
  );
  const all = await list(admin);
  expect(all.data.map((model: { id: string }) => model.id)).toEqual(
    [...all.data.map((model: { id: string }) => model.id)].sort(),
  );
  const find = (answer: typeof all, id: string) =>
    answer.data.find((model: { id: string }) => model.id === id);
  expect(find(all, 'sora-2')).toMatchObject({
    object: 'model',
    upstream_id: 'simulator',
    seconds: offered.seconds.map(Number),
    capabilities: expect.arrayContaining(offered.operations),
    enabled: true,
    unpriced_sizes: ['640x360'],
    videos_last_30_days: 3,
  });
  // What is not offered needs no price.
  expect(find(all, 'before')).toMatchObject({ enabled: false, unpriced_sizes: [], videos_last_30_days: 0 });
  expect(find(await list(member), 'sora-2').videos_last_30_days).toBe(1);
});
