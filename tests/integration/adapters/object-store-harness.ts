/** The two stores as the contract suite needs them, each with a way to look behind it. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { createFilesystemObjectStore } from '@reelgate/adapters/filesystem';
import { createS3ObjectStore } from '@reelgate/adapters/s3';
import type { ObjectStore } from '@reelgate/core/ports';
import { embeddedAvailability, startS3 } from '@reelgate/embedded';

export interface StoreOptions {
  readonly filesystem?: Parameters<typeof createFilesystemObjectStore>[0];
  readonly s3?: Parameters<typeof createS3ObjectStore>[0];
}

export interface StoreUnderTest {
  readonly store: ObjectStore & { ensureBucket(): Promise<void>; selfTest(): Promise<void>; close(): void };
  /** Makes the same store in another process. */
  readonly options: StoreOptions;
  /** What puts that did not end well still keep: temporary files, open multipart uploads. */
  unfinishedPuts(): Promise<number>;
  stop(): Promise<void>;
}

export function createStore({ filesystem, s3 }: StoreOptions): StoreUnderTest['store'] {
  if (filesystem) return createFilesystemObjectStore(filesystem);
  if (s3) return createS3ObjectStore(s3);
  throw new Error('no store named');
}

export async function startFilesystem(): Promise<StoreUnderTest> {
  const directory = await mkdtemp(join(tmpdir(), 'reelgate-objects-'));
  // Serves presigned URLs as the gateway does.
  const server = createServer(async (request, response) => {
    const granted = store.verifyPresigned(new URL(request.url ?? '', options.filesystem.publicUrl));
    const object = granted && (await store.get(granted.key));
    if (!granted || !object) return void response.writeHead(granted ? 404 : 403).end();
    response.writeHead(200, {
      'content-type': granted.contentType,
      'content-length': object.contentLength,
      'content-disposition': `attachment; filename="${granted.fileName}"`,
    });
    await pipeline(object.body, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/media`;
  const options = { filesystem: { directory, publicUrl, signingSecret: 'a secret of this test, 32 bytes+' } };
  const store = createFilesystemObjectStore(options.filesystem);
  return {
    store,
    options,
    unfinishedPuts: async () => (await readdir(join(directory, 'temporary'))).length,
    async stop() {
      server.close();
      server.closeAllConnections();
      store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** True, or why the S3 store cannot be tried on this machine. */
export async function s3Availability(): Promise<true | string> {
  return process.env.TEST_S3_ENDPOINT ? true : (await embeddedAvailability()).s3;
}

/** TEST_S3_ENDPOINT (with TEST_S3_ACCESS_KEY_ID, TEST_S3_SECRET_ACCESS_KEY, TEST_S3_REGION), else a Ceph of our own. */
export async function startS3Store(): Promise<StoreUnderTest> {
  const given = process.env.TEST_S3_ENDPOINT;
  const directory = await mkdtemp(join(tmpdir(), 'reelgate-s3-'));
  const server = given
    ? {
        endpoint: given,
        region: process.env.TEST_S3_REGION ?? 'us-east-1',
        accessKeyId: process.env.TEST_S3_ACCESS_KEY_ID ?? '',
        secretAccessKey: process.env.TEST_S3_SECRET_ACCESS_KEY ?? '',
        stop: async () => {},
      }
    : await startS3({ directory });
  const { endpoint, region, accessKeyId, secretAccessKey } = server;
  const bucket = `reelgate-test-${Date.now().toString(36)}`;
  const options = { s3: { endpoint, region, bucket, accessKeyId, secretAccessKey } };
  const store = createS3ObjectStore(options.s3);
  const client = new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
  });
  return {
    store,
    options,
    unfinishedPuts: async () =>
      (await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads?.length ?? 0,
    async stop() {
      store.close();
      client.destroy();
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
