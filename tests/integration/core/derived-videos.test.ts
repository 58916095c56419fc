import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import {
  type CallerContext,
  createCharacter,
  createVideo,
  type DeriveVideoInput,
  deleteVideo,
  deriveVideo,
  findContent,
  type GivenFile,
  getCharacter,
  getLineage,
  getVideo,
  probeMp4,
  setQuota,
} from '@reelgate/core';
import { seedTeam, startWalk, type Walk } from '@reelgate/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

const FIRST_TRY = { idempotencyKey: null, retryCount: 0 };
let walk: Walk;
let caller: CallerContext;
let stranger: CallerContext;

beforeAll(async () => {
  walk = await startWalk();
});
afterAll(() => walk.close());
beforeEach(async () => {
  await walk.simulator.control('POST', 'reset');
  const principal = await seedTeam(walk.database.db);
  await setQuota(walk.database, {
    scopeKind: 'team',
    scopeId: principal.teamId,
    metric: 'cost',
    window: 'month',
    hard: 50_000_000n,
  });
  caller = { ...walk.ctx, principal };
  stranger = { ...walk.ctx, principal: await seedTeam(walk.database.db) };
});

async function finished(prompt = 'the source', more: { characterIds?: string[] } = {}): Promise<string> {
  const { video } = await createVideo(caller, {
    model: 'sora-2',
    prompt,
    seconds: 4,
    size: '1280x720',
    params: {},
    ...more,
  });
  expect((await walk.drive(video.id)).state).toBe('stored');
  return video.id;
}

const derive = (
  videoId: string,
  more: Partial<DeriveVideoInput> & Pick<DeriveVideoInput, 'operation'>,
  ctx = caller,
) =>
  deriveVideo(
    ctx,
    { prompt: 'changed', source: { videoId, param: 'video[id]' }, model: 'sora-2', params: {}, ...more },
    FIRST_TRY,
  );

async function bytesOf(videoId: string): Promise<Buffer> {
  const { objectKey } = await findContent(caller, videoId, 'video');
  const stored = await walk.ctx.ports.objects.get(objectKey);
  if (!stored) throw new Error('nothing stored');
  return await buffer(stored.body);
}

async function asFile(videoId: string): Promise<GivenFile> {
  const content = await bytesOf(videoId);
  const facts = await probeMp4(
    async (offset, length) => content.subarray(offset, offset + length),
    content.length,
  );
  expect(facts).toEqual({ seconds: 4, size: '1280x720' });
  return {
    field: 'video',
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    contentType: 'video/mp4',
    fileName: 'video.mp4',
    video: facts ?? undefined,
    open: () => Readable.from([content]),
  };
}

const charges = async () => (await walk.simulator.truth()).totals.charges_micro_usd;
async function settled(): Promise<number> {
  const { rows } = await walk.database.db.$client.query(
    `select b.settled::int, b.reserved::int from quota_buckets b join quota_limits l on l.id = b.limit_id where l.scope_id = $1`,
    [caller.principal.teamId],
  );
  expect(rows[0].reserved).toBe(0);
  return rows[0].settled;
}

