import { addAbortSignal, type Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { cutParts, type Part } from './cut-parts.ts';

/** S3 wants at least 5 MiB in every part but the last, and at most 10,000 parts: 78 GiB. */
const PART_BYTES = 8 * 1024 * 1024;
/** One part is filled while the other is sent; where the stream is faster than S3, both are under way. */
const PARTS_IN_MEMORY = 2;
/** A part at 64 kB/s, the slowest that the archive puts up with. */
const PART_TIMEOUT_MS = 130_000;
/** S3 may join the parts for a while before it answers. */
const COMPLETE_TIMEOUT_MS = 60_000;

export interface UploadTarget {
  readonly Bucket: string;
  readonly Key: string;
  readonly ContentType: string;
  readonly Metadata: Record<string, string>;
}

/**
 * Sends a stream of any length and resolves to the bytes sent: a single put where it fits one part, else a multipart
 * upload, which any failure aborts. Destroys the stream when it fails. `isStored` tells whether this very upload is in
 * the bucket, for the case that the answer to the last request was lost.
 *
 * Not the SDK's own uploader: that keeps and joins the stream's chunks by copying, so that its memory depends on their
 * sizes, and it does not cancel the parts under way when it gives up. Each part's SHA-256 is in its request's
 * signature, so a server that verifies signatures refuses bytes that changed on the way.
 */
export async function upload(
  client: S3Client,
  target: UploadTarget,
  body: Readable,
  isStored: () => Promise<boolean>,
  signal?: AbortSignal,
): Promise<number> {
  const failure = new AbortController();
  const cancelled = signal ? AbortSignal.any([signal, failure.signal]) : failure.signal;
  const parts = cutParts(body, { partBytes: PART_BYTES, buffers: PARTS_IN_MEMORY });
  try {
    cancelled.throwIfAborted();
    addAbortSignal(cancelled, body);
    const { value: first } = await parts.next();
    if (!first) throw new Error('the stream gave no part');
    if (first.last) return await putWhole(client, target, first, isStored, cancelled);
    return await putParts(client, target, first, parts, isStored, failure, cancelled);
  } catch (error) {
    // The reason is what ended the upload, not what its end then broke.
    const reason: unknown = cancelled.aborted ? cancelled.reason : error;
    failure.abort(reason);
    body.destroy();
    throw reason;
  }
}

async function putWhole(
  client: S3Client,
  target: UploadTarget,
  part: Part,
  isStored: () => Promise<boolean>,
  cancelled: AbortSignal,
): Promise<number> {
  const command = new PutObjectCommand({ ...target, Body: part.bytes, ContentLength: part.bytes.length });
  try {
    await client.send(command, { abortSignal: cancelled, requestTimeout: PART_TIMEOUT_MS });
  } catch (error) {
    if (cancelled.aborted || !(await isStored())) throw error;
  }
  return part.bytes.length;
}

async function putParts(
  client: S3Client,
  target: UploadTarget,
  first: Part,
  others: AsyncIterable<Part>,
  isStored: () => Promise<boolean>,
  failure: AbortController,
  cancelled: AbortSignal,
): Promise<number> {
  const { Bucket, Key } = target;
  // Named, because a part that the SDK gives a checksum is refused where the upload was made for another kind.
  const checksums = await client.config.requestChecksumCalculation();
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({
      ...target,
      ...(checksums === 'WHEN_SUPPORTED' && { ChecksumAlgorithm: 'CRC32' }),
    }),
    { abortSignal: cancelled },
  );
  if (!UploadId) throw new Error('S3 gave no upload id');

  const sent: CompletedPart[] = [];
  const sending: Promise<void>[] = [];
  let bytes = 0;

  /** Never rejects: a failure cancels everything else. */
  async function send(part: Part, PartNumber: number): Promise<void> {
    const command = new UploadPartCommand({
      Bucket,
      Key,
      UploadId,
      PartNumber,
      Body: part.bytes,
      ContentLength: part.bytes.length,
    });
    try {
      const answer = await client.send(command, { abortSignal: cancelled, requestTimeout: PART_TIMEOUT_MS });
      sent[PartNumber - 1] = {
        PartNumber,
        ETag: answer.ETag,
        ...(answer.ChecksumCRC32 && { ChecksumCRC32: answer.ChecksumCRC32 }),
      };
    } catch (error) {
      failure.abort(error);
    } finally {
      part.giveBack();
    }
  }
  function start(part: Part): void {
    bytes += part.bytes.length;
    sending.push(send(part, sending.length + 1));
  }

  try {
    start(first);
    for await (const part of others) start(part);
    await Promise.all(sending);
    cancelled.throwIfAborted();
    // Not to be cancelled: from here on it is worth knowing how it ended.
    const complete = new CompleteMultipartUploadCommand({
      Bucket,
      Key,
      UploadId,
      MultipartUpload: { Parts: sent },
    });
    await client.send(complete, { requestTimeout: COMPLETE_TIMEOUT_MS }).catch(async (error: unknown) => {
      if (!(await isStored())) throw error;
    });
    return bytes;
  } catch (error) {
    failure.abort(error);
    await Promise.all(sending);
    // Where this fails too, the bucket's rule for unfinished uploads removes it.
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId })).catch(() => {});
    throw error;
  }
}
