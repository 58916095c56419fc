import { Readable } from 'node:stream';
import {
  type CallerContext,
  type CreateVideoInput,
  createVideo,
  deleteVideo,
  getVideo,
  markAnswered,
  markRead,
  type Principal,
} from '@reelgate/core';
import { seedTeam, startWalk, type Walk } from '@reelgate/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

let walk: Walk;
let principal: Principal;
let caller: CallerContext;

beforeAll(async () => {
  walk = await startWalk();
});
afterAll(() => walk.close());
beforeEach(async () => {
  await walk.simulator.control('POST', 'reset');
  principal = await seedTeam(walk.database.db);
  caller = { ...walk.ctx, principal };
});

const asking = (prompt: string): CreateVideoInput => ({
  model: 'sora-2',
  prompt,
  seconds: 4,
  size: '720x1280',
  params: {},
});
const creates = async () => (await walk.simulator.truth()).totals.creates;
const keyed = (idempotencyKey: string) => ({ idempotencyKey, retryCount: 0 });
const retried = (retryCount: number) => ({ idempotencyKey: null, retryCount });

describe("the caller's own idempotency key", () => {
  test('50 at once under one key: one video, one create, 50 equal answers', async () => {
    const results = await Promise.all(
      Array.from({ length: 50 }, () => createVideo(caller, asking('once'), keyed('k'))),
    );
    expect(new Set(results.map((result) => result.video.id)).size).toBe(1);
    expect(results.filter((result) => !result.replayed)).toHaveLength(1);
    expect(await creates()).toBe(1);
  });

  test('another request under the same key is refused and makes nothing', async () => {
    await createVideo(caller, asking('first'), keyed('k'));
    await expect(createVideo(caller, asking('second'), keyed('k'))).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
    expect(await creates()).toBe(1);
  });

  test("another team's same key is another key", async () => {
    const other: CallerContext = { ...walk.ctx, principal: await seedTeam(walk.database.db) };
    const mine = await createVideo(caller, asking('same'), keyed('k'));
    const theirs = await createVideo(other, asking('same'), keyed('k'));
    expect(theirs.replayed).toBe(false);
    expect(theirs.video.id).not.toBe(mine.video.id);
  });

  test('a refused request leaves its key free', async () => {
    const refused = asking('no [[sim refuse=400 refuse_code=content_policy_violation]]');
    await expect(createVideo(caller, { ...refused, seconds: 5 }, keyed('k'))).rejects.toMatchObject({
      code: 'invalid_value',
    });
    expect((await createVideo(caller, asking('yes'), keyed('k'))).replayed).toBe(false);
  });

  test('so does one that the upstream refused', async () => {
    const refused = asking('no [[sim refuse=400 refuse_code=content_policy_violation]]');
    for (const attempt of [1, 2]) {
      await expect(createVideo(caller, refused, keyed('k')), `attempt ${attempt}`).rejects.toMatchObject({
        code: 'upstream_refused',
      });
    }
    expect((await createVideo(caller, asking('yes'), keyed('k'))).replayed).toBe(false);
  });

  test.each([
    ['key', keyed('k'), keyed('k')],
    ["SDK's retry", retried(0), retried(1)],
  ])(
    'a video that a repeated %s was answered with is not hidden when its upstream refuses it',
    async (_, first, again) => {
      const refused = asking('late no [[sim refuse=400 refuse_code=content_policy_violation]]');
      const { promise: answer, resolve: answerNow } = Promise.withResolvers<void>();
      const upstreams: CallerContext['ports']['upstreams'] = (accountId) => {
        const upstream = walk.ctx.ports.upstreams(accountId);
        return (
          upstream && {
            ...upstream,
            capabilities: upstream.capabilities,
            submit: async (job, options) => {
              const result = await upstream.submit(job, options);
              await answer;
              return result;
            },
          }
        );
      };
      const slow = { ...caller, ports: { ...caller.ports, upstreams } };
      const creating = createVideo(slow, refused, first).catch((error: unknown) => error);
      const replay = await vi.waitFor(async () => {
        const { rows } = await walk.database.db.$client.query('select 1 from videos where team_id = $1', [
          principal.teamId,
        ]);
        expect(rows).toHaveLength(1);
        return await createVideo(slow, refused, again);
      }, 10_000);
      expect(replay.replayed).toBe(true);
      answerNow();
      expect(await creating).toMatchObject({ code: 'upstream_refused' });
      expect(await getVideo(caller, replay.video.id)).toMatchObject({
        state: 'failed',
        errorCode: 'content_policy_violation',
      });
    },
  );
});

