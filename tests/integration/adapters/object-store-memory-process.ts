/**
 * In a process of its own, so that its memory is the store's alone: streams a long object in or out, and tells the growth.
 * Needs --expose-gc. V8 leaves up to 64 MiB of buffers that nobody holds any more before it looks at them, for all streams of
 * a process together; it is made to look often here, so that what is left is what the store holds.
 */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { KIB, MIB, randomContent } from './object-store-bodies.ts';
import { createStore } from './object-store-harness.ts';

if (!globalThis.gc) throw new Error('start it with --expose-gc');
const { options, direction, key, totalBytes } = JSON.parse(process.argv[2] ?? '');
const store = createStore(options);

// Their number is prime, so that no two parts of the object are equal.
const chunks = Array.from({ length: 61 }, () => randomContent(64 * KIB));

let peakBytes = 0;
let sinceCollected = 0;
function observe(chunk: Buffer): void {
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
  sinceCollected += chunk.length;
  if (sinceCollected < 2 * MIB) return;
  sinceCollected = 0;
  globalThis.gc?.();
}

async function put(name: string, bytes: number): Promise<string> {
  const hash = createHash('sha256');
  let given = 0;
  const body = new Readable({
    read() {
      if (given === bytes) return void this.push(null);
      const chunk = chunks[(given / (64 * KIB)) % chunks.length] ?? Buffer.alloc(0);
      given += chunk.length;
      hash.update(chunk);
      observe(chunk);
      this.push(chunk);
    },
  });
  await store.put(name, body, { contentType: 'video/mp4' });
  return hash.digest('hex');
}

async function get(name: string): Promise<string> {
  const object = await store.get(name);
  if (!object) throw new Error('nothing stored');
  const hash = createHash('sha256');
  for await (const chunk of object.body) {
    hash.update(chunk);
    observe(chunk);
  }
  return hash.digest('hex');
}

const warmUp = `${key}-warm-up`;
await put(warmUp, 64 * KIB);
await get(warmUp);
await store.delete(warmUp);
globalThis.gc();
const before = process.memoryUsage.rss();
peakBytes = before;
const sha256 = direction === 'put' ? await put(key, totalBytes) : await get(key);
const growthMib = Math.round((peakBytes - before) / MIB);
store.close();
console.log(JSON.stringify({ sha256, growthMib }));
