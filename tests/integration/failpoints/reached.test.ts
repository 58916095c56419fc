/** That every failpoint is where its name says that it is: on the way of a video that somebody asks for. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFailpoints } from '@reelgate/adapters/failpoints';
import {
  attemptDelivery,
  claimDeliveries,
  createVideo,
  createWebhookEndpoint,
  deleteVideo,
  deriveVideo,
  FAILPOINTS,
} from '@reelgate/core';
import { controlFailpoints, type FailpointControl, seedTeam, startWalk, type Walk } from '@reelgate/testkit';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

let walk: Walk;
let directory: string;
let control: FailpointControl;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'reelgate-failpoints-'));
  control = await controlFailpoints(directory);
  walk = await startWalk({ failpoint: createFailpoints(directory) });
});
afterAll(async () => {
  await walk.close();
  await rm(directory, { recursive: true, force: true });
});

const asking = (prompt: string) => ({
  model: 'sora-2',
  prompt,
  seconds: 4,
  size: '720x1280',
  params: {},
});

test('every failpoint is reached by what videos go through, each after what its name says', async () => {
  const sink = createServer((request, response) => {
    request.resume();
    response.end();
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  const caller = { ...walk.ctx, principal: await seedTeam(walk.database.db) };
  const { secretBox, ports, db } = walk.ctx;
  await createWebhookEndpoint(
    { db, secretBox, webhooks: ports.webhooks },
    { teamId: caller.principal.teamId, url: `http://127.0.0.1:${(sink.address() as AddressInfo).port}/` },
  );

  const { video } = await createVideo(caller, asking('stored'));
  expect((await walk.drive(video.id)).state).toBe('stored');
  const remix = await deriveVideo(
    caller,
    {
      operation: 'remix',
      prompt: 'remixed',
      source: { videoId: video.id, param: 'video_id' },
      model: 'sora-2',
      params: {},
    },
    { idempotencyKey: null, retryCount: 0 },
  );
  expect((await walk.drive(remix.video.id)).state).toBe('stored');

  const lost = await createVideo(caller, asking('its answer is lost [[sim answer=rst]]'));
  expect((await walk.drive(lost.video.id)).state).toBe('stored');
  await walk.simulator.control('POST', 'rules', {
    match: { operation: 'create' },
    behaviour: { rate_limited: true, retry_after: 0 },
  });
  const waiting = await createVideo(caller, asking('waits first'));
  expect((await walk.drive(waiting.video.id)).state).toBe('stored');
  const failed = await createVideo(caller, asking('fails [[sim fail=moderation]]'));
  expect((await walk.drive(failed.video.id)).state).toBe('failed');
  await deleteVideo(caller, video.id);
  expect((await walk.drive(video.id)).state).toBe('purged');
  for (const claim of await claimDeliveries(walk.ctx, { slots: 10, suspectSlots: 10 }))
    await attemptDelivery(walk.ctx, claim);
  sink.close();

  const reached = await control.reached();
  expect(FAILPOINTS.filter((name) => !reached.has(name))).toEqual([]);
  expect([...reached.keys()].filter((name) => !FAILPOINTS.includes(name))).toEqual([]);
});

describe('a command', () => {
  test('strikes once, and then no more', async () => {
    const caller = { ...walk.ctx, principal: await seedTeam(walk.database.db) };
    await control.arm('create.uploads_stored', 'throw');
    await expect(createVideo(caller, asking('thrown'))).rejects.toThrow('failpoint create.uploads_stored');
    await expect(createVideo(caller, asking('not thrown'))).resolves.toMatchObject({ replayed: false });
    expect(await control.struck()).toContain('create.uploads_stored throw');
  });

  test('with always strikes until it is taken back', async () => {
    const caller = { ...walk.ctx, principal: await seedTeam(walk.database.db) };
    await control.arm('create.uploads_stored', 'throw', { always: true });
    for (const prompt of ['first', 'second'])
      await expect(createVideo(caller, asking(prompt))).rejects.toThrow('failpoint');
    await control.disarm('create.uploads_stored');
    await expect(createVideo(caller, asking('third'))).resolves.toMatchObject({ replayed: false });
  });

  test('to hang holds what comes after it back; to delay, for a while', async () => {
    const caller = { ...walk.ctx, principal: await seedTeam(walk.database.db) };
    await control.arm('create.uploads_stored', 'hang');
    let over = false;
    void createVideo(caller, asking('hung')).finally(() => {
      over = true;
    });
    await vi.waitFor(
      async () => expect(await control.struck()).toContain('create.uploads_stored hang'),
      10_000,
    );
    await control.arm('create.uploads_stored', 'delay', { delayMs: 200 });
    const startedAt = performance.now();
    await createVideo(caller, asking('delayed'));
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(199);
    expect(over).toBe(false);
  });
});