describe("an SDK's own retries, without a key", () => {
  const sentLonger = (id: string, seconds: number) =>
    walk.database.db.$client.query(
      'update videos set answered_at = answered_at - make_interval(secs => $2) where id = $1',
      [id, seconds],
    );

  test('a retry gets the video of the try before', async () => {
    const first = await createVideo(caller, asking('lost answer'));
    const again = await createVideo(caller, asking('lost answer'), retried(1));
    const third = await createVideo(caller, asking('lost answer'), retried(2));
    expect([again.video.id, third.video.id]).toEqual([first.video.id, first.video.id]);
    expect([again.replayed, third.replayed]).toEqual([true, true]);
    expect(await creates()).toBe(1);
  });

  test('three identical prompts at once, each retried: three videos, and each retry gets another one', async () => {
    const firsts = await Promise.all([1, 2, 3].map(() => createVideo(caller, asking('triplets'))));
    const retries = await Promise.all(
      [1, 2, 3].map(() => createVideo(caller, asking('triplets'), retried(1))),
    );
    const ids = (results: { video: { id: string } }[]) => results.map((result) => result.video.id).sort();
    expect(new Set(ids(firsts)).size).toBe(3);
    expect(ids(retries)).toEqual(ids(firsts));
    expect(await creates()).toBe(3);
  });

  test('four identical first tries are four videos', async () => {
    const results = [];
    for (let i = 0; i < 4; i++) results.push(await createVideo(caller, asking('again and again')));
    expect(new Set(results.map((result) => result.video.id)).size).toBe(4);
  });

  test('a retry of something else, of another key, or long after the answer was used is a new request', async () => {
    const first = await createVideo(caller, asking('one'));
    expect((await createVideo(caller, asking('two'), retried(1))).replayed).toBe(false);
    const colleague: CallerContext = { ...walk.ctx, principal: await seedTeam(walk.database.db) };
    expect((await createVideo(colleague, asking('one'), retried(1))).replayed).toBe(false);
    await markAnswered(caller, first.video.id);
    await markRead(caller, await getVideo(caller, first.video.id));
    await sentLonger(first.video.id, 61);
    expect((await createVideo(caller, asking('one'), retried(1))).replayed).toBe(false);
  });

  test('a retry gets the video whose answer was sent, and lost on a connection that was given up half a minute later', async () => {
    const first = await createVideo(caller, asking('forgotten'));
    await markAnswered(caller, first.video.id);
    await sentLonger(first.video.id, 30);
    expect((await createVideo(caller, asking('forgotten'), retried(2))).video.id).toBe(first.video.id);
    expect(await creates()).toBe(1);
  });

  test('a retry gets the video whose answer was swallowed ten minutes ago, when an SDK gives a request up', async () => {
    const first = await createVideo(caller, asking('swallowed'));
    await markAnswered(caller, first.video.id);
    await sentLonger(first.video.id, 620);
    expect((await createVideo(caller, asking('swallowed'), retried(1))).video.id).toBe(first.video.id);
    expect(await creates()).toBe(1);
  });

  test('of two that were answered, the one that nobody has asked for since is taken first', async () => {
    const [used, swallowed] = [
      await createVideo(caller, asking('pair')),
      await createVideo(caller, asking('pair')),
    ];
    for (const { video } of [used, swallowed]) await markAnswered(caller, video.id);
    await markRead(caller, await getVideo(caller, used.video.id));
    expect((await createVideo(caller, asking('pair'), retried(1))).video.id).toBe(swallowed.video.id);
  });

  test('of several, the one whose answer was not sent is taken first', async () => {
    const answered = await createVideo(caller, asking('twins'));
    const unanswered = await createVideo(caller, asking('twins'));
    await markAnswered(caller, answered.video.id);
    expect((await createVideo(caller, asking('twins'), retried(1))).video.id).toBe(unanswered.video.id);
  });

  test('a deleted video is never handed out again', async () => {
    const first = await createVideo(caller, asking('gone'));
    await deleteVideo(caller, first.video.id);
    expect((await createVideo(caller, asking('gone'), retried(1))).replayed).toBe(false);
  });
});

