import { createHash, randomBytes } from 'node:crypto';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { type S3Server, startS3 } from '@reelgate/embedded';
import { expect, onTestFinished, test, vi } from 'vitest';
import { isAlive, startInParent, temporaryDirectory } from './servers.ts';

async function start(directory: string, port?: number): Promise<S3Server> {
  const server = await startS3({ directory, ...(port !== undefined && { port }) });
  onTestFinished(() => server.stop());
  return server;
}

type Access = Pick<S3Server, 'endpoint' | 'region' | 'accessKeyId' | 'secretAccessKey'>;

function clientOf({ endpoint, region, accessKeyId, secretAccessKey }: Access): S3Client {
  const client = new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  onTestFinished(() => client.destroy());
  return client;
}

const Bucket = 'videos';

async function digestOf(client: S3Client, Key: string): Promise<string> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
  return digest((await Body?.transformToByteArray()) ?? new Uint8Array());
}

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test('stores objects whole and in parts, verifies signatures and keeps all over a restart', async () => {
  const directory = await temporaryDirectory();
  const first = await start(directory);
  expect((await fetch(first.endpoint)).status).toBe(200);
  const client = clientOf(first);
  await client.send(new CreateBucketCommand({ Bucket }));
  const small = randomBytes(100_000);
  await client.send(new PutObjectCommand({ Bucket, Key: 'small', Body: small }));
  expect(await digestOf(client, 'small')).toBe(digest(small));

  const parts = [randomBytes(5 * 1024 ** 2), randomBytes(1_000_000)];
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'large' }));
  const Parts = [];
  for (const [index, Body] of parts.entries()) {
    const PartNumber = index + 1;
    const { ETag } = await client.send(
      new UploadPartCommand({ Bucket, Key: 'large', UploadId, PartNumber, Body }),
    );
    Parts.push({ PartNumber, ETag });
  }
  const upload = { Bucket, Key: 'large', UploadId, MultipartUpload: { Parts } };
  await client.send(new CompleteMultipartUploadCommand(upload));
  const large = digest(Buffer.concat(parts));
  expect(await digestOf(client, 'large')).toBe(large);

  const forger = clientOf({ ...first, secretAccessKey: 'guess' });
  await expect(digestOf(forger, 'small')).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });

  await first.stop();
  expect(first.pids.filter(isAlive)).toEqual([]);
  const again = clientOf(await start(directory));
  expect(await digestOf(again, 'small')).toBe(digest(small));
  expect(await digestOf(again, 'large')).toBe(large);
});

test('ends with a killed parent, starts again at once on the same port and has lost nothing', async () => {
  const directory = await temporaryDirectory();
  const { server, kill } = await startInParent('s3', directory);
  const client = clientOf(server);
  await client.send(new CreateBucketCommand({ Bucket }));
  const bytes = randomBytes(3_000_000);
  await client.send(new PutObjectCommand({ Bucket, Key: 'kept', Body: bytes }));
  await kill();
  const second = await start(directory, Number(new URL(server.endpoint).port));
  await vi.waitFor(() => expect(server.pids.filter(isAlive)).toEqual([]), { timeout: 5000 });
  expect(await digestOf(clientOf(second), 'kept')).toBe(digest(bytes));
});
