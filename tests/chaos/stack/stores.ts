import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rename, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { startS3 } from '@reelgate/embedded';
import { type FaultyLink, type LinkFault, startFaultyLink } from '@reelgate/testkit';
import type { Evidence } from '../auditor/evidence.ts';

/** Where the videos go, what a process must know of it, and a way to look behind it. */
export interface ChaosStore {
  readonly kind: 'files' | 's3';
  readonly env: Readonly<Record<string, string>>;
  readonly objects: Evidence['objects'];
  /** Takes it away, or makes it slow, for everybody; `none` brings it back. */
  set(fault: LinkFault): Promise<void>;
  stop(): Promise<void>;
}

/** A directory, behind a link that points to nowhere while the store is away. It can only be there or away. */
export async function startFiles(directory: string): Promise<ChaosStore> {
  const real = join(directory, 'store-real');
  const place = join(directory, 'store');
  const objects = join(real, 'objects');
  const pointTo = async (target: string) => {
    // In one step: nobody must find nothing there, and make a directory of their own.
    await symlink(target, `${place}-next`);
    await rename(`${place}-next`, place);
  };
  await mkdir(real, { recursive: true });
  await pointTo(real);
  let before: Promise<void> = Promise.resolve();
  const inTurn = (act: () => Promise<void>) => {
    before = before.then(act);
    return before;
  };
  return {
    kind: 'files',
    env: { OBJECTS_DIRECTORY: place },
    objects: {
      async list() {
        const entries = await readdir(objects, { recursive: true, withFileTypes: true });
        const files = entries
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name));
        return await Promise.all(
          files.map(async (file) => ({
            key: file.slice(objects.length + 1),
            modifiedAt: (await stat(file)).mtime,
          })),
        );
      },
      async sha256(key) {
        const hash = createHash('sha256');
        try {
          await pipeline(createReadStream(join(objects, key)), hash);
        } catch {
          return null;
        }
        return hash.digest('hex');
      },
    },
    set: ({ kind }) => inTurn(() => pointTo(kind === 'none' ? real : '/dev/null')),
    stop: async () => {},
  };
}

const BUCKET = 'chaos';

/** Ceph's S3 behind a link that can be broken; what looks behind it goes past the link. */
export async function startS3Store(directory: string): Promise<ChaosStore> {
  const server = await startS3({ directory: join(directory, 's3') });
  const link: FaultyLink = await startFaultyLink({ port: Number(new URL(server.endpoint).port) });
  const { region, accessKeyId, secretAccessKey } = server;
  const client = new S3Client({
    endpoint: server.endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
  });
  return {
    kind: 's3',
    env: {
      S3_BUCKET: BUCKET,
      S3_REGION: region,
      S3_ENDPOINT: `http://127.0.0.1:${link.port}`,
      S3_ACCESS_KEY_ID: accessKeyId,
      S3_SECRET_ACCESS_KEY: secretAccessKey,
    },
    objects: {
      async list() {
        const found: { key: string; modifiedAt: Date }[] = [];
        let token: string | undefined;
        do {
          const page = await client.send(
            new ListObjectsV2Command({ Bucket: BUCKET, ...(token && { ContinuationToken: token }) }),
          );
          for (const { Key, LastModified } of page.Contents ?? [])
            if (Key) found.push({ key: Key, modifiedAt: LastModified ?? new Date() });
          token = page.NextContinuationToken;
        } while (token);
        return found;
      },
      async sha256(key) {
        const hash = createHash('sha256');
        try {
          const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
          await pipeline(Body as NodeJS.ReadableStream, hash);
        } catch (error) {
          if (error instanceof Error && error.name === 'NoSuchKey') return null;
          throw error;
        }
        return hash.digest('hex');
      },
    },
    set: (fault) => link.set(fault),
    async stop() {
      client.destroy();
      await link.close();
      await server.stop();
    },
  };
}
