import {
  type CallerContext,
  type CreateVideoInput,
  createVideo,
  deleteVideo,
  findContent,
  getVideo,
  type Principal,
  pullBrake,
  releaseBrake,
  setQuota,
  submitVideo,
} from '@reelgate/core';
import { seedTeam, startWalk, type Walk } from '@reelgate/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

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
  await setQuota(walk.database, {
    scopeKind: 'team',
    scopeId: principal.teamId,
    metric: 'cost',
    window: 'month',
    hard: 10_000_000n,
  });
  caller = { ...walk.ctx, principal };
});

const asking = (prompt: string): CreateVideoInput => ({
  model: 'sora-2',
  prompt,
  seconds: 4,
  size: '720x1280',
  params: {},
});

async function money() {
  const { rows } = await walk.database.db.$client.query(
    `select b.reserved::int, b.settled::int from quota_buckets b join quota_limits l on l.id = b.limit_id where l.scope_id = $1`,
    [principal.teamId],
  );
  return rows[0];
}

async function eventsOf(videoId: string): Promise<string[]> {
  const { rows } = await walk.database.db.$client.query<{ type: string }>(
    'select type from events where video_id = $1 order by occurred_at',
    [videoId],
  );
  return rows.map((row) => row.type);
}

const assetsOf = async (videoId: string) =>
  (
    await walk.database.db.$client.query(
      'select variant, state, origin, bytes::int, sha256, object_key from assets where video_id = $1 order by variant',
      [videoId],
    )
  ).rows;

