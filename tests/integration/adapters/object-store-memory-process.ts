/** In a process of its own, so that its memory is the store's alone: streams a long object in and out, and tells the growth. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { KIB, MIB } from './object-store-bodies.ts';
import { createStore } from './object-store-harness.ts';

const { options, totalBytes } = JSON.parse(process.argv[2] ?? '');
const store = createStore(options);
const key = 'memory/long';

/** Fresh buffers with changing content, as from a socket. */
function source(bytes: number, hash = createHash('sha256')): Readable {
  let left = bytes;
  return new Readable({
    read() {
      if (left === 0) return void this.push(null);
      const chunk = Buffer.alloc(Math.min(64 * KIB, left), String(left));
      left -= chunk.length;
      hash.update(chunk);
      this.push(chunk);
    },
  });
}

/** The highest memory so far, in bytes. */
const peak = (): number => process.resourceUsage().maxRSS * KIB;

async function read(hash = createHash('sha256')): Promise<number> {
  const object = await store.get(key);
  if (!object) throw new Error('nothing stored');
  let bytes = 0;
  object.body.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    hash.update(chunk);
  });
  await finished(object.body);
  return bytes;
}

await store.put(key, source(64 * KIB), { contentType: 'video/mp4' });
await read();
const before = peak();
const sent = createHash('sha256');
const received = createHash('sha256');
const { bytes: put } = await store.put(key, source(totalBytes, sent), { contentType: 'video/mp4' });
const afterPut = peak();
const got = await read(received);
const afterGet = peak();
await store.delete(key);
store.close();

console.log(
  JSON.stringify({
    put,
    got,
    same: sent.digest('hex') === received.digest('hex'),
    putGrowthMib: Math.round((afterPut - before) / MIB),
    getGrowthMib: Math.round((afterGet - afterPut) / MIB),
  }),
);
