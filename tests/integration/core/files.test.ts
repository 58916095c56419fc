/** Files that a team keeps: within its room, exactly; and there for every video that was accepted with them. */
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  type CallerContext,
  type CreateFileInput,
  createFile,
  createVideo,
  deleteFile,
  getFile,
  listFiles,
  purgeFile,
  reconcile,
  submitVideo,
} from '@reelgate/core';
import { seedTeam, startWalk, type Walk } from '@reelgate/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

const ROOM = { maxTeamBytes: 10_000 };
let walk: Walk;
let caller: CallerContext;

beforeAll(async () => {
  walk = await startWalk();
});
afterAll(() => walk.close());
beforeEach(async () => {
  await walk.simulator.control('POST', 'reset');
  caller = { ...walk.ctx, principal: await seedTeam(walk.database.db) };
});

const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

function fileOf(content: Buffer, more: Partial<CreateFileInput> = {}): CreateFileInput {
  return {
    purpose: 'vision',
    fileName: 'frame.png',
    contentType: 'image/png',
    bytes: content.length,
    sha256: sha256(content),
    expiresAfterSeconds: null,
    open: () => Readable.from([content]),
    ...more,
  };
}
const keep = (bytes: number, more: Partial<CreateFileInput> = {}) =>
  createFile(caller, fileOf(randomBytes(bytes), more), ROOM);
const asking = (fileId: string, prompt = 'from a file') => ({
  model: 'sora-2',
  prompt,
  seconds: 4,
  size: '720x1280',
  params: {},
  fileId,
});
const usedBytes = async () => {
  const { rows } = await walk.database.db.$client.query(
    `select coalesce(sum(bytes) filter (where state in ('storing', 'stored')), 0)::int as kept,
            (select coalesce(max(bytes), 0)::int from file_storage where team_id = $1) as counted
       from files where team_id = $1`,
    [caller.principal.teamId],
  );
  expect(rows[0].counted).toBe(rows[0].kept);
  return rows[0].counted;
};
const bytesOf = async (objectKey: string) => (await walk.ctx.ports.objects.head(objectKey))?.bytes ?? null;
const overdue = (id: string, by = '1 hour') =>
  walk.database.db.$client.query(
    'update files set next_action_at = next_action_at - $2::interval, expires_at = expires_at - $2::interval where id = $1',
    [id, by],
  );
const rounds = async () => {
  await reconcile(walk.ctx, async (job) => {
    if (job.name === 'purge-file') await purgeFile(walk.ctx, job.payload.fileId);
  });
};
const truth = async () =>
  (await walk.simulator.truth()) as unknown as { videos: { input_reference: { sha256?: string } | null }[] };

describe('room', () => {
  test('fifty at once take exactly what there is', async () => {
    const kept = await Promise.allSettled(Array.from({ length: 50 }, () => keep(700)));
    expect(kept.filter(({ status }) => status === 'fulfilled')).toHaveLength(14);
    for (const result of kept) {
      if (result.status === 'rejected')
        expect(result.reason).toMatchObject({ code: 'file_storage_exceeded', details: { param: 'file' } });
    }
    expect(await usedBytes()).toBe(9_800);
    await expect(keep(201)).rejects.toThrow(
      /may take 10000 bytes. They take 9800, and this file would add 201/,
    );
    await keep(200);
  });

  test('is given back by a deletion, once', async () => {
    const { id } = await keep(10_000);
    const deleted = await Promise.allSettled([1, 2, 3].map(() => deleteFile(caller, id)));
    expect(deleted.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await usedBytes()).toBe(0);
    await keep(10_000);
  });

  test('is given back where the bytes could not be stored, and nothing is kept', async () => {
    const broken = () =>
      Readable.from(
        (function* () {
          yield Buffer.alloc(10);
          throw new Error('the disk is gone');
        })(),
      );
    await expect(keep(5_000, { open: broken })).rejects.toMatchObject({ code: 'service_unavailable' });
    expect(await usedBytes()).toBe(0);
    expect((await listFiles(caller, { order: 'asc', limit: 10 })).files).toEqual([]);
  });

  test('is given back for an upload that nobody finished', async () => {
    const { id, objectKey } = await keep(5_000);
    await walk.database.db.$client.query(
      "update files set state = 'storing', next_action_at = clock_timestamp() - interval '1 minute' where id = $1",
      [id],
    );
    await rounds();
    expect([await usedBytes(), await bytesOf(objectKey)]).toEqual([0, null]);
  });
});

