/** What an S3 server, or the way to it, may do to us: the cases that only the S3 store has. */

import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createS3ObjectStore, type S3ObjectStore } from '@reelgate/adapters/s3';
import { freePort } from '@reelgate/embedded';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { contentOf, MIB, randomContent, streamOf } from './object-store-bodies.ts';
import type { StoreUnderTest } from './object-store-harness.ts';
import { type FaultProxy, startFaultProxy } from './object-store-proxy.ts';

const contentType = 'video/mp4';

export function describeS3Faults(target: () => StoreUnderTest): void {
  describe('over a bad way', () => {
    let proxy: FaultProxy;
    let store: S3ObjectStore;

    const s3Options = () => {
      const { s3 } = target().options;
      if (!s3?.endpoint) throw new Error('no S3 store');
      return { ...s3, endpoint: s3.endpoint };
    };
    beforeEach(async () => {
      proxy = await startFaultProxy(s3Options().endpoint);
      store = createS3ObjectStore({ ...s3Options(), endpoint: proxy.url });
    });
    afterEach(() => {
      store.close();
      proxy.stop();
    });

    it.each([
      ['the answer to a single put', 1 * MIB, /^PUT /],
      ['the answer to the end of a multipart upload', 20 * MIB, /^POST .*[?&]uploadId=/],
    ])('finds its object where %s is lost each time', async (_name, bytes, requests) => {
      const content = randomContent(bytes);
      let lost = 0;
      proxy.fate = (line) => {
        if (!requests.test(line)) return 'pass';
        lost += 1;
        return 'lose answer';
      };
      expect(await store.put('faults/lost', streamOf(content), { contentType })).toEqual({ bytes });
      expect(lost).toBeGreaterThan(0);
      const object = await target().store.get('faults/lost');
      expect(content.equals(await contentOf(object))).toBe(true);
      expect(await target().unfinishedPuts()).toBe(0);
      await target().store.delete('faults/lost');
    });

    it('does not take an older object for its own where the end never reached the server', async () => {
      const content = randomContent(9 * MIB);
      await target().store.put('faults/older', streamOf(content), { contentType });
      proxy.fate = (line) => (/^POST .*[?&]uploadId=/.test(line) ? 'cut' : 'pass');
      const putting = store.put('faults/older', streamOf(randomContent(9 * MIB)), { contentType });
      await expect(putting).rejects.toThrow();
      const object = await target().store.get('faults/older');
      expect(content.equals(await contentOf(object))).toBe(true);
      expect(await target().unfinishedPuts()).toBe(0);
    });

    it('sends a part again that was cut once', async () => {
      const content = randomContent(20 * MIB);
      let cuts = 0;
      proxy.fate = (line) => (/partNumber=2/.test(line) && cuts++ === 0 ? 'cut' : 'pass');
      await store.put('faults/again', streamOf(content), { contentType });
      expect(cuts).toBe(2);
      const object = await store.get('faults/again');
      expect(content.equals(await contentOf(object))).toBe(true);
    });

    it('gives up, and leaves nothing, where a part is cut each time', async () => {
      proxy.fate = (line) => (/partNumber=2/.test(line) ? 'cut' : 'pass');
      const body = streamOf(randomContent(40 * MIB));
      await expect(store.put('faults/cut', body, { contentType })).rejects.toThrow();
      expect(body.destroyed).toBe(true);
      expect(await store.head('faults/cut')).toBeNull();
      expect(await target().unfinishedPuts()).toBe(0);
    });

    it('does not read on from the stream while the server takes nothing', async () => {
      let read = 0;
      const content = randomContent(64 * 1024);
      const body = new Readable({
        read() {
          if (read === 60 * MIB) return void this.push(null);
          read += content.length;
          this.push(content);
        },
      });
      proxy.fate = (line) => (/partNumber=/.test(line) ? 'hold' : 'pass');
      const putting = store.put('faults/held', body, { contentType });
      let before = -1;
      // Until it reads no more.
      await vi.waitFor(
        () => {
          const since = before;
          before = read;
          expect(read).toBeGreaterThan(8 * MIB);
          expect(read).toBe(since);
        },
        { interval: 500, timeout: 15_000 },
      );
      expect(proxy.requestBytes).toBeLessThan(8 * MIB);
      expect(read).toBeLessThan(18 * MIB);
      proxy.release();
      expect(await putting).toEqual({ bytes: 60 * MIB });
    });

    it('cancels the parts under way when it is aborted', async () => {
      const abort = new AbortController();
      const { promise: begun, resolve } = Promise.withResolvers<void>();
      proxy.fate = (line) => {
        if (!/partNumber=2/.test(line)) return 'pass';
        resolve();
        return 'hold';
      };
      const body = streamOf(randomContent(40 * MIB));
      const putting = store.put('faults/abort', body, { contentType, signal: abort.signal });
      const settled = expect(putting).rejects.toThrow('stop it');
      await begun;
      abort.abort(new Error('stop it'));
      await settled;
      expect(body.destroyed).toBe(true);
      expect(await target().unfinishedPuts()).toBe(0);
    });

    it('ends a read with an error, never short, where the connection is cut', async () => {
      await store.put('faults/read', streamOf(randomContent(20 * MIB)), { contentType });
      proxy.cutAnswersAfterBytes = 5 * MIB;
      const object = await store.get('faults/read');
      if (!object) throw new Error('nothing stored');
      await expect(buffer(object.body)).rejects.toThrow();
    });

    it('does not say that an object is missing where it could not ask', async () => {
      const nobody = `http://127.0.0.1:${await freePort()}`;
      const unreachable = createS3ObjectStore({ ...s3Options(), endpoint: nobody });
      const bucketless = createS3ObjectStore({ ...s3Options(), bucket: 'no-such-bucket-here' });
      await expect(unreachable.get('a')).rejects.toThrow();
      await expect(unreachable.head('a')).rejects.toThrow();
      await expect(unreachable.put('a', streamOf(randomContent(9 * MIB)), { contentType })).rejects.toThrow();
      await expect(bucketless.get('a')).rejects.toThrow();
      await expect(bucketless.selfTest()).rejects.toThrow('no-such-bucket-here');
    });

    it('says which bucket it cannot use, and never its secret', async () => {
      const secretAccessKey = 'wrong-secret-of-this-test';
      const stranger = createS3ObjectStore({ ...s3Options(), secretAccessKey });
      for (const attempt of [stranger.ensureBucket, stranger.selfTest]) {
        const error: Error = await attempt().then(
          () => Promise.reject(new Error('it was let in')),
          (refusal: Error) => refusal,
        );
        expect(error.message).toMatch(/bucket reelgate-test-.*403/);
        expect(JSON.stringify(error.cause) + error.message).not.toContain(secretAccessKey);
      }
    });
  });
}
