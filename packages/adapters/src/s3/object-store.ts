import { randomUUID } from 'node:crypto';
import { addAbortSignal, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import {
  AbortMultipartUploadCommand,
  type BucketLocationConstraint,
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  paginateListObjectsV2,
  S3Client,
  type S3ClientConfig,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { ObjectStore } from '@reelgate/core/ports';
import { attachment } from './content-disposition.ts';
import { upload } from './upload.ts';

const CONNECTION_TIMEOUT_MS = 5_000;
/** From sending a request to the head of its answer; a body may take as long as its reader does. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Every reader of content that is served through us holds one. */
const MAX_SOCKETS = 512;
/** Marks an object as the work of one `put`, so that a put whose answer was lost can find out. */
const PUT_ID = 'reelgate-put';

export interface S3ObjectStoreOptions {
  /** Absent: Amazon's own, by `region`. */
  readonly endpoint?: string;
  readonly region: string;
  readonly bucket: string;
  /** Both absent: the SDK's own search, such as the role of the machine. */
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly forcePathStyle?: boolean;
  /**
   * `when_supported` sends the newer S3 checksums, which few servers but Amazon's understand. By default they are sent
   * only where no `endpoint` is given.
   */
  readonly checksumMode?: 'when_supported' | 'when_required';
}

export interface S3ObjectStore extends ObjectStore {
  /** Makes the bucket where it is missing. Throws where it cannot be used. */
  ensureBucket(): Promise<void>;
  /** Puts, heads, gets and deletes a probe; throws where any of it fails. */
  selfTest(): Promise<void>;
  close(): void;
}

export function createS3ObjectStore(options: S3ObjectStoreOptions): S3ObjectStore {
  const { endpoint, region, bucket, accessKeyId, secretAccessKey, forcePathStyle = true } = options;
  const { checksumMode = endpoint === undefined ? 'when_supported' : 'when_required' } = options;
  const agent = { keepAlive: true, maxSockets: MAX_SOCKETS };
  const configuration: S3ClientConfig = {
    region,
    forcePathStyle,
    ...(endpoint !== undefined && { endpoint }),
    ...(accessKeyId && secretAccessKey && { credentials: { accessKeyId, secretAccessKey } }),
    requestChecksumCalculation: checksumMode === 'when_supported' ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED',
    // The archive has verified every object once; validating each delivery again would cost a third of it.
    responseChecksumValidation: 'WHEN_REQUIRED',
    // A server that ignores the header would hold up every part until it times out.
    expectContinueHeader: false,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
  };
  const client = new S3Client(configuration);
  // With checksums on, the SDK signs that of an empty body into URLs that have none.
  const signer = new S3Client({ ...configuration, requestChecksumCalculation: 'WHEN_REQUIRED' });

  function headObject(key: string): Promise<HeadObjectCommandOutput | null> {
    return unlessMissing(client.send(new HeadObjectCommand({ Bucket: bucket, Key: key })));
  }

  const store: S3ObjectStore = {
    bucket,

    async put(key, body, { contentType, metadata = {}, signal }) {
      const putId = randomUUID();
      const isOurs = (head: HeadObjectCommandOutput | null): boolean => head?.Metadata?.[PUT_ID] === putId;
      const target = {
        Bucket: bucket,
        Key: key,
        ContentType: contentType,
        Metadata: { ...metadata, [PUT_ID]: putId },
      };
      const isStored = async (): Promise<boolean> => isOurs(await headObject(key).catch(() => null));
      const bytes = await upload(client, target, body, isStored, signal);

      const head = await headObject(key);
      if (head === null) throw new Error(`S3 took ${key} and does not have it`);
      // Another writer's object under the same key says nothing about ours.
      if (isOurs(head) && head.ContentLength !== bytes) {
        await store.delete(key);
        throw new Error(`S3 stored ${head.ContentLength} of the ${bytes} bytes of ${key}`);
      }
      return { bytes };
    },

    async get(key, { range, signal } = {}) {
      signal?.throwIfAborted();
      const command = new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        ...(range && { Range: `bytes=${range.start}-${range.end}` }),
      });
      const answer = await unlessMissing(client.send(command, signal ? { abortSignal: signal } : {}));
      if (answer === null) return null;
      const { Body: body, ContentLength: contentLength, ContentRange: contentRange } = answer;
      if (!(body instanceof Readable)) throw new Error(`S3 answered ${key} without a body`);
      const totalBytes = range ? Number(contentRange?.split('/')[1]) : contentLength;
      const lengthsMatch = !range || contentLength === range.end - range.start + 1;
      if (contentLength === undefined || !Number.isSafeInteger(totalBytes) || !lengthsMatch) {
        body.destroy();
        throw new RangeError(`S3 answered ${contentRange ?? contentLength} for ${key}`);
      }
      if (signal) {
        // An abort before anyone reads must not end the process; who reads still sees the error.
        body.on('error', () => {});
        addAbortSignal(signal, body);
      }
      return { body, contentLength, totalBytes: Number(totalBytes) };
    },

    async head(key) {
      const head = await headObject(key);
      if (head === null) return null;
      const { [PUT_ID]: _, ...metadata } = head.Metadata ?? {};
      return {
        bytes: head.ContentLength ?? 0,
        contentType: head.ContentType ?? 'application/octet-stream',
        metadata,
      };
    },

    async delete(key) {
      await unlessMissing(client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })));
    },

    async *list(prefix) {
      for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
        for (const { Key: key, Size: bytes = 0, LastModified: modifiedAt } of page.Contents ?? []) {
          if (key !== undefined && modifiedAt) yield { key, bytes, modifiedAt };
        }
      }
    },

    async removeUnfinished(olderThanMs) {
      const oldest = Date.now() - olderThanMs;
      let removed = 0;
      let from: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {};
      while (from) {
        const page: ListMultipartUploadsCommandOutput = await client.send(
          new ListMultipartUploadsCommand({ Bucket: bucket, ...from }),
        );
        for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
          if (!Key || !UploadId || !Initiated || Initiated.getTime() >= oldest) continue;
          await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }));
          removed++;
        }
        const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page;
        from = page.IsTruncated && KeyMarker && UploadIdMarker ? { KeyMarker, UploadIdMarker } : undefined;
      }
      return removed;
    },

    presign(key, { expiresInSeconds, contentType, fileName }) {
      const command = new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        ResponseContentType: contentType,
        ResponseContentDisposition: attachment(fileName),
      });
      return getSignedUrl(signer, command, { expiresIn: expiresInSeconds });
    },

    async ensureBucket() {
      try {
        if (await unlessMissing(client.send(new HeadBucketCommand({ Bucket: bucket })))) return;
        // Amazon takes every region but its first only where it is named; other servers have names of their own.
        const place = endpoint === undefined && region !== 'us-east-1' ? region : undefined;
        const CreateBucketConfiguration = place && { LocationConstraint: place as BucketLocationConstraint };
        await client.send(
          new CreateBucketCommand({
            Bucket: bucket,
            ...(CreateBucketConfiguration && { CreateBucketConfiguration }),
          }),
        );
      } catch (error) {
        if (isNamed(error, 'BucketAlreadyOwnedByYou')) return;
        throw new Error(`bucket ${bucket} cannot be used: ${describe(error)}`, { cause: error });
      }
    },

    async selfTest() {
      const key = `self-test/${randomUUID()}`;
      const probe = Buffer.from(key);
      try {
        await store.put(key, Readable.from([probe]), { contentType: 'text/plain' });
        const object = await store.get(key);
        if (object === null || !probe.equals(await buffer(object.body)))
          throw new Error('it does not give back what was stored');
        await store.delete(key);
        if (await store.head(key)) throw new Error('it still has what was deleted');
      } catch (error) {
        throw new Error(`bucket ${bucket} failed its self-test: ${describe(error)}`, { cause: error });
      }
    },

    close() {
      client.destroy();
      signer.destroy();
    },
  };
  return store;
}

/** Null for an object or bucket that a HEAD does not find, or an object that a GET does not; a GET in no bucket throws. */
async function unlessMissing<T>(result: Promise<T>): Promise<T | null> {
  try {
    return await result;
  } catch (error) {
    if (isNamed(error, 'NoSuchKey') || isNamed(error, 'NotFound')) return null;
    throw error;
  }
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof S3ServiceException && error.name === name;
}

/** An answer to a HEAD has no text: its status says more. */
function describe(error: unknown): string {
  if (error instanceof S3ServiceException)
    return `${error.name}, HTTP status ${error.$metadata.httpStatusCode ?? 'unknown'}`;
  return error instanceof Error ? error.message : String(error);
}
