/** The Video object where it says more than how far a render is. */
import { videoSchema } from '@reelgate/contract';
import { setRetention } from '@reelgate/core';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Stack, startStack, type Team } from '../gateway/gateway-process.ts';

let stack: Stack;
let team: Team;
let openai: OpenAI;

beforeAll(async () => {
  stack = await startStack();
  await stack.startWorker();
});
afterAll(() => stack?.close());
beforeEach(async () => {
  team = await stack.addTeam();
  openai = new OpenAI({ apiKey: team.secret, baseURL: `${stack.gateway.origin}/v1`, maxRetries: 0 });
});

const waiting = { headers: { prefer: 'wait=30' } };

test('a failure says all that its upstream said of it, and the SDK reads it', async () => {
  const details = {
    type: 'safety_error',
    param: null,
    headers: { 'Retry-After': '30' },
    misalignment: { error_type: 'other', steer: { message: 'Say it otherwise.' } },
    of_tomorrow: 1,
  };
  await stack.simulator.control('POST', 'rules', {
    match: { prompt_contains: 'a forbidden thing' },
    behaviour: { fail: 'moderation', fail_details: { ...details, account: 'sk-proj-0123456789abcdef' } },
  });
  const failed = await openai.videos.create({ prompt: 'a forbidden thing' }, waiting);
  expect(failed.status).toBe('failed');
  expect(failed.error).toEqual({
    ...details,
    code: 'moderation_blocked',
    message: expect.stringContaining('blocked'),
  });
  expect(await openai.videos.retrieve(failed.id)).toEqual(failed);
  expect((await openai.videos.list()).data).toEqual([failed]);
  expect(videoSchema.parse(failed)).toEqual(JSON.parse(JSON.stringify(failed)));

  await openai.videos.delete(failed.id);
  await expect
    .poll(
      async () => {
        const sql = 'select state, error_message, error_details from videos where id = $1';
        return (await stack.database.db.$client.query(sql, [failed.id])).rows[0];
      },
      { timeout: 30_000 },
    )
    .toEqual({ state: 'purged', error_message: null, error_details: null });
});

describe('expires_at', () => {
  const DAY_SECONDS = 86_400;
  const hold = (id: string, held: boolean) =>
    stack.database.db.$client.query(
      'update videos set legal_hold_at = case when $2 then clock_timestamp() end where id = $1',
      [id, held],
    );

  test("is when the team's retention deletes it, from when it is completed", async () => {
    const kept = await openai.videos.create({ prompt: 'kept for ever' }, waiting);
    expect(kept).toMatchObject({ status: 'completed', expires_at: null });

    await setRetention({ db: stack.database.db }, team.teamId, 30);
    const running = await openai.videos.create({ prompt: 'running [[sim stuck]]' });
    expect(running.expires_at).toBeNull();
    expect((await openai.videos.retrieve(running.id)).expires_at).toBeNull();
    const video = await openai.videos.create({ prompt: 'kept for a month' }, waiting);
    const afterDays = ((video.expires_at ?? 0) - (video.completed_at ?? 0)) / DAY_SECONDS;
    expect(afterDays).toBeCloseTo(30, 2);
    expect((await openai.videos.retrieve(kept.id)).expires_at).toBeGreaterThan(Date.now() / 1_000);
    const { data } = await openai.videos.list({ limit: 2 });
    expect(data).toEqual([video, expect.objectContaining({ id: running.id, expires_at: null })]);

    const stranger = await stack.addTeam();
    const other = await stack.ask(stranger, 'POST', '/v1/videos', { json: { prompt: 'x' }, ...waiting });
    expect(other.json).toMatchObject({ status: 'completed', expires_at: null });
  });

  test('is not told of one that an administrator holds', async () => {
    await setRetention({ db: stack.database.db }, team.teamId, 30);
    const { id } = await openai.videos.create({ prompt: 'evidence' }, waiting);
    await hold(id, true);
    expect((await openai.videos.retrieve(id)).expires_at).toBeNull();
    await hold(id, false);
    expect((await openai.videos.retrieve(id)).expires_at).not.toBeNull();
  });
});
