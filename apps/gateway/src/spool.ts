import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, mkdtemp, open, readdir, rm, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { ApiError, tooLarge } from './errors.ts';

const PREFIX = 'reelgate-upload-';
const CHUNK_BYTES = 64 * 1024;
/** What a look at the beginning of a file may see of it. */
const HEAD_BYTES = 1_024;

/** A file of one request, on disk. It can be read as often as needed until that request has ended. */
export class SpooledFile {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  /** The first 1,024 bytes. */
  readonly head: Buffer;
  /** As the caller said; not checked. */
  readonly declaredType: string;
  /** As the caller said; undefined where it has none. */
  readonly fileName: string | undefined;
  readonly #handle: FileHandle;

  constructor(
    handle: FileHandle,
    facts: {
      bytes: number;
      sha256: string;
      head: Buffer;
      declaredType: string;
      fileName?: string | undefined;
    },
  ) {
    this.bytes = facts.bytes;
    this.sha256 = facts.sha256;
    this.head = facts.head;
    this.declaredType = facts.declaredType;
    this.fileName = facts.fileName;
    this.#handle = handle;
  }

  /** Up to `length` bytes at `offset`; fewer only at the end. */
  async read(offset: number, length: number): Promise<Buffer> {
    const wanted = Math.max(0, Math.min(length, this.bytes - offset));
    const { buffer, bytesRead } = await this.#handle.read(Buffer.alloc(wanted), 0, wanted, offset);
    return buffer.subarray(0, bytesRead);
  }

  open(): Readable {
    const stream = Readable.from(this.#chunks(), { objectMode: false, highWaterMark: CHUNK_BYTES });
    // One whose reader has gone must not end the process when the file goes.
    return stream.on('error', () => {});
  }

  async *#chunks(): AsyncGenerator<Buffer> {
    for (let at = 0; at < this.bytes; ) {
      const chunk = await this.read(at, CHUNK_BYTES);
      if (chunk.length === 0) throw new Error('an upload is shorter than it was when it came');
      yield chunk;
      at += chunk.length;
    }
  }
}

/** Writes what comes in to disk, hashed on the way. Throws 413 above `maxBytes`, and whatever `content` throws. */
export type Receive = (
  content: AsyncIterable<Buffer>,
  options: {
    readonly name: string;
    readonly declaredType: string;
    readonly maxBytes: number;
    readonly fileName?: string | undefined;
  },
) => Promise<SpooledFile>;

export interface Spool {
  readonly directory: string;
  /** What `work` receives is there until `work` has ended, whatever its end. */
  during<T>(work: (receive: Receive) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * Keeps uploads on disk while their requests last. A file loses its name as soon as it is open, so that the system removes it
 * with the process at the latest, however that ends. Null for `directory` is a fresh one, removed by `close`.
 */
export async function createSpool(given: string | null): Promise<Spool> {
  const directory = given ?? (await mkdtemp(join(tmpdir(), 'reelgate-spool-')));
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // Of a process that died between the making of a file and the taking of its name. One that lives does not mind.
  for (const name of await readdir(directory)) {
    if (name.startsWith(PREFIX)) await rm(join(directory, name), { force: true });
  }
  return {
    directory,
    async during(work) {
      const handles: FileHandle[] = [];
      const receiving = new Set<Promise<unknown>>();
      const receive: Receive = (content, options) => {
        const received = writeFile(directory, handles, content, options);
        receiving.add(received);
        return received;
      };
      try {
        return await work(receive);
      } finally {
        await Promise.allSettled(receiving);
        await Promise.allSettled(handles.map((handle) => handle.close()));
      }
    },
    async close() {
      if (given === null) await rm(directory, { recursive: true, force: true });
    },
  };
}

async function writeFile(
  directory: string,
  handles: FileHandle[],
  content: AsyncIterable<Buffer>,
  { name, declaredType, maxBytes, fileName }: Parameters<Receive>[1],
): Promise<SpooledFile> {
  const handle = await onDisk(openNameless(directory));
  handles.push(handle);
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of content) {
    if (bytes + chunk.length > maxBytes) throw tooLarge(`'${name}'`, maxBytes);
    hash.update(chunk);
    await onDisk(writeAll(handle, chunk, bytes));
    bytes += chunk.length;
  }
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
  return new SpooledFile(handle, {
    bytes,
    sha256: hash.digest('hex'),
    head: buffer.subarray(0, bytesRead),
    declaredType,
    fileName,
  });
}

async function openNameless(directory: string): Promise<FileHandle> {
  const path = join(directory, `${PREFIX}${randomUUID()}`);
  const handle = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
  // Another process that starts may have taken the name already.
  await unlink(path).catch(() => {});
  return handle;
}

async function writeAll(handle: FileHandle, chunk: Buffer, position: number): Promise<void> {
  for (let at = 0; at < chunk.length; ) {
    at += (await handle.write(chunk, at, chunk.length - at, position + at)).bytesWritten;
  }
}

/** A disk that is full or broken is ours to mend; the caller may try again. */
async function onDisk<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const error = new ApiError(503, 'Uploads cannot be taken at the moment. Please try again shortly.', {
      type: 'server_error',
      code: 'service_unavailable',
      headers: { 'x-should-retry': 'true', 'retry-after': '5', 'retry-after-ms': '5000' },
    });
    throw Object.assign(error, { cause });
  }
}
