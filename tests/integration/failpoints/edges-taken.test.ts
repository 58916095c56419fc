/** That every edge of a video's life is taken by what really happens to videos, and that this is where they are proved. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { openSpool } from '@reelgate/adapters/filesystem';
import {
  archiveVideo,
  type CallerContext,
  cancelVideo,
  createVideo,
  deleteVideo,
  resolveSubmission,
  sweepSpool,
  TRANSITIONS,
  VIDEO_STATES,
  type VideoState,
  type WorkerContext,
} from '@reelgate/core';
import { seedTeam, startWalk, type Walk } from '@reelgate/testkit';
import { request } from 'undici';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

let walk: Walk;
let caller: CallerContext;

beforeAll(async () => {
  walk = await startWalk({ timing: { searchMs: 400, horizonMs: 60_000 } });
  caller = { ...walk.ctx, principal: await seedTeam(walk.database.db) };
  // The database itself writes down each step.
  await walk.database.db.$client.query(`
    create table taken (from_state text not null, to_state text not null);
    create function note_taken() returns trigger language plpgsql as $$
    begin
      if old.state <> new.state then insert into taken values (old.state, new.state); end if;
      return null;
    end$$;
    create trigger note_taken after update on videos for each row execute function note_taken();`);
});
afterAll(() => walk.close());

const asking = (prompt: string) => ({ model: 'sora-2', prompt, seconds: 4, size: '720x1280', params: {} });
const create = async (prompt: string, ctx: CallerContext = caller) =>
  (await createVideo(ctx, asking(prompt))).video.id;
const expectEnd = async (id: string, state: VideoState) => expect((await walk.drive(id)).state).toBe(state);
const busyOnce = () =>
  walk.simulator.control('POST', 'rules', {
    match: { operation: 'create' },
    behaviour: { rate_limited: true, retry_after: 0 },
  });

test('stored, then deleted', async () => {
  const id = await create('stored');
  await expectEnd(id, 'stored');
  await deleteVideo(caller, id);
  await expectEnd(id, 'purged');
});

test('busy, then sent again', async () => {
  await busyOnce();
  await expectEnd(await create('busy'), 'stored');
});

test('busy, and cancelled while it waits', async () => {
  await walk.simulator.control('POST', 'rules', {
    match: { operation: 'create' },
    behaviour: { rate_limited: true, retry_after: 30 },
  });
  const id = await create('cancelled');
  await cancelVideo(caller, id);
  await expectEnd(id, 'failed');
});

test('refused, and gone', async () => {
  await expect(createVideo(caller, asking('refused [[sim refuse=400]]'))).rejects.toThrow();
  const { rows } = await walk.database.db.$client.query(`select id from videos where prompt like 'refused%'`);
  await expectEnd(rows[0].id, 'purged');
});

test('its answer lost, and found', async () => {
  await expectEnd(await create('found [[sim answer=rst]]'), 'stored');
});

test('its answer lost, given up, and turned up after all', async () => {
  const id = await create('late [[sim answer=rst list_lag_s=4]]');
  const failed = await walk.drive(id, ['failed']);
  expect(failed.state).toBe('failed');
  // Looked for again at a time that a test cannot wait for.
  await vi.waitFor(
    async () => {
      await walk.database.db.$client.query(
        `update videos set next_action_at = clock_timestamp() where id = $1 and state = 'failed'`,
        [id],
      );
      await resolveSubmission(walk.ctx, id);
      expect((await walk.facts(id)).upstream_id).not.toBeNull();
    },
    { timeout: 20_000, interval: 200 },
  );
  await expectEnd(id, 'stored');
});

test('taken for lost, when its sender says that it never left', async () => {
  const gate = Promise.withResolvers<void>();
  const upstreams: WorkerContext['ports']['upstreams'] = (accountId) => {
    const upstream = walk.ctx.ports.upstreams(accountId);
    if (!upstream) return undefined;
    return {
      ...upstream,
      capabilities: upstream.capabilities,
      async submit() {
        await gate.promise;
        return { kind: 'not_sent', error: { code: 'connect', message: 'It never left.' } };
      },
    };
  };
  const sleepy: CallerContext = {
    ...caller,
    timing: { ...caller.timing, leaseMs: 60_000, inlineSubmitMs: 10 },
    ports: { ...caller.ports, upstreams },
  };
  const id = await create('never left', sleepy);
  await walk.database.db.$client.query(
    `update videos set lease_until = clock_timestamp() - interval '1 s', next_action_at = clock_timestamp() where id = $1`,
    [id],
  );
  expect((await walk.drive(id, ['unknown'])).state).toBe('unknown');
  gate.resolve();
  await vi.waitFor(async () => expect((await walk.facts(id)).state).toBe('accepted'), 10_000);
  await expectEnd(id, 'stored');
});

test('failed by its upstream', async () => {
  await expectEnd(await create('fails [[sim fail=moderation]]'), 'failed');
});

test('kept without a still, then deleted', async () => {
  const { make } = walk.ctx.ports.variantMaker;
  walk.ctx.ports.variantMaker.make = async (_variant, video) => {
    video.destroy();
    throw new Error('it cannot be decoded');
  };
  try {
    const id = await create('no still [[sim only_video]]');
    await vi.waitFor(
      async () => {
        // Its tries are some seconds apart.
        await walk.database.db.$client.query(
          `update videos set failures = 4, next_action_at = clock_timestamp() where id = $1 and state = 'archiving' and lease_until is null`,
          [id],
        );
        await expectEnd(id, 'partly_stored');
      },
      { timeout: 20_000 },
    );
    await deleteVideo(caller, id);
    await expectEnd(id, 'purged');
  } finally {
    walk.ctx.ports.variantMaker.make = make;
  }
});

test('gone before it could be stored, then deleted', async () => {
  const id = await create('gone [[sim expires_s=1]]');
  expect((await walk.drive(id, ['archiving'])).state).toBe('archiving');
  await walk.simulator.control('POST', 'forget', { id: (await walk.facts(id)).upstream_id });
  await expectEnd(id, 'content_lost');
  await deleteVideo(caller, id);
  await expectEnd(id, 'purged');
});

test('gone, and turned up in a spool after all', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'reelgate-spool-'));
  const spool = await openSpool(directory, 10_000_000);
  const { upstream_id: another } = await walk.drive(await create('any film'), ['archiving']);
  const { body } = await request(`${walk.simulator.baseUrl}/videos/${another}/content`);
  const video = Buffer.from(await body.arrayBuffer());
  const id = await create('spooled [[sim expires_s=1]]');
  await walk.drive(id, ['archiving']);
  await walk.simulator.control('POST', 'forget', { id: (await walk.facts(id)).upstream_id });
  await expectEnd(id, 'content_lost');
  await spool.store.put(`v/00/${id}/video/1.mp4`, Readable.from([video]), { contentType: 'video/mp4' });
  const ctx = { ...walk.ctx, ports: { ...walk.ctx.ports, spool } };
  expect(await sweepSpool(ctx, 0)).toBe(1);
  await archiveVideo(ctx, id);
  expect((await walk.facts(id)).state).toBe('stored');
  await rm(directory, { recursive: true });
});

test('together they took every edge that there is', async () => {
  const { rows } = await walk.database.db.$client.query<{ edge: string }>(
    `select distinct from_state || ' -> ' || to_state as edge from taken order by 1`,
  );
  const all = VIDEO_STATES.flatMap((from) => TRANSITIONS[from].map((to) => `${from} -> ${to}`));
  expect(rows.map(({ edge }) => edge)).toEqual(all.sort());
});
