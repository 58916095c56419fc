/** What an upstream has done and nobody here was told in time: it must be found, by its owner only, and paid once. */
import {
  type CallerContext,
  type CreateVideoInput,
  createVideo,
  deleteVideo,
  deriveVideo,
  type Principal,
  resolveSubmission,
  setQuota,
  submitVideo,
} from '@reelgate/core';
import { seedTeam, startWalk, type Walk } from '@reelgate/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

let walk: Walk;
let blind: Walk;

beforeAll(async () => {
  [walk, blind] = await Promise.all([startWalk(), startWalk({ upstream: { lists: false } })]);
});
afterAll(() => Promise.all([walk.close(), blind.close()]));
beforeEach(async () => {
  for (const { simulator } of [walk, blind]) {
    await simulator.control('POST', 'reset');
    await simulator.control('DELETE', 'rules');
  }
});

const asking = (prompt: string, more: Partial<CreateVideoInput> = {}): CreateVideoInput => ({
  model: 'sora-2',
  prompt,
  seconds: 4,
  size: '720x1280',
  params: {},
  ...more,
});

async function newCaller(on: Walk): Promise<CallerContext> {
  const principal = await seedTeam(on.database.db);
  for (const [metric, window] of [
    ['cost', 'month'],
    ['concurrent', 'none'],
  ] as const) {
    await setQuota(on.database, {
      scopeKind: 'team',
      scopeId: principal.teamId,
      metric,
      window,
      hard: 10_000_000n,
    });
  }
  return { ...on.ctx, principal };
}

async function money(on: Walk, { teamId }: Principal, metric = 'cost') {
  const { rows } = await on.database.db.$client.query(
    `select b.reserved::int, b.settled::int from quota_buckets b join quota_limits l on l.id = b.limit_id
      where l.scope_id = $1 and l.metric = $2`,
    [teamId, metric],
  );
  return rows[0];
}

const loseAnswer = (on: Walk, behaviour: Record<string, unknown>, operation = 'create') =>
  on.simulator.control('POST', 'rules', { match: { operation }, times: 1, behaviour });

/** As if so much time had gone by for this video: whatever it waits for comes nearer. */
async function age(on: Walk, videoId: string, by: string): Promise<void> {
  const { $client } = on.database.db;
  await $client.query(
    `update upstream_submissions set sent_at = sent_at - $2::interval, ended_at = ended_at - $2::interval,
            prepared_at = prepared_at - $2::interval where video_id = $1`,
    [videoId, by],
  );
  await $client.query(
    `update videos set next_action_at = next_action_at - $2::interval, lease_until = lease_until - $2::interval,
            created_at = created_at - $2::interval where id = $1`,
    [videoId, by],
  );
}

const makeDue = (on: Walk, videoId: string) =>
  on.database.db.$client.query(
    `update videos set next_action_at = clock_timestamp() where id = $1 and next_action_at is not null`,
    [videoId],
  );

/** Looks for a video until its state changes, however long the waits in between are meant to be. */
async function lookUntil(on: Walk, videoId: string, states: readonly string[]): Promise<string> {
  for (let look = 0; look < 40; look++) {
    const { state, next_action_at } = await on.facts(videoId);
    if (states.includes(state) || next_action_at === null) return state;
    await makeDue(on, videoId);
    await resolveSubmission(on.ctx, videoId);
  }
  return (await on.facts(videoId)).state;
}

async function onlyVideoOf(on: Walk, { teamId }: Principal): Promise<string> {
  return await vi.waitFor(async () => {
    const { rows } = await on.database.db.$client.query('select id from videos where team_id = $1', [teamId]);
    expect(rows).toHaveLength(1);
    return rows[0].id as string;
  }, 10_000);
}

const arrived = (on: Walk, creates: number) =>
  vi.waitFor(async () => expect((await on.simulator.truth()).totals.creates).toBe(creates), 10_000);

