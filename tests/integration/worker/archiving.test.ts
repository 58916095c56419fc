import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { openSpool } from '@reelgate/adapters/filesystem';
import { createObjectStore } from '@reelgate/adapters/object-store';
import {
  archiveNext,
  archiveVideo,
  checkStoredObjects,
  createVideo,
  deriveVideo,
  drainLifeboat,
  type Principal,
  sweepSpool,
  type WorkerContext,
} from '@reelgate/core';
import { seedTeam, startWalk, type Walk } from '@reelgate/testkit';
import { startArchiving } from '@reelgate/worker/archiving';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

const FIRST_TRY = { idempotencyKey: null, retryCount: 0 };
let walk: Walk;
let directory: string;
let logged: { event: string; fields: Record<string, unknown> }[] = [];
beforeAll(async () => {
  walk = await startWalk({
    timing: { slowMs: 400, storeAwayMs: 300 },
    upstream: { variants: ['video'] },
    onLog: (event, fields = {}) => logged.push({ event, fields }),
  });
});
afterAll(() => walk.close());
beforeEach(async () => {
  logged = [];
  directory = await mkdtemp(join(tmpdir(), 'reelgate-archiving-'));
  await walk.simulator.control('POST', 'reset');
  await walk.database.db.$client.query(
    "update videos set next_action_at = null where state not in ('stored', 'partly_stored', 'content_lost')",
  );
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** A video that its upstream has taken. */
async function rendering(directive = '', principal?: Principal): Promise<string> {
  const { video } = await createVideo(
    { ...walk.ctx, principal: principal ?? (await seedTeam(walk.database.db)) },
    {
      model: 'sora-2',
      prompt: `a kite [[sim render_ms=50 ${directive}]]`,
      seconds: 4,
      size: '720x1280',
      params: {},
    },
    FIRST_TRY,
  );
  return video.id;
}

/** A video that is rendered and waits to be archived, with so many seconds to its deadline. */
async function waiting(directive = '', secondsLeft = 3_000, principal?: Principal): Promise<string> {
  const id = await rendering(directive, principal);
  await walk.drive(id, ['archiving']);
  await walk.database.db.$client.query(
    `update videos set archive_deadline_at = clock_timestamp() + make_interval(secs => $2) where id = $1`,
    [id, secondsLeft],
  );
  return id;
}

const rowOf = async <T extends object>(sql: string, ...values: unknown[]): Promise<T> => {
  const { rows } = await walk.database.db.$client.query<T>(sql, values);
  if (!rows[0]) throw new Error('no row');
  return rows[0];
};
const dueNow = (id: string) =>
  walk.database.db.$client.query('update videos set next_action_at = clock_timestamp() where id = $1', [id]);
/** Tries as often as it takes; a store that was away is asked again only after a while. */
const untilStored = (ctx: WorkerContext, id: string) =>
  vi.waitFor(
    async () => {
      await dueNow(id);
      await archiveVideo(ctx, id);
      expect((await walk.facts(id)).state).toBe('stored');
    },
    { timeout: 25_000, interval: 500 },
  );

test('the nearest deadline is archived first, whatever waited longest', async () => {
  const ids = [await waiting('', 3_000), await waiting('', 60), await waiting('', 600)];
  const order: string[] = [];
  for (const _ of ids) {
    const begun = await archiveNext(walk.ctx, { passingOver: [] });
    await begun?.over;
    if (begun) order.push(begun.videoId);
  }
  expect(order).toEqual([ids[1], ids[2], ids[0]]);
});

test('a lane is kept for those whose time runs out', async () => {
  const endless = await waiting('bytes_per_second=100000 content_bytes=50000000', 3_000);
  const archiving = startArchiving(walk.ctx, { lanes: 1 });
  try {
    await vi.waitFor(
      async () =>
        expect(
          await rowOf('select lease_until is not null as held from videos where id = $1', endless),
        ).toEqual({ held: true }),
      10_000,
    );
    const patient = await waiting('', 3_000);
    const urgent = await waiting('', 300);
    archiving.wake();
    await vi.waitFor(async () => expect((await walk.facts(urgent)).state).toBe('stored'), 15_000);
    expect((await walk.facts(patient)).state).toBe('archiving');
  } finally {
    await walk.database.db.$client.query('update videos set lease_epoch = lease_epoch + 1 where id = $1', [
      endless,
    ]);
    await archiving.stop();
  }
});

test('a body that comes too slowly gives its place to one that waits, and only to one that waits', async () => {
  const slow = await waiting('bytes_per_second=20000 content_bytes=500000');
  const trying = archiveVideo(walk.ctx, slow);
  await vi.waitFor(
    () =>
      expect(logged.find(({ event }) => event === 'archive.slow')?.fields).toMatchObject({
        decision: 'kept',
      }),
    5_000,
  );
  expect(logged.filter(({ event }) => event === 'archive.try_failed')).toEqual([]);
  await waiting();
  await trying;
  expect(logged.find(({ event }) => event === 'archive.try_failed')?.fields).toMatchObject({ videoId: slow });
});

test('archives that never come back keep no lane', async () => {
  const hung = new Set([await waiting('', 600), await waiting('', 600)]);
  const ctx: WorkerContext = {
    ...walk.ctx,
    timing: { ...walk.ctx.timing, leaseMs: 900, stuckMs: 1_500 },
    // Neither an end nor a signal reaches it, as with a library that has lost its promise.
    failpoint: async (name) => {
      if (name !== 'archive.opened') return;
      const { rows } = await walk.database.db.$client.query<{ id: string }>(
        'select id from videos where id = any($1) and lease_until > clock_timestamp()',
        [[...hung]],
      );
      if (rows.some(({ id }) => hung.delete(id))) await new Promise(() => {});
    },
  };
  const ids = [...hung];
  const archiving = startArchiving(ctx, { lanes: 2 });
  try {
    await vi.waitFor(() => expect(hung.size).toBe(0), 5_000);
    const waits = await waiting('', 3_000);
    for (const id of [waits, ...ids]) {
      await vi.waitFor(async () => expect((await walk.facts(id)).state).toBe('stored'), 20_000);
    }
  } finally {
    await archiving.stop();
  }
});

test('bodies of which nothing ever comes leave their lanes to those that wait', async () => {
  for (let n = 0; n < 4; n++) await waiting('bytes_per_second=1 content_bytes=500000', 600);
  const archiving = startArchiving(walk.ctx, { lanes: 4 });
  try {
    await vi.waitFor(
      () => expect(logged.filter(({ event }) => event === 'archive.slow').length).toBeGreaterThan(3),
      10_000,
    );
    const waits = await waiting('', 3_000);
    await vi.waitFor(async () => expect((await walk.facts(waits)).state).toBe('stored'), 20_000);
  } finally {
    await walk.database.db.$client.query(
      "update videos set lease_epoch = lease_epoch + 1, next_action_at = null where state = 'archiving'",
    );
    await archiving.stop();
  }
});

describe('a body that breaks off', () => {
  const bytes = 300_000;
  const cut = (id: string) =>
    walk.simulator.control('POST', 'rules', {
      match: { operation: 'content', id },
      behaviour: { cut_at: 100_000 },
    });

  test('goes on where it broke off, if it is proved to be the same', async () => {
    const id = await waiting(`content_bytes=${bytes}`);
    await cut((await walk.facts(id)).upstream_id ?? '');
    await archiveVideo(walk.ctx, id);
    expect((await walk.facts(id)).state).toBe('stored');
    expect(logged.filter(({ event }) => event === 'archive.resumed')).toMatchObject([
      { fields: { fromBytes: 100_000 } },
    ]);
    const truth = await walk.simulator.truth();
    const made = truth.videos.find((video) => video.content?.video)?.content?.video;
    expect(await rowOf(`select sha256 from assets where video_id = $1 and variant = 'video'`, id)).toEqual({
      sha256: made?.sha256,
    });
  });

  test('is fetched again from its beginning, if it may be another one', async () => {
    const id = await waiting(`content_bytes=${bytes} changing_etag`);
    await cut((await walk.facts(id)).upstream_id ?? '');
    await archiveVideo(walk.ctx, id);
    expect((await walk.facts(id)).state).toBe('archiving');
    expect(logged.filter(({ event }) => event === 'archive.resumed')).toEqual([]);
    expect((await walk.drive(id)).state).toBe('stored');
  });
});

describe('while the object store is away', () => {
  const place = (name: string) => ({
    kind: 'filesystem' as const,
    directory: join(directory, name),
    publicUrl: 'http://localhost',
    signingSecret: 's'.repeat(32),
  });
  /** A file where the directory was: every put fails. */
  const breakStore = async (name: string) => {
    await rename(join(directory, name), join(directory, `${name}-away`));
    await writeFile(join(directory, name), '');
  };
  const mendStore = async (name: string) => {
    await rm(join(directory, name));
    await rename(join(directory, `${name}-away`), join(directory, name));
  };

  async function contextWith(parts: { lifeboat?: boolean; spool?: boolean }): Promise<WorkerContext> {
    const { store } = createObjectStore(place('first'), parts.lifeboat ? place('second') : null);
    await store.ensureBucket();
    await mkdir(join(directory, 'volume'));
    const spool = parts.spool ? await openSpool(join(directory, 'volume'), 10_000_000) : undefined;
    return { ...walk.ctx, ports: { ...walk.ctx.ports, objects: store, spool } };
  }

  test('a video goes into the second bucket, is completed and read there, and comes home later', async () => {
    const ctx = await contextWith({ lifeboat: true });
    const id = await waiting();
    await breakStore('first');
    await archiveVideo(ctx, id);
    expect((await walk.facts(id)).state).toBe('archiving');
    await dueNow(id);
    await archiveVideo(ctx, id);
    expect((await walk.facts(id)).state).toBe('stored');
    const asset = () =>
      rowOf<{ object_key: string; bytes: string }>(
        `select object_key, bytes from assets where video_id = $1 and variant = 'video'`,
        id,
      );
    const inLifeboat = await asset();
    expect(inLifeboat.object_key).toMatch(/^lifeboat\/v\//);
    const read = await ctx.ports.objects.get(inLifeboat.object_key);
    expect(read && (await buffer(read.body)).length).toBe(Number(inLifeboat.bytes));

    expect(await drainLifeboat(ctx)).toBe(0);
    await mendStore('first');
    await vi.waitFor(async () => expect(await drainLifeboat(ctx)).toBe(3), {
      timeout: 20_000,
      interval: 500,
    });
    const home = await asset();
    expect(home.object_key).toMatch(/^v\//);
    expect((await ctx.ports.objects.head(home.object_key))?.bytes).toBe(Number(home.bytes));
    expect(await ctx.ports.objects.head(inLifeboat.object_key)).toBeNull();
  });

  test('two workers that bring the same video home at the same time leave it there', async () => {
    const ctx = await contextWith({ lifeboat: true });
    const id = await waiting('', 60);
    await breakStore('first');
    await archiveVideo(ctx, id);
    expect((await walk.facts(id)).state).toBe('stored');
    await mendStore('first');
    const { objects } = ctx.ports;
    let others: Promise<void> | undefined;
    // The other one has brought everything home before this one has recorded its first.
    const drainBeside = () =>
      vi.waitFor(async () => expect(await drainLifeboat(ctx)).toBe(3), { timeout: 20_000, interval: 100 });
    const slow = {
      ...objects,
      async put(...given: Parameters<typeof objects.put>) {
        const result = await objects.put(...given);
        others ??= drainBeside();
        await others;
        return result;
      },
    };
    expect(await drainLifeboat({ ...ctx, ports: { ...ctx.ports, objects: slow } })).toBe(0);
    const { rows } = await walk.database.db.$client.query<{ object_key: string }>(
      "select object_key from assets where video_id = $1 and state = 'stored'",
      [id],
    );
    expect(rows).toHaveLength(3);
    for (const { object_key: key } of rows) {
      expect(key).toMatch(/^v\//);
      expect(await objects.head(key), key).not.toBeNull();
    }
  });

  test('a video made from one in the second bucket is sent with its file, also when that has come home meanwhile', async () => {
    const ctx = await contextWith({ lifeboat: true });
    const principal = await seedTeam(walk.database.db);
    const source = await waiting('', 60, principal);
    await breakStore('first');
    await archiveVideo(ctx, source);
    expect((await walk.facts(source)).state).toBe('stored');
    await walk.simulator.control('POST', 'forget', { id: (await walk.facts(source)).upstream_id });
    const { video } = await deriveVideo(
      { ...ctx, principal },
      {
        operation: 'edit',
        prompt: 'a red kite [[sim render_ms=50]]',
        source: { videoId: source, param: 'video[id]' },
        model: 'sora-2',
        params: {},
      },
      FIRST_TRY,
    );
    const before = await rowOf<{ state: string; key: string; sha256: string }>(
      `select v.state, v.inputs #>> '{0,objectKey}' as key, a.sha256
         from videos v join assets a on a.video_id = v.parent_id and a.variant = 'video' where v.id = $1`,
      video.id,
    );
    expect(before).toMatchObject({ state: 'accepted', key: expect.stringMatching(/^lifeboat\//) });

    await mendStore('first');
    await vi.waitFor(async () => expect(await drainLifeboat(ctx)).toBe(3), {
      timeout: 20_000,
      interval: 100,
    });
    expect(await ctx.ports.objects.head(before.key)).toBeNull();
    expect((await walk.drive(video.id, ['rendering'], ctx)).state).toBe('rendering');
    const { upstream_id: made } = await walk.facts(video.id);
    const { videos } = (await walk.simulator.control('GET', 'truth')) as {
      videos: { id: string; source_file: { sha256: string } | null }[];
    };
    expect(videos.find(({ id }) => id === made)?.source_file?.sha256).toBe(before.sha256);
  });

  test('what the second bucket has lost or damaged hides nothing that is to come home', async () => {
    const ctx = await contextWith({ lifeboat: true });
    const id = await waiting('', 60);
    await breakStore('first');
    await archiveVideo(ctx, id);
    expect((await walk.facts(id)).state).toBe('stored');
    await mendStore('first');
    // More than a turn brings home, and before it by their keys.
    const others = await Promise.all(Array.from({ length: 25 }, () => rendering()));
    await walk.database.db.$client.query(
      `insert into assets (video_id, variant, state, bucket, object_key, bytes, sha256, content_type)
       select v.id, 'video', 'stored', 'filesystem', 'lifeboat/v/0/' || v.id || '/video/1.mp4', 12, 'none', 'video/mp4'
         from unnest($1::text[]) as v (id)`,
      [others],
    );
    const damaged = `lifeboat/v/0/${others[0]}/video/1.mp4`;
    await ctx.ports.objects.put(damaged, Readable.from(['half a video']), { contentType: 'video/mp4' });
    try {
      await vi.waitFor(
        async () => {
          await drainLifeboat(ctx);
          expect(
            await rowOf("select count(*)::int from assets where video_id = $1 and object_key like 'v/%'", id),
          ).toEqual({ count: 3 });
        },
        { timeout: 10_000, interval: 100 },
      );
      expect(await ctx.ports.objects.head(damaged)).not.toBeNull();
      expect(logged.find(({ event }) => event === 'lifeboat.object_missing')?.fields).toEqual({
        count: 24,
        videoIds: expect.arrayContaining(others.slice(1)),
      });
    } finally {
      await walk.database.db.$client.query('delete from assets where video_id = any($1)', [others]);
    }
  });

  test('without a second bucket its bytes wait in the spool, longer than its upstream keeps it, and nobody pretends', async () => {
    const ctx = await contextWith({ spool: true });
    const id = await waiting('', 60);
    await breakStore('first');
    await archiveVideo(ctx, id);
    expect((await walk.facts(id)).state).toBe('archiving');
    expect(
      await rowOf('select drained_at, bytes > 0 as filled from spool_files where video_id = $1', id),
    ).toEqual({
      drained_at: null,
      filled: true,
    });
    await walk.simulator.control('POST', 'forget', {});
    await walk.database.db.$client.query(`update videos set archive_deadline_at = 'epoch' where id = $1`, [
      id,
    ]);
    for (let n = 0; n < 4; n++) {
      await dueNow(id);
      await archiveVideo(ctx, id);
    }
    expect((await walk.facts(id)).state).toBe('archiving');
    // A worker without that volume leaves it alone.
    await dueNow(id);
    expect(await archiveNext(walk.ctx, { passingOver: [] })).toBeNull();

    await mendStore('first');
    await untilStored(ctx, id);
    expect(
      await rowOf('select drained_at is not null as drained from spool_files where video_id = $1', id),
    ).toEqual({
      drained: true,
    });
    for await (const left of ctx.ports.spool?.store.list('') ?? []) expect(left).toBeUndefined();
  });

  test('a spooled video whose row was never written is found in the spool, and what is stored by now is removed', async () => {
    const ctx = await contextWith({ spool: true });
    const [saved, done] = [await waiting('', 60), await waiting('', 60)];
    const spool = ctx.ports.spool?.store;
    if (!spool) throw new Error('there is no spool');
    await breakStore('first');
    for (const id of [saved, done]) await archiveVideo(ctx, id);
    const { path } = await rowOf<{ path: string }>('select path from spool_files where video_id = $1', done);
    // As after a kill between the bytes and the row.
    await walk.database.db.$client.query('delete from spool_files where video_id = any($1)', [[saved, done]]);
    await mendStore('first');
    expect(await sweepSpool(ctx)).toBe(0);
    // From its upstream, which still has it.
    await untilStored(ctx, done);
    await walk.simulator.control('POST', 'forget', {});

    expect(await sweepSpool(ctx, 0)).toBe(2);
    expect(await spool.head(path)).toBeNull();
    await untilStored(ctx, saved);
    expect(await sweepSpool(ctx, 0)).toBe(0);
  });

  test('after Postgres was set back, what lies in the spool waits until its video is known again', async () => {
    const ctx = await contextWith({ spool: true });
    const [other, early] = [await waiting('', 60), await rendering('render_ms=50')];
    const spool = ctx.ports.spool?.store;
    if (!spool) throw new Error('there is no spool');
    await breakStore('first');
    await archiveVideo(ctx, other);
    const { path } = await rowOf<{ path: string }>('select path from spool_files where video_id = $1', other);
    const { body } = (await spool.get(path)) ?? {};
    if (!body) throw new Error('nothing was spooled');
    const video = await buffer(body);
    const strays = [`v/00/${early}/video/1.mp4`, 'v/00/video_forgotten/video/1.mp4'];
    for (const key of strays) await spool.put(key, Readable.from([video]), { contentType: 'video/mp4' });

    expect(await sweepSpool(ctx, 0)).toBe(0);
    for (const key of strays) expect(await spool.head(key), key).not.toBeNull();
    expect(logged.filter(({ event }) => event === 'spool.files_left')).toMatchObject([
      { fields: { count: 2, totalBytes: 2 * video.length, videoIds: expect.arrayContaining([early]) } },
    ]);

    await walk.drive(early, ['archiving']);
    await walk.simulator.control('POST', 'forget', {});
    expect(await sweepSpool(ctx, 0)).toBe(1);
    await mendStore('first');
    await untilStored(ctx, early);
  });

  test('a video that was given up while its volume was away is archived from it when it is back', async () => {
    const ctx = await contextWith({ spool: true });
    const away = { ...ctx, ports: { ...ctx.ports, spool: undefined } };
    const id = await waiting('', 60);
    await breakStore('first');
    await archiveVideo(ctx, id);
    await walk.simulator.control('POST', 'forget', {});
    await walk.database.db.$client.query(
      `update spool_files set created_at = created_at - interval '2 days' where video_id = $1`,
      [id],
    );
    await walk.database.db.$client.query(`update videos set archive_deadline_at = 'epoch' where id = $1`, [
      id,
    ]);
    for (let n = 0; n < 5 && (await walk.facts(id)).state === 'archiving'; n++) {
      await dueNow(id);
      await archiveVideo(away, id);
    }
    expect((await walk.facts(id)).state).toBe('content_lost');

    await mendStore('first');
    await sweepSpool(ctx);
    expect(await walk.facts(id)).toMatchObject({ state: 'archiving', error_code: null });
    await untilStored(ctx, id);
  });

  test('two workers on one volume that find the same file keep it', async () => {
    const ctx = await contextWith({ spool: true });
    const id = await waiting('', 60);
    const { spool } = ctx.ports;
    if (!spool) throw new Error('there is no spool');
    await breakStore('first');
    await archiveVideo(ctx, id);
    const { path } = await rowOf<{ path: string }>('select path from spool_files where video_id = $1', id);
    await walk.database.db.$client.query('delete from spool_files where video_id = $1', [id]);
    async function* listSlowly(prefix: string) {
      expect(await sweepSpool(ctx, 0)).toBe(1);
      yield* spool?.store.list(prefix) ?? [];
    }
    const slow = { ...spool, store: { ...spool.store, list: listSlowly } };
    await sweepSpool({ ...ctx, ports: { ...ctx.ports, spool: slow } }, 0);
    expect(await spool.store.head(path)).not.toBeNull();
  });

  test('a store that is away does not pass for one that has lost what was stored', async () => {
    const ctx = await contextWith({});
    const id = await waiting();
    await archiveVideo(ctx, id);
    expect((await walk.facts(id)).state).toBe('stored');
    await breakStore('first');
    await expect(checkStoredObjects(ctx, id)).rejects.toThrow();
    expect(logged.filter(({ event }) => event === 'object.missing')).toEqual([]);
  });

  test('what no lifeboat could take is reported as lost, with its cost', async () => {
    const ctx = await contextWith({});
    const id = await waiting('', 60);
    await breakStore('first');
    await archiveVideo(ctx, id);
    await walk.simulator.control('POST', 'forget', {});
    await walk.database.db.$client.query(`update videos set archive_deadline_at = 'epoch' where id = $1`, [
      id,
    ]);
    for (let n = 0; n < 4 && (await walk.facts(id)).state === 'archiving'; n++) {
      await dueNow(id);
      await archiveVideo(ctx, id);
    }
    expect(await walk.facts(id)).toMatchObject({ state: 'content_lost', error_code: 'content_lost' });
    expect(logged.find(({ event }) => event === 'archive.content_lost')?.fields).toMatchObject({
      videoId: id,
      costMicroUsd: '400000',
    });
  });
});
