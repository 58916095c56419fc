/** A disk that is full to its last byte, though nobody kept a reserve: what cannot be taken costs nothing, what is paid for is kept. */
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type Gateway, type Stack, startStack, type Team } from '../gateway/gateway-process.ts';
import { type SmallDisk, startSmallDisk } from '../small-disk.ts';
import { BOUNDARY, file, form, picture, text } from './forms.ts';
import { makingRequests } from './truth.ts';

const DISK_BYTES = 8 * 2 ** 20;

const started = await startSmallDisk(DISK_BYTES);
if (typeof started === 'string') console.warn(`a full disk is not tested here: ${started}`);
const disk = started as SmallDisk;

let stack: Stack;
let team: Team;
let spooling: Gateway;
let worker: Gateway;
beforeAll(async () => {
  if (typeof started === 'string') return;
  const onDisk = { OBJECTS_DIRECTORY: join(disk.directory, 'objects'), DISK_RESERVE: '0' };
  stack = await startStack({ env: onDisk });
  team = await stack.addTeam(1_000_000_000n);
  spooling = await stack.startGateway({ SPOOL_DIRECTORY: join(disk.directory, 'uploads') });
  worker = await stack.startWorker({ ARCHIVE_SPOOL_DIRECTORY: join(disk.directory, 'spool') });
});
afterEach(async () => {
  if (typeof started !== 'string') await disk.clear();
});
afterAll(async () => {
  if (typeof started === 'string') return;
  await stack.close();
  await disk.close();
});

const upload = (origin: string, bytes: number) =>
  stack.ask(team, 'POST', '/v1/videos', {
    origin,
    body: form(text('prompt', 'x'), file('input_reference', Buffer.concat([picture(), Buffer.alloc(bytes)]))),
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
  });
const read = async (id: string) => (await stack.ask(team, 'GET', `/v1/videos/${id}`)).json;
const completed = (id: string) =>
  vi.waitFor(async () => expect((await read(id)).status).toBe('completed'), {
    timeout: 40_000,
    interval: 200,
  });
const reserved = async () =>
  (
    await stack.database.db.$client.query(
      'select sum(b.reserved)::int as reserved from quota_buckets b join quota_limits l on l.id = b.limit_id where l.scope_id = $1',
      [team.teamId],
    )
  ).rows[0].reserved;

/** What is stored of a video is, byte for byte, what the upstream made. */
async function expectTrue(id: string): Promise<void> {
  const { rows } = await stack.database.db.$client.query('select upstream_id from videos where id = $1', [
    id,
  ]);
  const truth = (await stack.simulator.truth()).videos.find((video) => video.id === rows[0].upstream_id);
  const { status, bytes } = await stack.ask(team, 'GET', `/v1/videos/${id}/content`);
  expect(status).toBe(200);
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(truth?.content?.video?.sha256);
}

test.skipIf(typeof started === 'string')(
  'an upload that meets the end of the spool gets 503, with nothing made and its bytes given back',
  async () => {
    const [made, held] = [await makingRequests(stack), await reserved()];
    const [one, other] = await Promise.all([
      upload(spooling.origin, DISK_BYTES),
      upload(spooling.origin, DISK_BYTES),
    ]);
    for (const answer of [one, other]) {
      expect(answer).toMatchObject({
        status: 503,
        headers: { 'x-should-retry': 'true', 'retry-after': '5' },
        json: { error: { type: 'server_error', code: 'service_unavailable' } },
      });
    }
    expect(await makingRequests(stack)).toBe(made);
    expect(await reserved()).toBe(held);
    expect(await readdir(join(disk.directory, 'uploads'))).toEqual([]);
    // Spooled on it, and then stored on it: there is room for both.
    const taken = await upload(spooling.origin, 1_000);
    expect(taken.status).toBe(200);
    await completed(taken.json.id);
  },
);

test.skipIf(typeof started === 'string')(
  'an upload for which the object store has no room gets 503, with nothing made',
  async () => {
    await disk.fill();
    const [made, held] = [await makingRequests(stack), await reserved()];
    expect(await upload(stack.gateway.origin, 100_000)).toMatchObject({
      status: 503,
      headers: { 'x-should-retry': 'true' },
      json: { error: { code: 'service_unavailable' } },
    });
    expect(await makingRequests(stack)).toBe(made);
    expect(await reserved()).toBe(held);
  },
);

test.skipIf(typeof started === 'string')(
  'videos that finish while store and spool are full are lost to nobody, and go on when there is room again',
  async () => {
    const { id: before } = (await stack.create(team)).json;
    await completed(before);
    const made = await makingRequests(stack);
    await disk.fill();
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) ids.push((await stack.create(team, { prompt: `full ${n}` })).json.id);
    await vi.waitFor(
      () => {
        const failed = worker.lines.filter(({ event }) => event === 'archive.try_failed');
        // Twice each: the second try would take the spool.
        for (const id of ids)
          expect(failed.filter(({ videoId }) => videoId === id).length).toBeGreaterThan(1);
      },
      { timeout: 40_000, interval: 200 },
    );
    for (const id of ids) expect((await read(id)).status).toBe('in_progress');
    await expectTrue(before);

    await disk.clear();
    for (const id of ids) await completed(id);
    for (const id of ids) await expectTrue(id);
    expect(await makingRequests(stack)).toBe(made + ids.length);
    expect(await reserved()).toBe(0);
    const { rows } = await stack.database.db.$client.query(
      'select count(*)::int as waiting from spool_files where drained_at is null',
    );
    expect(rows[0]).toEqual({ waiting: 0 });
  },
);