describe('reuse, where the caller asks for it', () => {
  const reusing = { idempotencyKey: null, retryCount: 0, reuse: true };

  test("the team's finished video of the same request is the answer, at no cost", async () => {
    const first = await createVideo(caller, asking('evergreen'));
    expect((await walk.drive(first.video.id)).state).toBe('stored');
    const again = await createVideo(caller, asking('evergreen'), reusing);
    expect(again).toMatchObject({ replayed: true, video: { id: first.video.id, state: 'stored' } });
    expect(await creates()).toBe(1);
  });

  test("one that is not finished, differs, is deleted or is another team's is made anew", async () => {
    const first = await createVideo(caller, asking('evergreen'));
    expect((await createVideo(caller, asking('evergreen'), reusing)).replayed).toBe(false);
    await walk.drive(first.video.id);
    expect((await createVideo(caller, asking('evergreen!'), reusing)).replayed).toBe(false);
    const stranger: CallerContext = { ...walk.ctx, principal: await seedTeam(walk.database.db) };
    expect((await createVideo(stranger, asking('evergreen'), reusing)).replayed).toBe(false);
    await deleteVideo(caller, first.video.id);
    expect((await createVideo(caller, asking('evergreen'), reusing)).replayed).toBe(false);
  });
});

test('a caller who hung up while its upload was stored gets nothing made: its retry is on its way', async () => {
  const content = Buffer.from('a picture');
  const file = {
    field: 'input_reference',
    bytes: content.length,
    sha256: 'f'.repeat(64),
    contentType: 'image/png',
    fileName: 'input_reference.png',
    open: () => Readable.from([content]),
  } as const;
  let asked = 0;
  const gone = { idempotencyKey: null, retryCount: 0, callerGone: () => ++asked > 0 };
  await expect(createVideo(caller, { ...asking('left'), files: [file] }, gone)).rejects.toMatchObject({
    code: 'service_unavailable',
  });
  expect(asked).toBe(1);
  expect(await creates()).toBe(0);
  const { rows } = await walk.database.db.$client.query('select id from videos where team_id = $1', [
    principal.teamId,
  ]);
  expect(rows).toEqual([]);
  expect((await createVideo(caller, { ...asking('left'), files: [file] }, retried(1))).replayed).toBe(false);
});

describe('tries of one request that meet on their way', () => {
  const own = (more: { retryCount: number; receivedAt?: number }) => ({ idempotencyKey: null, ...more });

  test('a retry that comes while the video is worked on waits for that, and makes no second one', async () => {
    const first = await createVideo(caller, asking('busy'));
    const client = await walk.database.db.$client.connect();
    try {
      await client.query('begin');
      await client.query('update videos set progress = 5 where id = $1', [first.video.id]);
      const retry = createVideo(caller, asking('busy'), own({ retryCount: 1 }));
      await vi.waitFor(async () => {
        const { rows } = await walk.database.db.$client.query(
          `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%accept_video%'`,
        );
        expect(rows).toHaveLength(1);
      }, 10_000);
      await client.query('commit');
      expect(await retry).toMatchObject({ replayed: true, video: { id: first.video.id } });
    } finally {
      client.release();
    }
    expect(await creates()).toBe(1);
  });

  test('a first try that was held up until its retry had made the video gets that one', async () => {
    const receivedAt = performance.now();
    const retry = await createVideo(caller, asking('overtaken'), own({ retryCount: 1 }));
    const first = await createVideo(caller, asking('overtaken'), own({ retryCount: 0, receivedAt }));
    expect(first).toMatchObject({ replayed: true, video: { id: retry.video.id } });
    expect(await creates()).toBe(1);
  });

  test('a new request that comes after a retry has made its video is another one', async () => {
    const retry = await createVideo(caller, asking('later'), own({ retryCount: 1 }));
    const next = await createVideo(
      caller,
      asking('later'),
      own({ retryCount: 0, receivedAt: performance.now() }),
    );
    expect(next.video.id).not.toBe(retry.video.id);
    expect(await creates()).toBe(2);
  });

  test('a first try and its retry at the same moment make one video', async () => {
    const receivedAt = performance.now();
    const tries = await Promise.all(
      [0, 1, 2].map((retryCount) => createVideo(caller, asking('at once'), own({ retryCount, receivedAt }))),
    );
    expect(new Set(tries.map(({ video }) => video.id)).size).toBe(1);
    expect(await creates()).toBe(1);
  });
});
