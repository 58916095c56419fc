import { execFile } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  contentOf,
  failingStream,
  KIB,
  MIB,
  randomContent,
  stallingStream,
  streamOf,
} from './object-store-bodies.ts';
import { describeS3Faults } from './object-store-faults.ts';
import {
  type StoreUnderTest,
  s3Availability,
  startFilesystem,
  startS3Store,
} from './object-store-harness.ts';

const s3Available = await s3Availability();
if (s3Available !== true) console.warn(`The S3 store is not tested here: ${s3Available}`);

const contentType = 'video/mp4';
let names = 0;
/** A key of its own for every test. */
const newKey = (): string => `v/${String(++names).padStart(4, '0')}/video_abc/video/01JD0000.mp4`;

describe.each([
  { name: 'files', start: startFilesystem, unavailable: '' },
  { name: 'S3', start: startS3Store, unavailable: s3Available === true ? '' : s3Available },
])('object store on $name', ({ name, start, unavailable }) => {
  describe.skipIf(unavailable)(`as its callers see it${unavailable && ` (${unavailable})`}`, () => {
    let target: StoreUnderTest;
    let store: StoreUnderTest['store'];

    beforeAll(async () => {
      target = await start();
      store = target.store;
      await store.ensureBucket();
    });
    afterAll(() => target?.stop());

    const read = async (key: string): Promise<Buffer> => contentOf(await store.get(key));

    it('makes its bucket once more without harm and passes its own test', async () => {
      await store.ensureBucket();
      await store.selfTest();
    });

    it.each([
      ['nothing', 0, 64 * KIB],
      ['one byte', 1, 64 * KIB],
      ['a still', 100 * KIB, 64 * KIB],
      ['a still in chunks of one byte', 50_000, 1],
      ['exactly one part', 8 * MIB, 64 * KIB],
      ['one byte more than a part', 8 * MIB + 1, 64 * KIB],
      ['exactly two parts in one chunk', 16 * MIB, 16 * MIB],
      ['a video', 20 * MIB + 123, 64 * KIB],
      ['a video in chunks of ten MiB', 40 * MIB + 7, 10 * MIB],
      ['a video in odd chunks', 20 * MIB, 99_991],
    ])('stores and gives back %s', async (_name, bytes, chunkBytes) => {
      const key = newKey();
      const content = randomContent(bytes);
      expect(await store.put(key, streamOf(content, chunkBytes), { contentType })).toEqual({ bytes });
      expect(await store.head(key)).toEqual({ bytes, contentType, metadata: {} });
      const object = await store.get(key);
      expect(object).toMatchObject({ contentLength: bytes, totalBytes: bytes });
      expect(content.equals(await contentOf(object))).toBe(true);
      expect(await target.unfinishedPuts()).toBe(0);
    });

    it('keeps type and metadata', async () => {
      const key = newKey();
      const metadata = { sha256: 'ab12', 'video-id': 'video_abc', note: 'two words: "x", y=z; 100%' };
      for (const bytes of [10, 9 * MIB]) {
        await store.put(key, streamOf(randomContent(bytes)), { contentType: 'image/webp', metadata });
        expect(await store.head(key)).toEqual({ bytes, contentType: 'image/webp', metadata });
      }
    });

    it('replaces the whole object when a key is written again', async () => {
      const key = newKey();
      const second = randomContent(5);
      await store.put(key, streamOf(randomContent(9 * MIB)), { contentType, metadata: { first: '1' } });
      await store.put(key, streamOf(second), { contentType: 'image/jpeg' });
      expect(await read(key)).toEqual(second);
      expect(await store.head(key)).toEqual({ bytes: 5, contentType: 'image/jpeg', metadata: {} });
    });

    it('knows nothing of a key that was never written, or was deleted', async () => {
      const key = newKey();
      const nothing = async (): Promise<void> => {
        expect(await store.head(key)).toBeNull();
        expect(await store.get(key)).toBeNull();
        expect(await store.get(key, { range: { start: 0, end: 0 } })).toBeNull();
        await store.delete(key);
      };
      await nothing();
      await store.put(key, streamOf(randomContent(10)), { contentType });
      await store.delete(key);
      await nothing();
    });

    it('lists what begins with a prefix, in the order of the keys, and nothing else', async () => {
      const keys = ['l/a/2', 'l/a/1/video', 'l/a10/1', 'l/b/1', 'lx/1'];
      for (const key of keys) await store.put(key, streamOf(randomContent(7)), { contentType });
      const listed = async (prefix: string) => {
        const found = [];
        for await (const object of store.list(prefix)) found.push(object);
        return found;
      };
      expect((await listed('l/')).map(({ key }) => key)).toEqual([
        'l/a/1/video',
        'l/a/2',
        'l/a10/1',
        'l/b/1',
      ]);
      expect((await listed('l/a')).map(({ key }) => key)).toEqual(['l/a/1/video', 'l/a/2', 'l/a10/1']);
      const [one] = await listed('l/b');
      expect(one).toMatchObject({ key: 'l/b/1', bytes: 7 });
      expect(Math.abs(Date.now() - (one?.modifiedAt.getTime() ?? 0))).toBeLessThan(60_000);
      expect(await listed('nothing')).toEqual([]);
      for (const key of keys) await store.delete(key);
    });

    it('gives ranges, both ends included', async () => {
      const key = newKey();
      const content = randomContent(9 * MIB);
      const last = content.length - 1;
      await store.put(key, streamOf(content), { contentType });
      for (const [start, end] of [
        [0, 0],
        [0, 999],
        [4 * MIB - 5, 4 * MIB + 5],
        [8 * MIB - 1, 8 * MIB],
        [last, last],
        [0, last],
      ] as const) {
        const object = await store.get(key, { range: { start, end } });
        expect(object).toMatchObject({ contentLength: end - start + 1, totalBytes: content.length });
        expect(content.subarray(start, end + 1).equals(await contentOf(object))).toBe(true);
      }
      for (const [start, end] of [
        [0, last + 1],
        [last + 1, last + 1],
        [5, 4],
      ] as const)
        await expect(store.get(key, { range: { start, end } })).rejects.toThrow();
    });

    it.each([
      ['at once', 0],
      ['within the first part', 100 * KIB],
      ['after the first part', 12 * MIB],
      ['after several', 30 * MIB],
    ])('stores nothing of a stream that fails %s', async (_name, bytes) => {
      const key = newKey();
      const error = new Error('the upstream hung up');
      await expect(store.put(key, failingStream(randomContent(bytes), error), { contentType })).rejects.toBe(
        error,
      );
      expect(await store.head(key)).toBeNull();
      expect(await target.unfinishedPuts()).toBe(0);
    });

    it('leaves the object as it was when a later put fails', async () => {
      const key = newKey();
      const content = randomContent(1000);
      await store.put(key, streamOf(content), { contentType, metadata: { version: '1' } });
      const body = failingStream(randomContent(12 * MIB), new Error('cut'));
      await expect(store.put(key, body, { contentType: 'image/jpeg' })).rejects.toThrow('cut');
      expect(await read(key)).toEqual(content);
      expect(await store.head(key)).toEqual({ bytes: 1000, contentType, metadata: { version: '1' } });
    });

    it('stores nothing of a stream that was destroyed before it ended', async () => {
      const key = newKey();
      const { stream, given } = stallingStream(randomContent(10 * MIB));
      const putting = expect(store.put(key, stream, { contentType })).rejects.toThrow();
      await given;
      stream.destroy();
      await putting;
      const destroyed = streamOf(randomContent(10)).destroy();
      await expect(store.put(key, destroyed, { contentType })).rejects.toThrow();
      expect(await store.head(key)).toBeNull();
      expect(await target.unfinishedPuts()).toBe(0);
    });

    it.each([
      ['the first part', 100 * KIB],
      ['a later part', 20 * MIB],
    ])('gives up a put that is aborted during %s', async (_name, bytes) => {
      const key = newKey();
      const reason = new Error('shutting down');
      const abort = new AbortController();
      const { stream, given } = stallingStream(randomContent(bytes));
      const putting = expect(store.put(key, stream, { contentType, signal: abort.signal })).rejects.toBe(
        reason,
      );
      await given;
      abort.abort(reason);
      await putting;
      expect(stream.destroyed).toBe(true);
      expect(await store.head(key)).toBeNull();
      expect(await target.unfinishedPuts()).toBe(0);
    });

    it('does not begin what is aborted already', async () => {
      const key = newKey();
      const signal = AbortSignal.abort();
      const body = streamOf(randomContent(10));
      await expect(store.put(key, body, { contentType, signal })).rejects.toThrow(signal.reason);
      expect(body.destroyed).toBe(true);
      await expect(store.get(key, { signal })).rejects.toThrow();
      expect(await store.head(key)).toBeNull();
    });

    it('ends a read that is aborted, also before anyone listens', async () => {
      const key = newKey();
      await store.put(key, streamOf(randomContent(20 * MIB)), { contentType });
      for (const reads of [true, false]) {
        const abort = new AbortController();
        const object = await store.get(key, { signal: abort.signal });
        if (!object) throw new Error('nothing stored');
        if (reads) await object.body[Symbol.asyncIterator]().next();
        abort.abort();
        await vi.waitFor(() => expect(object.body.destroyed).toBe(true), 10_000);
        await expect(finished(object.body)).rejects.toThrow();
      }
    });

    it('waits for a reader that is slow', async () => {
      const key = newKey();
      await store.put(key, streamOf(randomContent(40 * MIB)), { contentType });
      const object = await store.get(key);
      if (!object) throw new Error('nothing stored');
      object.body.read(0);
      let buffered = -1;
      // Until what is read ahead grows no more.
      await vi.waitFor(
        () => {
          const before = buffered;
          buffered = object.body.readableLength;
          expect(buffered).toBeGreaterThan(0);
          expect(buffered).toBe(before);
        },
        { interval: 200, timeout: 10_000 },
      );
      expect(buffered).toBeLessThan(1 * MIB);
      expect((await buffer(object.body)).length).toBe(40 * MIB);
    });

    it('takes many puts at a time', async () => {
      const puts = Array.from({ length: 12 }, (_, index) => ({
        key: newKey(),
        content: randomContent(index % 3 === 0 ? 9 * MIB + index : 1000 + index),
      }));
      await Promise.all(puts.map(({ key, content }) => store.put(key, streamOf(content), { contentType })));
      for (const { key, content } of puts) expect(content.equals(await read(key))).toBe(true);
    });

    it('keeps one whole object of several that are put to one key at a time', async () => {
      const key = newKey();
      const contents = Array.from({ length: 6 }, (_, index) => randomContent(1000 + index * 3 * MIB));
      await Promise.all(contents.map((content) => store.put(key, streamOf(content), { contentType })));
      const kept = await read(key);
      expect(contents.some((content) => content.equals(kept))).toBe(true);
      expect(await target.unfinishedPuts()).toBe(0);
    });

    it('signs URLs that anyone may GET, with the type and name that were signed', async () => {
      const key = newKey();
      const content = randomContent(100 * KIB);
      await store.put(key, streamOf(content), { contentType: 'application/octet-stream' });
      const url = await store.presign(key, { expiresInSeconds: 60, contentType, fileName: 'my video.mp4' });
      const response = await fetch(url);
      expect(response.status).toBe(200);
      expect(content.equals(Buffer.from(await response.arrayBuffer()))).toBe(true);
      expect(response.headers.get('content-type')).toBe(contentType);
      expect(response.headers.get('content-disposition')).toBe('attachment; filename="my video.mp4"');
    });

    it('refuses a signed URL that was changed anywhere', async () => {
      const key = newKey();
      const other = newKey();
      for (const written of [key, other])
        await store.put(written, streamOf(randomContent(10)), { contentType });
      const url = await store.presign(key, { expiresInSeconds: 60, contentType, fileName: 'a.mp4' });
      const status = async (changed: URL): Promise<number> => {
        const response = await fetch(changed);
        await response.arrayBuffer();
        return response.status;
      };
      expect(await status(new URL(url))).toBe(200);
      expect(await status(new URL(url.replace(key, other)))).toBe(403);
      expect(await status(new URL(new URL(url).pathname, url))).toBe(403);
      for (const name of new URL(url).searchParams.keys()) {
        const changed = new URL(url);
        changed.searchParams.set(name, `${changed.searchParams.get(name)}1`);
        expect([name, [400, 403].includes(await status(changed))]).toEqual([name, true]);
      }
    });

    it('refuses a signed URL once it has expired', async () => {
      const key = newKey();
      await store.put(key, streamOf(randomContent(10)), { contentType });
      const url = await store.presign(key, { expiresInSeconds: 2, contentType, fileName: 'a.mp4' });
      const status = async (): Promise<number> => {
        const response = await fetch(url);
        await response.arrayBuffer();
        return response.status;
      };
      expect(await status()).toBe(200);
      await vi.waitFor(async () => expect(await status()).toBe(403), { timeout: 10_000, interval: 200 });
    });

    it('grows by less than 40 MiB for an object of 200 MiB, in and out', async () => {
      const program = fileURLToPath(new URL('object-store-memory-process.ts', import.meta.url));
      const key = newKey();
      const stream = async (direction: 'put' | 'get'): Promise<{ sha256: string; growthMib: number }> => {
        const task = JSON.stringify({ options: target.options, direction, key, totalBytes: 200 * MIB });
        const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program, task]);
        return JSON.parse(stdout);
      };
      const put = await stream('put');
      expect((await store.head(key))?.bytes).toBe(200 * MIB);
      const got = await stream('get');
      expect(got.sha256).toBe(put.sha256);
      console.log(`${name}: 200 MiB in: +${put.growthMib} MiB, out: +${got.growthMib} MiB`);
      expect(put.growthMib).toBeLessThan(40);
      expect(got.growthMib).toBeLessThan(40);
      await store.delete(key);
    });

    if (name === 'S3') describeS3Faults(() => target);
  });
});
