import { API_OPERATIONS, SCOPES, type Scope } from '@reelgate/contract';
import { createKey, revokeKey, updateTeam } from '@reelgate/core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { PEPPER, type Stack, startStack, type Team } from '../gateway/gateway-process.ts';

let stack: Stack;
let team: Team;
beforeAll(async () => {
  stack = await startStack();
  team = await stack.addTeam();
});
afterAll(() => stack.close());

const newKey = (more: object) =>
  createKey({ db: stack.database.db, pepper: PEPPER }, { teamId: team.teamId, name: 'a key', ...more });

/** Below a mount, with ids that nobody has. */
const pathOf = (path: string) =>
  path
    .replace('{model}', 'sora-2')
    .replace(/\{\w+\}/, path.includes('characters') ? `char_${'0'.repeat(32)}` : `video_${'0'.repeat(32)}`);

describe('the scope of every operation', () => {
  test.each(API_OPERATIONS.map((operation) => [operation.operationId, operation] as const))(
    '%s',
    async (_, { method, path, scope, answer }) => {
      const all = Object.keys(SCOPES) as Scope[];
      const without = await newKey({ scopes: all.filter((one) => one !== scope) });
      const only = await newKey({ scopes: [scope ?? 'files'] });
      for (const base of ['/v1', '/openai/v1']) {
        const ask = (key: { secret: string }, as = method.toUpperCase()) =>
          stack.ask(key, as, `${base}${pathOf(path)}`, method === 'post' ? { json: {} } : {});
        const refused = await ask(without);
        if (scope !== null) {
          expect(refused).toMatchObject({
            status: 403,
            json: {
              error: {
                type: 'invalid_request_error',
                code: 'missing_scope',
                message: expect.stringContaining(`'${scope}'`),
              },
            },
          });
        }
        // What else may be wrong with it is not the key. A stream would go on until its reader leaves: its head says enough.
        const { status } = await ask(only, 'events' in answer ? 'HEAD' : undefined);
        expect([401, 403]).not.toContain(status);
      }
    },
  );

  test('also counts for HEAD', async () => {
    const key = await newKey({ scopes: ['videos:write'] });
    const path = `/v1/videos/video_${'0'.repeat(32)}/content`;
    expect((await stack.ask(key, 'HEAD', path)).status).toBe(403);
    expect((await stack.ask(team, 'HEAD', path)).status).toBe(404);
  });
});

test('a model that a key may not use is not there for it', async () => {
  const [narrow, wide] = [await newKey({ models: ['veo'] }), await newKey({ models: ['sora-2', 'veo'] })];
  const answers = async (key: { secret: string }) => ({
    create: await stack.ask(key, 'POST', '/v1/videos', { json: { prompt: 'a kite', model: 'sora-2' } }),
    quote: await stack.ask(key, 'POST', '/v1/videos/quote', { json: { model: 'sora-2' } }),
    get: await stack.ask(key, 'GET', '/v1/models/sora-2'),
    list: await stack.ask(key, 'GET', '/v1/models'),
  });
  const { list, ...refused } = await answers(narrow);
  const unknown = (await stack.ask(narrow, 'GET', '/v1/models/sora-3')).text;
  for (const answer of Object.values(refused)) {
    expect(answer).toMatchObject({ status: 404, json: { error: { code: 'model_not_found' } } });
    expect(answer.text).toBe(unknown.replace('sora-3', 'sora-2'));
  }
  expect(list.json.data).toEqual([]);
  const accepted = await answers(wide);
  expect(Object.values(accepted).map(({ status }) => status)).toEqual([200, 200, 200, 200]);

  // Nor through a video of its team that was made with it.
  const { id } = accepted.create.json;
  await stack.startWorker();
  await vi.waitUntil(
    async () => (await stack.ask(wide, 'GET', `/v1/videos/${id}`)).json.status === 'completed',
    {
      timeout: 20_000,
      interval: 100,
    },
  );
  const remix = await stack.ask(narrow, 'POST', `/v1/videos/${id}/remix`, { json: { prompt: 'a red kite' } });
  expect(remix).toMatchObject({ status: 404, json: { error: { code: 'model_not_found' } } });
});

test('a revoked key and a team that is switched off are refused at once on every gateway', async () => {
  const second = await stack.startGateway();
  const origins = [stack.gateway.origin, second.origin];
  const statuses = (key: { secret: string }) =>
    Promise.all(
      origins.map(async (origin) => (await stack.ask(key, 'GET', '/v1/videos', { origin })).status),
    );
  const [key, other] = [await newKey({}), await stack.addTeam()];
  for (const one of [key, other]) expect(await statuses(one)).toEqual([200, 200]);
  const soon = { timeout: 2_000, interval: 20 };

  await revokeKey({ ...stack.database, scope: 'all' }, key.id);
  await vi.waitUntil(async () => (await statuses(key)).every((status) => status === 401), soon);
  await updateTeam(stack.database, other.teamId, { disabled: true });
  await vi.waitUntil(async () => (await statuses(other)).every((status) => status === 403), soon);
  expect((await stack.ask(other, 'GET', '/v1/videos')).json.error.code).toBe('team_disabled');
  await updateTeam(stack.database, other.teamId, { disabled: false });
  await vi.waitUntil(async () => (await statuses(other)).every((status) => status === 200), soon);
});