describe('a video made from another one', () => {
  test.each([
    { operation: 'remix', seconds: 4, cost: 400_000 },
    { operation: 'edit', seconds: 4, cost: 400_000 },
    { operation: 'extend', addedSeconds: 8, seconds: 12, cost: 800_000 },
  ] as const)(
    '$operation by id: its length, its price and its lineage',
    async ({ seconds, cost, ...input }) => {
      const source = await finished();
      const { video } = await derive(source, input);
      expect(video).toMatchObject({ seconds, size: '1280x720', parentId: source, model: 'sora-2' });
      expect((await walk.drive(video.id)).state).toBe('stored');
      expect(await settled()).toBe(400_000 + cost);
      expect(await charges()).toBe(400_000 + cost);
      const lineage = await getLineage(caller, video.id);
      expect(lineage.ancestors.map((node) => node.id)).toEqual([source, video.id]);
      expect((await getLineage(caller, source)).descendants).toMatchObject([
        { id: video.id, operation: input.operation },
      ]);
      expect(lineage.totalMicroUsd).toBe(BigInt(400_000 + cost));
    },
  );

  test.each(['edit', 'extend'] as const)(
    '%s of an uploaded file: measured, sent along, and paid by what it is',
    async (operation) => {
      const file = await asFile(await finished());
      const { video } = await derive('', {
        operation,
        source: { file },
        ...(operation === 'extend' ? { addedSeconds: 4 } : {}),
      });
      expect(video).toMatchObject({
        seconds: operation === 'extend' ? 8 : 4,
        size: '1280x720',
        parentId: null,
      });
      expect((await walk.drive(video.id)).state).toBe('stored');
      expect(await settled()).toBe(await charges());
    },
  );

  test.each(['edit', 'extend'] as const)(
    '%s of a source that its upstream has forgotten: the stored file goes instead',
    async (operation) => {
      const source = await finished();
      await walk.simulator.control('POST', 'forget', { id: (await walk.facts(source)).upstream_id });
      const { video } = await derive(source, {
        operation,
        ...(operation === 'extend' ? { addedSeconds: 4 } : {}),
      });
      expect((await walk.drive(video.id)).state).toBe('stored');
      expect((await getLineage(caller, video.id)).ancestors.map((node) => node.id)).toEqual([
        source,
        video.id,
      ]);
      expect(await settled()).toBe(await charges());
    },
  );

  test("another team's source does not exist, and no upstream hears of it", async () => {
    const source = await finished();
    const before = (await walk.simulator.truth()).totals.creates;
    for (const operation of ['remix', 'edit', 'extend'] as const) {
      await expect(derive(source, { operation, addedSeconds: 4 }, stranger)).rejects.toMatchObject({
        code: 'video_not_found',
        details: { param: 'video[id]' },
      });
    }
    await expect(getLineage(stranger, source)).rejects.toMatchObject({ code: 'video_not_found' });
    expect((await walk.simulator.truth()).totals.creates).toBe(before);
  });

  test('a source that is not completed cannot be used yet', async () => {
    const { video } = await createVideo(caller, {
      model: 'sora-2',
      prompt: 'slow [[sim stuck]]',
      seconds: 4,
      size: '1280x720',
      params: {},
    });
    await expect(derive(video.id, { operation: 'remix' })).rejects.toMatchObject({ code: 'video_not_ready' });
  });

  test('the source may be deleted while its child renders', async () => {
    const source = await finished();
    const { video } = await derive(source, { operation: 'remix' });
    await deleteVideo(caller, source);
    expect((await walk.drive(source)).state).toBe('purged');
    expect((await walk.drive(video.id)).state).toBe('stored');
    expect((await getVideo(caller, video.id)).parentId).toBe(source);
    expect((await getLineage(caller, video.id)).ancestors).toMatchObject([
      { id: source, deleted: true },
      { id: video.id },
    ]);
  });
});

describe('characters', () => {
  test('are made once, belong to the team, and go along with a video', async () => {
    const file = await asFile(await finished());
    const character = await createCharacter(caller, {
      model: 'sora-2',
      name: 'Mossy',
      video: {
        field: 'video',
        fileName: file.fileName,
        contentType: file.contentType,
        bytes: file.bytes,
        open: async () => file.open(),
      },
    });
    expect(await getCharacter(caller, character.id)).toMatchObject({ id: character.id, name: 'Mossy' });
    await expect(getCharacter(stranger, character.id)).rejects.toMatchObject({ code: 'character_not_found' });
    await finished('Mossy on the moon', { characterIds: [character.id] });
    const before = (await walk.simulator.truth()).totals.creates;
    await expect(
      createVideo(stranger, {
        model: 'sora-2',
        prompt: 'Mossy',
        seconds: 4,
        size: '1280x720',
        params: {},
        characterIds: [character.id],
      }),
    ).rejects.toMatchObject({ code: 'character_not_found' });
    expect((await walk.simulator.truth()).totals.creates).toBe(before);
  });
});