test('a file that has expired is gone at once, and its bytes and its room soon', async () => {
  const { id, objectKey } = await keep(3_000, { expiresAfterSeconds: 3_600 });
  await expect(getFile(caller, id)).resolves.toMatchObject({ id });
  await rounds();
  expect(await bytesOf(objectKey)).toBe(3_000);
  await overdue(id, '2 hours');
  await expect(getFile(caller, id)).rejects.toMatchObject({ code: 'file_not_found' });
  await expect(createVideo(caller, asking(id))).rejects.toMatchObject({ code: 'file_not_found' });
  await expect(deleteFile(caller, id)).rejects.toMatchObject({ code: 'file_not_found' });
  await rounds();
  expect([await usedBytes(), await bytesOf(objectKey)]).toEqual([0, null]);
  await rounds();
  expect(await usedBytes()).toBe(0);
});

describe('a video from a file', () => {
  test('gets the bytes, and is the same request as with the same bytes sent along', async () => {
    const content = randomBytes(4_000);
    const { id } = await createFile(caller, fileOf(content), ROOM);
    const first = await createVideo(caller, asking(id), { idempotencyKey: 'k', retryCount: 0 });
    expect((await truth()).videos.at(-1)?.input_reference).toMatchObject({
      sha256: sha256(content),
      bytes: 4_000,
      filename: 'input_reference.png',
      contentType: 'image/png',
    });
    const { fileId: _, ...plain } = asking(id);
    const sent = { field: 'input_reference', contentType: 'image/png', fileName: 'a.png' } as const;
    const same = { ...sent, bytes: 4_000, sha256: sha256(content), open: () => Readable.from([content]) };
    const second = await createVideo(
      caller,
      { ...plain, files: [same] },
      { idempotencyKey: 'k', retryCount: 0 },
    );
    expect([second.replayed, second.video.id]).toEqual([true, first.video.id]);
  });

  test('is found again by its key after the file is gone; a new one is not made', async () => {
    const { id } = await keep(4_000);
    const identity = { idempotencyKey: 'k', retryCount: 0 };
    const first = await createVideo(caller, asking(id), identity);
    await deleteFile(caller, id);
    await purgeFile(walk.ctx, id);
    expect(await createVideo(caller, asking(id), identity)).toMatchObject({
      replayed: true,
      video: { id: first.video.id },
    });
    await expect(createVideo(caller, asking(id))).rejects.toMatchObject({
      code: 'file_not_found',
      details: { param: 'input_reference' },
    });
    expect((await truth()).videos).toHaveLength(1);
  });

  test('that waits to be sent has its file, whatever is deleted meanwhile', async () => {
    const content = randomBytes(4_000);
    const { id, objectKey } = await createFile(caller, fileOf(content), ROOM);
    await walk.simulator.control('POST', 'rules', {
      match: { operation: 'create' },
      times: 1,
      behaviour: { rate_limited: true },
    });
    const { video } = await createVideo(caller, asking(id));
    expect(await walk.facts(video.id)).toMatchObject({ state: 'accepted' });

    await deleteFile(caller, id);
    expect(await usedBytes()).toBe(0);
    const outcome = await purgeFile(walk.ctx, id);
    expect([outcome.kind, await bytesOf(objectKey)]).toEqual(['snooze', 4_000]);

    await walk.database.db.$client.query(
      'update videos set next_action_at = clock_timestamp() where id = $1',
      [video.id],
    );
    await submitVideo(walk.ctx, video.id);
    expect((await truth()).videos.at(-1)?.input_reference).toMatchObject({ sha256: sha256(content) });
    await overdue(id);
    await rounds();
    expect(await bytesOf(objectKey)).toBeNull();
  });

  test('either has its file or is refused, when the file is deleted at the same moment', async () => {
    for (let round = 0; round < 20; round++) {
      const { id } = await keep(100);
      const [made] = await Promise.allSettled([
        createVideo(caller, asking(id, `round ${round}`)),
        deleteFile(caller, id).then(() => purgeFile(walk.ctx, id)),
      ]);
      if (made.status === 'rejected') expect(made.reason).toMatchObject({ code: 'file_not_found' });
      else expect(await walk.facts(made.value.video.id)).toMatchObject({ state: 'rendering' });
    }
  });

  test("cannot be made from another team's file, not even past the look-up", async () => {
    const { id } = await keep(100);
    const stranger = { ...walk.ctx, principal: await seedTeam(walk.database.db) };
    await expect(createVideo(stranger, asking(id))).rejects.toMatchObject({ code: 'file_not_found' });
    const { $client } = walk.database.db;
    const { video } = await createVideo(stranger, { ...asking(id), fileId: undefined as never });
    await expect(
      $client.query(
        `insert into videos select (jsonb_populate_record(v, jsonb_build_object('id', 'video_x', 'upstream_id', null,
           'state', 'accepted', 'inputs', jsonb_build_array(jsonb_build_object('kind', 'file', 'fileId', $2::text))))).*
           from videos v where id = $1`,
        [video.id, id],
      ),
    ).rejects.toMatchObject({ code: 'RG404' });
  });
});
