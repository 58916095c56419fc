import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { addAbortSignal, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { ObjectStore } from '@reelgate/core/ports';
import { assertObjectKey } from './object-key.ts';
import { createUrlSigner, type PresignedObject } from './presigned-url.ts';

const PRIVATE_FILE = 0o600;
const PRIVATE_DIRECTORY = 0o700;
/** A living writer touches its file far more often than this. */
const TEMPORARY_LIFE_MS = 60 * 60 * 1000;

interface Sidecar {
  readonly contentType: string;
  readonly metadata: Record<string, string>;
}

export interface FilesystemObjectStore extends ObjectStore {
  /** Makes the directories and removes what writers that died have left. To be called once at start. */
  ensureBucket(): Promise<void>;
  /** Puts, heads, gets and deletes a probe; throws where any of it fails. */
  selfTest(): Promise<void>;
  /** What a URL of `presign` gives access to; null where it was changed, has expired, or is not ours. */
  verifyPresigned(url: URL): PresignedObject | null;
  close(): void;
}

/**
 * An object store in a directory of this machine, for one machine: bytes in `objects/<key>`, type and metadata in
 * `metadata/<key>.json`. A file reaches `objects` only by a rename once it is whole and on the disk, and its sidecar
 * before it. Keys are written once in practice; where one is overwritten, the last writer wins.
 *
 * Metadata is bound to what S3 can carry, so that nothing works here and fails there.
 */
export function createFilesystemObjectStore(options: {
  readonly directory: string;
  /** Where the gateway serves `/objects/`; see `verifyPresigned`. */
  readonly publicUrl: string;
  /** At least 32 bytes. */
  readonly signingSecret: string;
  /** The clock of signed URLs, in ms. */
  readonly now?: () => number;
}): FilesystemObjectStore {
  const { directory, publicUrl, signingSecret, now = Date.now } = options;
  const signer = createUrlSigner({ publicUrl, signingSecret, now });
  const objects = join(directory, 'objects');
  const sidecars = join(directory, 'metadata');
  const temporary = join(directory, 'temporary');
  const commits = createTurns();

  const objectPath = (key: string): string => {
    assertObjectKey(key);
    return join(objects, key);
  };
  const sidecarPath = (key: string): string => join(sidecars, `${key}.json`);

  async function readSidecar(key: string): Promise<Sidecar> {
    return JSON.parse(await readFile(sidecarPath(key), 'utf8')) as Sidecar;
  }

  const store: FilesystemObjectStore = {
    // A name for the rows that refer to it; the directory itself may move.
    bucket: 'filesystem',

    async put(key, body, { contentType, metadata = {}, signal }) {
      const draft = join(temporary, randomUUID());
      const sidecarDraft = `${draft}.json`;
      try {
        const target = objectPath(key);
        assertMetadata(metadata);
        await makeDirectory(temporary);
        const file = await open(draft, 'wx', PRIVATE_FILE);
        const sink = file.createWriteStream({ flush: true });
        await pipeline(body, sink, signal ? { signal } : {});
        const sidecar: Sidecar = { contentType, metadata };
        await writeFile(sidecarDraft, JSON.stringify(sidecar), {
          flag: 'wx',
          mode: PRIVATE_FILE,
          flush: true,
        });
        await commits.take(key, async () => {
          signal?.throwIfAborted();
          await place(sidecarDraft, sidecarPath(key));
          await place(draft, target);
        });
        return { bytes: sink.bytesWritten };
      } catch (error) {
        body.destroy();
        await Promise.all([rm(draft, { force: true }), rm(sidecarDraft, { force: true })]);
        throw signal?.aborted ? signal.reason : error;
      }
    },

    async get(key, { range, signal } = {}) {
      signal?.throwIfAborted();
      const file = await unlessMissing(open(objectPath(key), 'r'));
      if (file === null) {
        // A volume that is away must not pass for one that has lost what was stored.
        await stat(objects);
        return null;
      }
      try {
        const found = await file.stat();
        if (!found.isFile()) {
          await file.close();
          return null;
        }
        const totalBytes = found.size;
        if (range && !(range.start >= 0 && range.start <= range.end && range.end < totalBytes))
          throw new RangeError(`range ${range.start}-${range.end} is not inside ${totalBytes} bytes`);
        const body = file.createReadStream(range ? { start: range.start, end: range.end } : {});
        if (signal) {
          // An abort before anyone reads must not end the process; who reads still sees the error.
          body.on('error', () => {});
          addAbortSignal(signal, body);
        }
        return { body, contentLength: range ? range.end - range.start + 1 : totalBytes, totalBytes };
      } catch (error) {
        await file.close();
        throw error;
      }
    },

    async head(key) {
      const found = await unlessMissing(stat(objectPath(key)));
      if (!found?.isFile()) return null;
      const sidecar = await unlessMissing(readSidecar(key));
      // Deleted between the two looks.
      if (sidecar === null) return null;
      return { bytes: found.size, contentType: sidecar.contentType, metadata: sidecar.metadata };
    },

    async delete(key) {
      const target = objectPath(key);
      await commits.take(key, async () => {
        await unlessMissing(rm(target));
        await unlessMissing(rm(sidecarPath(key)));
      });
    },

    async *list(prefix) {
      for await (const path of walkFiles(objects, prefix)) {
        const found = await unlessMissing(stat(join(objects, path)));
        if (found?.isFile()) yield { key: path, bytes: found.size, modifiedAt: found.mtime };
      }
    },

    async removeUnfinished(olderThanMs) {
      const oldest = Date.now() - olderThanMs;
      let removed = 0;
      for (const name of (await unlessMissing(readdir(temporary))) ?? []) {
        const path = join(temporary, name);
        const found = await unlessMissing(stat(path));
        if (found === null || found.mtimeMs >= oldest) continue;
        await rm(path, { force: true });
        removed++;
      }
      return removed;
    },

    async presign(key, { expiresInSeconds, contentType, fileName }) {
      assertObjectKey(key);
      return signer.sign({ key, contentType, fileName }, expiresInSeconds);
    },

    verifyPresigned: (url) => signer.verify(url),

    async ensureBucket() {
      for (const path of [objects, sidecars, temporary]) await makeDirectory(path);
      await store.removeUnfinished(TEMPORARY_LIFE_MS);
    },

    async selfTest() {
      const key = `self-test/${randomUUID()}`;
      const probe = Buffer.from(key);
      try {
        await store.put(key, Readable.from([probe]), { contentType: 'text/plain' });
        const head = await store.head(key);
        const object = await store.get(key);
        if (head?.bytes !== probe.length || object === null || !probe.equals(await buffer(object.body)))
          throw new Error(`${directory} does not give back what was stored`);
      } finally {
        await store.delete(key);
      }
    },

    close() {},
  };
  return store;
}

/** The files below a directory whose path begins with `prefix`, in the order of their paths, without reading other folders. */
async function* walkFiles(root: string, prefix: string, folder = ''): AsyncGenerator<string> {
  const entries = (await unlessMissing(readdir(join(root, folder), { withFileTypes: true }))) ?? [];
  const named = entries.map((entry) => ({
    entry,
    path: `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`,
  }));
  for (const { entry, path } of named.sort((a, b) => (a.path < b.path ? -1 : 1))) {
    if (entry.isDirectory()) {
      if (path.startsWith(prefix) || prefix.startsWith(path)) yield* walkFiles(root, prefix, path);
    } else if (path.startsWith(prefix)) yield path;
  }
}

/** Runs tasks of one name one after the other, and of different names side by side. */
function createTurns(): { take<T>(name: string, task: () => Promise<T>): Promise<T> } {
  const last = new Map<string, Promise<unknown>>();
  return {
    async take(name, task) {
      const turn = (last.get(name) ?? Promise.resolve()).then(task, task);
      last.set(name, turn);
      try {
        return await turn;
      } finally {
        if (last.get(name) === turn) last.delete(name);
      }
    },
  };
}

/** Names and values that survive a trip through HTTP headers unchanged. */
function assertMetadata(metadata: Record<string, string>): void {
  for (const [name, value] of Object.entries(metadata)) {
    if (!/^[a-z0-9-]+$/.test(name)) throw new RangeError(`not a valid metadata name: ${name.slice(0, 100)}`);
    if (!/^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/.test(value))
      throw new RangeError(`the value of metadata ${name} must be printable ASCII`);
  }
}

function makeDirectory(path: string): Promise<string | undefined> {
  return mkdir(path, { recursive: true, mode: PRIVATE_DIRECTORY });
}

/** Renames, and makes the new name outlast a power failure: a name lives in its directory, which is synced on its own. */
async function place(draft: string, target: string): Promise<void> {
  const parent = dirname(target);
  const firstMade = await makeDirectory(parent);
  await rename(draft, target);
  const oldestChanged = firstMade === undefined ? parent : dirname(firstMade);
  for (let changed = parent; changed.length >= oldestChanged.length; changed = dirname(changed))
    await syncDirectory(changed);
}

async function syncDirectory(path: string): Promise<void> {
  // Windows cannot open a directory.
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function unlessMissing<T>(result: Promise<T>): Promise<T | null> {
  try {
    return await result;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}