describe('an answer that comes after the lease ran out', () => {
  test('accepted: kept, though the video was given up as not knowable', async () => {
    const caller = await newCaller(blind);
    await loseAnswer(blind, { delay_ms: 1_500 });
    const creating = createVideo(caller, asking('slow answer'));
    const id = await onlyVideoOf(blind, caller.principal);
    await arrived(blind, 1);
    await age(blind, id, '5 minutes');
    await resolveSubmission(blind.ctx, id);
    await resolveSubmission(blind.ctx, id);
    expect(await blind.facts(id)).toMatchObject({ state: 'failed', error_code: 'upstream_outcome_unknown' });
    expect(await money(blind, caller.principal)).toEqual({ reserved: 400_000, settled: 0 });
    // Nothing is known to be in flight, and a limit of videos in flight must not shrink for ever.
    expect(await money(blind, caller.principal, 'concurrent')).toEqual({ reserved: 0, settled: 0 });
    await creating;
    expect(await blind.drive(id)).toMatchObject({ state: 'stored', error_code: null });
    expect(await money(blind, caller.principal)).toEqual({ reserved: 0, settled: 400_000 });
  });

  test('refused: told and given back at once', async () => {
    const caller = await newCaller(blind);
    const { promise: answer, resolve: answerNow } = Promise.withResolvers<void>();
    const upstreams: CallerContext['ports']['upstreams'] = (accountId) => {
      const upstream = blind.ctx.ports.upstreams(accountId);
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
    const creating = createVideo(
      { ...caller, ports: { ...caller.ports, upstreams } },
      asking('slow refusal [[sim refuse=400 refuse_code=content_policy_violation]]'),
    ).catch((error: unknown) => error);
    const id = await onlyVideoOf(blind, caller.principal);
    await age(blind, id, '5 minutes');
    await resolveSubmission(blind.ctx, id);
    expect((await blind.facts(id)).state).toBe('unknown');
    answerNow();
    expect(await creating).toMatchObject({ code: 'upstream_refused' });
    expect(await blind.facts(id)).toMatchObject({ state: 'failed', error_code: 'content_policy_violation' });
    expect(await money(blind, caller.principal)).toEqual({ reserved: 0, settled: 0 });
  });

  test('of a try that was sent again since: changes nothing', async () => {
    const caller = await newCaller(walk);
    await loseAnswer(walk, { rate_limited: true, retry_after: 0 });
    const { video } = await createVideo(caller, asking('twice'));
    await submitVideo(walk.ctx, video.id);
    expect((await walk.drive(video.id)).state).toBe('stored');
    expect((await walk.simulator.truth()).totals.creates).toBe(1);
  });
});

describe('looking for a create whose answer was lost', () => {
  test("another team's video with the same prompt is never taken for it", async () => {
    const [mine, theirs] = [await newCaller(walk), await newCaller(walk)];
    const source = await createVideo(theirs, asking('their source'));
    await walk.drive(source.video.id);
    await loseAnswer(walk, { answer: 502, drop: true });
    const lost = await createVideo(mine, asking('the same words'));
    await loseAnswer(walk, { answer: 'rst' }, 'remix');
    const remix = await deriveVideo(
      theirs,
      {
        operation: 'remix',
        prompt: 'the same words',
        source: { videoId: source.video.id, param: 'video_id' },
        model: 'sora-2',
        params: {},
      },
      { idempotencyKey: null, retryCount: 0 },
    );
    expect((await walk.facts(remix.video.id)).state).toBe('unknown');
    for (let look = 0; look < 3; look++) {
      await makeDue(walk, lost.video.id);
      await resolveSubmission(walk.ctx, lost.video.id);
    }
    expect((await walk.facts(lost.video.id)).upstream_id).toBeNull();
  });

  test('what may be its own is never written off: the money stays until an administrator decides', async () => {
    const [mine, theirs] = [await newCaller(walk), await newCaller(walk)];
    const lost = [];
    for (const caller of [mine, theirs]) {
      await loseAnswer(walk, { answer: 'rst', clock_skew_s: -71 * 60 });
      lost.push((await createVideo(caller, asking('two teams, one idea'))).video.id);
    }
    // All of it happened 71 minutes ago, by the upstream's clock too.
    for (const id of lost) await age(walk, id, '71 minutes');
    for (const id of lost) expect(await lookUntil(walk, id, ['failed'])).toBe('failed');
    for (const id of lost) await lookUntil(walk, id, ['rendering']);
    for (const id of lost) {
      expect(await walk.facts(id)).toMatchObject({ state: 'failed', next_action_at: null });
    }
    for (const { principal } of [mine, theirs]) {
      expect(await money(walk, principal)).toEqual({ reserved: 400_000, settled: 0 });
      expect(await money(walk, principal, 'concurrent')).toEqual({ reserved: 0, settled: 0 });
    }
  });

  test('the same request of half an hour ago, never made, does not stand in its way', async () => {
    const caller = await newCaller(walk);
    await loseAnswer(walk, { answer: 502, drop: true });
    const first = await createVideo(caller, asking('again later'));
    await age(walk, first.video.id, '30 minutes');
    await loseAnswer(walk, { answer: 'rst' });
    const second = await createVideo(caller, asking('again later'));
    await makeDue(walk, second.video.id);
    expect(await lookUntil(walk, second.video.id, ['rendering'])).toBe('rendering');
  });

  test('one that was given up is looked for while its content can still be had', async () => {
    const caller = await newCaller(walk);
    await loseAnswer(walk, { answer: 502, drop: true });
    const { video } = await createVideo(caller, asking('late [[sim list_lag_s=0]]'));
    await age(walk, video.id, '11 minutes');
    expect(await lookUntil(walk, video.id, ['failed'])).toBe('failed');
    expect(await money(walk, caller.principal)).toEqual({ reserved: 400_000, settled: 0 });
    const { next_action_at } = await walk.facts(video.id);
    expect(next_action_at?.getTime()).toBeLessThan(Date.now() + 10 * 60_000);
    // Until the horizon it is only looked for; then the reservation is given back, once.
    await makeDue(walk, video.id);
    await resolveSubmission(walk.ctx, video.id);
    expect(await money(walk, caller.principal)).toEqual({ reserved: 400_000, settled: 0 });
    await age(walk, video.id, '60 minutes');
    await makeDue(walk, video.id);
    await resolveSubmission(walk.ctx, video.id);
    expect(await walk.facts(video.id)).toMatchObject({ state: 'failed', next_action_at: null });
    expect(await money(walk, caller.principal)).toEqual({ reserved: 0, settled: 0 });
  });

  test('one that turns up after it was given up is revived, settled and stored', async () => {
    const caller = await newCaller(walk);
    await walk.simulator.control('PATCH', 'defaults', { list_lag_s: 5 });
    await loseAnswer(walk, { answer: 'rst' });
    const { video } = await createVideo(caller, asking('slow list'));
    await walk.simulator.control('PATCH', 'defaults', { list_lag_s: null });
    await walk.database.db.$client.query(
      `update upstream_submissions set ended_at = clock_timestamp() - interval '10 minutes 1 second' where video_id = $1`,
      [video.id],
    );
    expect(await lookUntil(walk, video.id, ['failed', 'rendering'])).toBe('failed');
    await walk.database.db.$client.query(
      `update upstream_submissions set ended_at = clock_timestamp() where video_id = $1`,
      [video.id],
    );
    await vi.waitFor(
      async () => {
        await makeDue(walk, video.id);
        await resolveSubmission(walk.ctx, video.id);
        expect((await walk.facts(video.id)).state).toBe('rendering');
      },
      { timeout: 10_000, interval: 200 },
    );
    expect((await walk.drive(video.id)).state).toBe('stored');
    expect(await money(walk, caller.principal)).toEqual({ reserved: 0, settled: 400_000 });
  });

  test('an edit of a file is recognized though its length and size were only estimated', async () => {
    const caller = await newCaller(walk);
    await loseAnswer(walk, { answer: 'rst' }, 'edit');
    const { Readable } = await import('node:stream');
    const content = Buffer.from('no mp4 at all');
    const { video } = await deriveVideo(
      caller,
      {
        operation: 'edit',
        prompt: 'edited',
        model: 'sora-2',
        params: {},
        source: {
          file: {
            field: 'video',
            bytes: content.length,
            sha256: '0'.repeat(64),
            contentType: 'video/mp4',
            fileName: 'video.mp4',
            open: () => Readable.from([content]),
          },
        },
      },
      { idempotencyKey: null, retryCount: 0 },
    );
    expect((await walk.facts(video.id)).state).toBe('unknown');
    expect(await lookUntil(walk, video.id, ['rendering'])).toBe('rendering');
  });
});

describe('deleted while nobody knows what became of it', () => {
  test('its reservation is given back when it is given up for good, and it is purged', async () => {
    const caller = await newCaller(walk);
    await loseAnswer(walk, { answer: 502, drop: true });
    const { video } = await createVideo(caller, asking('forgotten'));
    await age(walk, video.id, '11 minutes');
    await lookUntil(walk, video.id, ['failed']);
    await deleteVideo(caller, video.id);
    await age(walk, video.id, '70 minutes');
    await makeDue(walk, video.id);
    expect((await walk.drive(video.id)).state).toBe('purged');
    expect(await money(walk, caller.principal)).toEqual({ reserved: 0, settled: 0 });
  });

  test('a failed video is purged when its owner deletes it', async () => {
    const caller = await newCaller(walk);
    const { video } = await createVideo(caller, asking('bad [[sim fail=moderation]]'));
    expect((await walk.drive(video.id)).state).toBe('failed');
    await deleteVideo(caller, video.id);
    expect((await walk.drive(video.id)).state).toBe('purged');
  });
});
