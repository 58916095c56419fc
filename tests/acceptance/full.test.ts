import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inspectMp4 } from './mp4.ts';
import { type Connection, makeHome, removeHome, type Stack, startStack } from './stack.ts';

const hasDebianPackages = await promisify(execFile)('sh', ['-c', 'command -v apt-get dpkg flock']).then(
  () => process.platform === 'linux',
  () => false,
);
if (!hasDebianPackages) {
  console.warn(
    '!!! NOT TESTED: npm start -- --full, because Debian packages are not to be had on this system.',
  );
}

// Redis and Ceph come from the Debian archive.
describe.skipIf(!hasDebianPackages)('npm start -- --full', () => {
  let home: string;
  let stack: Stack;
  let connection: Connection;

  beforeAll(async () => {
    home = await makeHome();
    stack = await startStack(home, '--full');
    connection = await stack.connection();
    await stack.printed(/^Press Ctrl-C to stop/m);
  });

  afterAll(async () => {
    await stack?.end('SIGTERM');
    await removeHome(home);
  });

  test('the sample video lies in the bucket and is read back with the AWS SDK', async () => {
    const { s3 } = connection;
    expect(s3).not.toBeNull();
    if (!s3) return;
    const [, bucket, key] = /^ {2}archived +s3:\/\/([^/]+)\/(\S+)/m.exec(stack.output()) ?? [];
    expect(bucket).toBe(s3.bucket);
    const { accessKeyId, secretAccessKey, endpoint, region } = s3;
    const client = new S3Client({
      ...{ endpoint, region, forcePathStyle: true },
      credentials: { accessKeyId, secretAccessKey },
    });
    const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const bytes = await object.Body?.transformToByteArray();
    client.destroy();
    expect(object.ContentType).toBe('video/mp4');
    expect(await inspectMp4(bytes ?? new Uint8Array())).toMatchObject({ width: 1280, height: 720 });
  });

  test('its link leads to the bucket and works without a key', async () => {
    const [, link = ''] = /^ {2}watch it +(\S+)/m.exec(stack.output()) ?? [];
    expect(link.startsWith(`${connection.s3?.endpoint}/`)).toBe(true);
    const response = await fetch(link);
    expect(response.status).toBe(200);
    expect(await inspectMp4(await response.bytes())).toMatchObject({ codec: 'avc' });
  });

  test('the queue is in Redis', () => {
    expect(connection.redisURL).toMatch(/^redis:\/\//);
    expect(connection.objectsDirectory).toBeNull();
    expect(stack.output()).toMatch(/^ {2}Redis /m);
  });
});
