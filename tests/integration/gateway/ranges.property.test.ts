import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createFilesystemObjectStore } from '@reelgate/adapters/filesystem';
import type { ObjectStore } from '@reelgate/core/ports';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type StoreUnderTest, s3Availability, startS3Store } from '../adapters/object-store-harness.ts';
import { type Answer, type Stack, startStack, type Team } from './gateway-process.ts';
import { type StaticFileServer, startStaticFileServer } from './static-file-server.ts';

interface Request {
  readonly method: 'GET' | 'HEAD';
  readonly headers: Readonly<Record<string, string>>;
}

/** Sizes and positions in bytes. Those near each other and near the ends of the file are where mistakes are. */
const size = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 200_000 }));
const position = (bytes: number) =>
  fc.oneof(
    fc.integer({ min: 0, max: bytes + 10 }),
    fc.integer({ min: Math.max(0, bytes - 3), max: bytes + 3 }),
    fc.constantFrom(0, 1, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER),
  );

function rangeSpec(bytes: number): fc.Arbitrary<string> {
  const at = position(bytes);
  return fc.oneof(
    { weight: 3, arbitrary: fc.tuple(at, at).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`) },
    { weight: 2, arbitrary: at.map((start) => `${start}-`) },
    { weight: 2, arbitrary: at.map((length) => `-${length}`) },
    // Often the wrong way round.
    fc.tuple(at, at).map(([a, b]) => `${a}-${b}`),
    fc.bigInt({ min: 0n, max: 10n ** 40n }).map((huge) => `0-${huge}`),
    fc.constantFrom(
      '-',
      '',
      'x',
      'x-y',
      '0x1-2',
      '1.5-3',
      '1e1-',
      '-0',
      '--1',
      '1--',
      '١-٢',
      '0-0-0',
      ' 1 - 2 ',
    ),
    fc.string({ unit: fc.constantFrom('0', '9', '-', '=', '.', 'x', ';'), maxLength: 8 }),
  );
}

function rangeHeader(bytes: number): fc.Arbitrary<string> {
  const spec = rangeSpec(bytes);
  return fc.oneof(
    { weight: 6, arbitrary: spec.map((one) => `bytes=${one}`) },
    fc.array(spec, { minLength: 2, maxLength: 5 }).map((several) => `bytes=${several.join(',')}`),
    spec.map((one) => `bytes= ${one}`),
    fc
      .tuple(fc.constantFrom('items', 'bytes', 'Bytes', 'none'), fc.constantFrom(' ', ':', ''))
      .map(([unit, sign]) => `${unit}${sign}0-1`),
    spec.map((one) => `Bytes=${one}`),
  );
}

const tags = (etag: string) =>
  fc.constantFrom(etag, '"other"', '""', `${etag.slice(0, -2)}"`, 'nonsense', etag.slice(1, -1));

function request(bytes: number, etag: string): fc.Arbitrary<Request> {
  const noneMatch = fc.oneof(
    tags(etag),
    tags(etag).map((tag) => `W/${tag}`),
    fc.array(tags(etag), { minLength: 2, maxLength: 4 }).map((list) => list.join(', ')),
    fc.constant('*'),
  );
  const ifRange = fc.oneof(
    { weight: 2, arbitrary: fc.constant(etag) },
    tags(etag),
    fc.constantFrom('Tue, 24 Nov 2026 00:00:00 GMT', 'Thu, 01 Jan 1970 00:00:00 GMT'),
  );
  return fc.record({
    method: fc.oneof({ weight: 4, arbitrary: fc.constant('GET' as const) }, fc.constant('HEAD' as const)),
    headers: fc
      .record(
        { range: rangeHeader(bytes), 'if-range': ifRange, 'if-none-match': noneMatch },
        { requiredKeys: [] },
      )
      .filter((headers) => Object.values(headers).every((value) => !/[^\x20-\x7e]/.test(value))),
  });
}

/**
 * What to ask the reference for the same answer, where it and RFC 9110 part:
 * 14.2: a range means something for GET only, and the reference cuts the `content-length` of a HEAD too.
 * 14.1.2: a suffix longer than the file is the whole file, and the reference refuses it.
 * 14.2: several ranges may be ignored, which we always do; the reference joins them where they touch.
 */
function asReferenceTakesIt({ method, headers }: Request, bytes: number): Request {
  const { range, ...others } = headers;
  const several = range?.includes(',') === true;
  if (range === undefined || method === 'HEAD' || several) return { method, headers: others };
  const suffix = /^bytes= *-(\d+) *$/.exec(range)?.[1];
  return suffix !== undefined && Number(suffix) > bytes
    ? { method, headers: { ...headers, range: 'bytes=0-' } }
    : { method, headers };
}

let reference: StaticFileServer;
let directory: string;

beforeAll(async () => {
  reference = await startStaticFileServer();
  directory = await mkdtemp(join(tmpdir(), 'reelgate-ranges-'));
});
afterAll(async () => {
  await reference?.close();
  await rm(directory, { recursive: true, force: true });
});

/** A completed video whose content can be exchanged. */
async function startContent(stack: Stack, store: ObjectStore) {
  await stack.startWorker();
  const team: Team = await stack.addTeam();
  const { id } = (await stack.create(team)).json;
  await vi.waitUntil(
    async () => (await stack.ask(team, 'GET', `/v1/videos/${id}`)).json.status === 'completed',
    { timeout: 30_000, interval: 50 },
  );
  return {
    async replace(content: Buffer): Promise<string> {
      const sha256 = createHash('sha256').update(content).digest('hex');
      const key = `ranges/${randomBytes(12).toString('hex')}.mp4`;
      await store.put(key, Readable.from([content]), { contentType: 'video/mp4' });
      await stack.database.db.$client.query(
        `update assets set object_key = $2, bytes = $3, sha256 = $4 where video_id = $1 and variant = 'video'`,
        [id, key, content.length, sha256],
      );
      return `"${sha256}"`;
    },
    ask: ({ method, headers }: Request) => stack.ask(team, method, `/v1/videos/${id}/content`, { headers }),
  };
}

const seen = ({ status, headers, bytes }: Answer) => ({
  status,
  range: headers['content-range'],
  // That of a refusal is the length of its words.
  length: status < 400 ? headers['content-length'] : undefined,
  etag: status < 400 ? headers.etag : undefined,
  acceptRanges: status < 400 && status !== 304 ? headers['accept-ranges'] : undefined,
  bytes: status < 400 ? bytes.toString('base64') : undefined,
});

async function holds(stack: Stack, store: ObjectStore, numRuns: number): Promise<Set<number>> {
  const content = await startContent(stack, store);
  const statuses = new Set<number>();
  let files = 0;
  const cases = size.chain((bytes) =>
    fc
      .uint8Array({ minLength: bytes, maxLength: bytes, size: 'max' })
      .map((array) => Buffer.from(array))
      .chain((file) => {
        const etag = `"${createHash('sha256').update(file).digest('hex')}"`;
        return fc.tuple(fc.constant(file), fc.array(request(bytes, etag), { minLength: 1, maxLength: 12 }));
      }),
  );
  await fc.assert(
    fc.asyncProperty(cases, async ([file, requests]) => {
      const path = join(directory, `${++files}.mp4`);
      await writeFile(path, file);
      const etag = await content.replace(file);
      reference.serve({ path, etag });
      for (const asked of requests) {
        const { method, headers } = asReferenceTakesIt(asked, file.length);
        const [ours, theirs] = await Promise.all([
          content.ask(asked),
          stack.ask(null, method, '/', { headers, origin: reference.origin }),
        ]);
        expect(seen(ours), JSON.stringify(asked)).toEqual(seen(theirs));
        statuses.add(ours.status);
      }
      await rm(path);
    }),
    { numRuns },
  );
  return statuses;
}

describe('content is served as a static file server serves the same file', () => {
  test('from the file store', async () => {
    const stack = await startStack();
    try {
      // Every kind of answer came up, so that none of them went untried.
      const store = createFilesystemObjectStore({
        directory: stack.objectsDirectory,
        publicUrl: 'http://localhost:8080',
        signingSecret: 'nothing is signed here, in 32 bytes',
      });
      expect(await holds(stack, store, 100)).toEqual(new Set([200, 206, 304, 416]));
    } finally {
      await stack.close();
    }
  });
});

const s3 = await s3Availability();
describe.skipIf(s3 !== true)(`the same from S3${s3 === true ? '' : ` (skipped: ${s3})`}`, () => {
  let s3Store: StoreUnderTest;
  beforeAll(async () => {
    s3Store = await startS3Store();
    await s3Store.store.ensureBucket();
  });
  afterAll(() => s3Store?.stop());

  test('a range of an object is that range', async () => {
    const stack = await startStack({ s3: s3Store.options.s3 });
    try {
      expect(await holds(stack, s3Store.store, 40)).toEqual(new Set([200, 206, 304, 416]));
    } finally {
      await stack.close();
    }
  });
});