describe('one video, from request to stored', () => {
  test('is archived in all variants, settled once, told once, and equal to what the upstream made', async () => {
    const { video } = await createVideo(caller, asking('a lighthouse at dawn'));
    expect(await money()).toEqual({ reserved: 400_000, settled: 0 });
    expect((await walk.drive(video.id)).state).toBe('stored');
    expect(await money()).toEqual({ reserved: 0, settled: 400_000 });
    expect(await eventsOf(video.id)).toEqual([
      'video.queued',
      'video.in_progress',
      'video.rendered',
      'video.completed',
    ]);
    const truth = await walk.simulator.truth();
    expect(truth.totals).toMatchObject({ creates: 1, charges_micro_usd: 400_000 });
    const assets = await assetsOf(video.id);
    expect(assets.map((asset) => [asset.variant, asset.state, asset.origin])).toEqual([
      ['spritesheet', 'stored', 'upstream'],
      ['thumbnail', 'stored', 'upstream'],
      ['video', 'stored', 'upstream'],
    ]);
    const content = await findContent(caller, video.id, 'video');
    expect(truth.videos[0]?.content?.video).toMatchObject({ bytes: content.bytes, sha256: content.sha256 });
  });

  test('an upstream that has only the video: the stills are made from it', async () => {
    const { video } = await createVideo(caller, asking('only the film [[sim only_video]]'));
    expect((await walk.drive(video.id)).state).toBe('stored');
    expect((await assetsOf(video.id)).map((asset) => [asset.variant, asset.origin])).toEqual([
      ['spritesheet', 'derived'],
      ['thumbnail', 'derived'],
      ['video', 'upstream'],
    ]);
  });

  test('a late refusal releases the reservation and is told once', async () => {
    const { video } = await createVideo(caller, asking('something forbidden [[sim fail=moderation]]'));
    expect(await walk.drive(video.id)).toMatchObject({ state: 'failed', error_code: 'moderation_blocked' });
    expect(await money()).toEqual({ reserved: 0, settled: 0 });
    const events = await eventsOf(video.id);
    expect([events[0], events.at(-1)]).toEqual(['video.queued', 'video.failed']);
    expect(events).not.toContain('video.rendered');
  });

  test('an immediate refusal is the answer: nothing is charged, shown or told', async () => {
    const create = createVideo(
      caller,
      asking('refused [[sim refuse=400 refuse_code=content_policy_violation]]'),
    );
    await expect(create).rejects.toMatchObject({
      code: 'upstream_refused',
      details: { upstream: { code: 'content_policy_violation', httpStatus: 400 } },
    });
    expect(await money()).toEqual({ reserved: 0, settled: 0 });
    const { rows } = await walk.database.db.$client.query('select id, state from videos where team_id = $1', [
      principal.teamId,
    ]);
    expect(rows).toMatchObject([{ state: 'failed' }]);
    await expect(getVideo(caller, rows[0].id)).rejects.toMatchObject({ code: 'video_not_found' });
    expect(await eventsOf(rows[0].id)).toEqual([]);
  });

  test('a busy upstream: the video waits and is sent again, once', async () => {
    await walk.simulator.control('POST', 'rules', {
      match: { operation: 'create' },
      times: 2,
      behaviour: { rate_limited: true, retry_after: 1 },
    });
    const { video } = await createVideo(caller, asking('patience'));
    expect((await walk.facts(video.id)).state).toBe('accepted');
    expect((await walk.drive(video.id)).state).toBe('stored');
    expect((await walk.simulator.truth()).totals.creates).toBe(1);
  });

  test.each(['org', 'team', 'key'] as const)(
    'a brake of the %s holds what still waits for its upstream, and lets it go on when it is released',
    async (scopeKind) => {
      const scope = {
        scopeKind,
        scopeId: { org: 'org', team: principal.teamId, key: principal.keyId }[scopeKind],
      };
      await walk.simulator.control('POST', 'rules', {
        match: { operation: 'create' },
        times: 1,
        behaviour: { rate_limited: true, retry_after: 1 },
      });
      const { video } = await createVideo(caller, asking('hold it'));
      expect((await walk.facts(video.id)).state).toBe('accepted');
      await pullBrake(walk.database, scope, 'an incident');
      try {
        await makeDue(video.id);
        expect(await submitVideo(walk.ctx, video.id)).toMatchObject({ kind: 'snooze' });
        expect((await walk.facts(video.id)).state).toBe('accepted');
        expect((await walk.simulator.truth()).totals.creates).toBe(0);
      } finally {
        await releaseBrake(walk.database, scope);
      }
      await makeDue(video.id);
      expect((await walk.drive(video.id)).state).toBe('stored');
      expect((await walk.simulator.truth()).totals.creates).toBe(1);
    },
  );

  test('what a brake has held for as long as a video waits fails with what it is, and gives its money back', async () => {
    const scope = { scopeKind: 'team', scopeId: principal.teamId } as const;
    await walk.simulator.control('POST', 'rules', {
      match: { operation: 'create' },
      times: 1,
      behaviour: { rate_limited: true, retry_after: 1 },
    });
    const { video } = await createVideo(caller, asking('too late'));
    await pullBrake(walk.database, scope, 'an incident');
    try {
      await makeDue(video.id, '11 minutes');
      expect(await walk.drive(video.id)).toMatchObject({ state: 'failed', error_code: 'creates_paused' });
    } finally {
      await releaseBrake(walk.database, scope);
    }
    const { rows } = await walk.database.db.$client.query('select charge from videos where id = $1', [
      video.id,
    ]);
    expect(rows).toEqual([{ charge: 'released' }]);
    expect((await walk.simulator.truth()).totals.creates).toBe(0);
  });

  /** At once, as if it had waited so long. */
  async function makeDue(videoId: string, age = '0'): Promise<void> {
    await walk.database.db.$client.query(
      `update videos set next_action_at = clock_timestamp(), created_at = created_at - $2::interval where id = $1`,
      [videoId, age],
    );
  }

  test('a body that is cut is never stored: it is fetched again', async () => {
    await walk.simulator.control('POST', 'rules', {
      match: { operation: 'content' },
      times: 1,
      behaviour: { cut_at: 5_000, lengthless: true },
    });
    const { video } = await createVideo(caller, asking('cut short'));
    expect((await walk.drive(video.id)).state).toBe('stored');
    const truth = await walk.simulator.truth();
    const content = await findContent(caller, video.id, 'video');
    expect(truth.videos[0]?.content?.video?.sha256).toBe(content.sha256);
  });

  test('content that is gone before it could be stored is reported as lost, with its cost', async () => {
    await walk.simulator.control('POST', 'rules', {
      match: { operation: 'content' },
      times: 1_000,
      behaviour: { refuse: 404 },
    });
    const { video } = await createVideo(caller, asking('gone at once [[sim expires_s=121]]'));
    expect(await walk.drive(video.id)).toMatchObject({ state: 'content_lost', error_code: 'content_lost' });
    expect(await money()).toEqual({ reserved: 0, settled: 400_000 });
    expect((await eventsOf(video.id)).slice(-3)).toEqual(['video.rendered', 'video.at_risk', 'video.failed']);
    await walk.simulator.control('DELETE', 'rules');
  });

  test('deleted while it renders: hidden at once, settled, purged at the end, never told', async () => {
    const { video } = await createVideo(caller, asking('second thoughts'));
    await deleteVideo(caller, video.id);
    await expect(getVideo(caller, video.id)).rejects.toMatchObject({ code: 'video_not_found' });
    await expect(deleteVideo(caller, video.id)).rejects.toMatchObject({ code: 'video_not_found' });
    expect((await walk.drive(video.id)).state).toBe('purged');
    expect(await money()).toEqual({ reserved: 0, settled: 400_000 });
    expect(await eventsOf(video.id)).toEqual(['video.queued', 'video.deleted']);
    for (const asset of await assetsOf(video.id)) {
      expect(asset.state).toBe('deleted');
      expect(await walk.ctx.ports.objects.head(asset.object_key)).toBeNull();
    }
    const { rows } = await walk.database.db.$client.query('select prompt from videos where id = $1', [
      video.id,
    ]);
    expect(rows).toEqual([{ prompt: '' }]);
  });
});

describe('a create whose answer is lost', () => {
  test.each(['rst', 'fin', 'cut', 502])(
    'accepted, then %s: found again by looking, and made once',
    async (answer) => {
      await walk.simulator.control('POST', 'rules', {
        match: { operation: 'create' },
        times: 1,
        behaviour: { answer, ...(answer === 'cut' ? { cut_answer_at: 30 } : {}) },
      });
      const { video } = await createVideo(caller, asking(`lost answer ${answer}`));
      expect((await walk.facts(video.id)).state).toBe('unknown');
      expect((await walk.drive(video.id)).state).toBe('stored');
      expect((await walk.simulator.truth()).totals.creates).toBe(1);
      expect(await money()).toEqual({ reserved: 0, settled: 400_000 });
    },
  );

  test('three of the same at once: each finds one of its own', async () => {
    await walk.simulator.control('POST', 'rules', {
      match: { operation: 'create' },
      times: 3,
      behaviour: { answer: 'rst' },
    });
    const made = await Promise.all([1, 2, 3].map(() => createVideo(caller, asking('triplets'))));
    const ended = await Promise.all(made.map(({ video }) => walk.drive(video.id)));
    expect(ended.map((video) => video.state)).toEqual(['stored', 'stored', 'stored']);
    expect(new Set(ended.map((video) => video.upstream_id)).size).toBe(3);
    expect((await walk.simulator.truth()).totals.creates).toBe(3);
  });

  test('never made: it stays unresolved and keeps its reservation, and is not sent again', async () => {
    await walk.simulator.control('POST', 'rules', {
      match: { operation: 'create' },
      times: 1,
      behaviour: { answer: 502, drop: true },
    });
    const { video } = await createVideo(caller, asking('never arrived'));
    expect((await walk.facts(video.id)).state).toBe('unknown');
    expect(await money()).toEqual({ reserved: 400_000, settled: 0 });
    expect((await walk.simulator.truth()).totals.creates).toBe(0);
  });
});
