import { newId, type schema } from '@reelgate/db';
import type { CallerContext } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { goneFile } from '../files/index.ts';
import type { UpstreamHandle } from '../ports/index.ts';
import { estimateCost, explainRefusal } from '../quotas/index.ts';
import { prepareVideoWebhook } from '../webhooks/index.ts';
import { fingerprints } from './fingerprint.ts';
import type { GivenFile, GivenReference, NamedFile, VideoInput } from './inputs.ts';
import { type Acceptance, acceptVideo, type VideoRow } from './queries/index.ts';

/** What tells a new request from the same one again. */
export interface RequestIdentity {
  /** The caller's own `Idempotency-Key`. */
  readonly idempotencyKey: string | null;
  /** The SDK's count of its own tries; 0 for the first. */
  readonly retryCount: number;
  /** When it came in, by `performance.now()`. Absent: just now. */
  readonly receivedAt?: number;
  /** The caller would rather have the team's finished video of the same request than a new one. */
  readonly reuse?: boolean;
  /** Whether the caller has hung up. Asked right before anything is accepted: a retry of its may be on its way already. */
  readonly callerGone?: () => boolean;
}

/** A video to be made, with everything about it decided. */
export interface Order {
  readonly operation: VideoRow['operation'];
  readonly model: string;
  readonly upstreamAccountId: string;
  readonly upstreamModel: string;
  readonly price: typeof schema.prices.$inferSelect;
  readonly prompt: string;
  /** Of the result. */
  readonly seconds: number;
  /** Of what is paid for. */
  readonly billedSeconds: number;
  readonly size: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly webhookUrl: string | undefined;
  readonly files: readonly GivenFile[];
  readonly references: readonly GivenReference[];
  /** Files that the team keeps here. */
  readonly named: readonly NamedFile[];
  readonly characters: readonly { readonly id: string; readonly upstreamCharacterId: string }[];
  readonly source: Pick<VideoRow, 'id' | 'rootId'> | null;
  /** Where the source is at the account that the order goes to; absent where it goes along as a file. */
  readonly sourceHandle?: UpstreamHandle | undefined;
  /** The source's stored file, where it has to go along. */
  readonly sourceFile?: { readonly objectKey: string; readonly bytes: number } | undefined;
}

/** Stores what goes along, then writes row, reservation and submission at once. What was stored goes again where nothing is made. */
export async function acceptOrder(
  ctx: CallerContext,
  order: Order,
  identity: RequestIdentity,
): Promise<Acceptance & { readonly submissionId: string; readonly inputs: VideoInput[] }> {
  const { teamId, keyId, isTest } = ctx.principal;
  const id = newId('video');
  const submissionId = newId('submission');
  const cost = costOf(order).toString();
  const prints = fingerprintsOf(order, { teamId, isTest });
  const webhook = order.webhookUrl === undefined ? {} : await prepareVideoWebhook(ctx, order.webhookUrl);
  const uploads = await storeUploads(ctx, id, order.files);
  const inputs: VideoInput[] = [
    ...uploads,
    ...order.references,
    ...order.named,
    ...order.characters.map((character) => ({ kind: 'character', characterId: character.id }) as const),
    ...(order.sourceFile ? [{ kind: 'archived_source', ...order.sourceFile } as const] : []),
  ];
  await ctx.failpoint?.('create.uploads_stored');
  if (identity.callerGone?.()) {
    await discard(ctx, uploads);
    throw new ReelgateError('service_unavailable', 'The caller left before anything was created.');
  }
  const { receivedAt } = identity;
  const accepted = await acceptVideo(ctx.db, {
    id,
    teamId,
    keyId,
    isTest,
    operation: order.operation,
    model: order.model,
    upstreamAccountId: order.upstreamAccountId,
    upstreamModel: order.upstreamModel,
    prompt: order.prompt,
    params: order.params,
    inputs,
    metadata: order.metadata,
    fullFingerprint: prints.full,
    visibleFingerprint: prints.visible,
    seconds: order.seconds,
    billedSeconds: order.billedSeconds,
    size: order.size,
    parentId: order.source?.id ?? null,
    rootId: order.source?.rootId ?? order.source?.id ?? null,
    priceId: order.price.id,
    unitPriceMicroUsd: order.price.perSecondMicroUsd.toString(),
    estimatedMicroUsd: cost,
    submissionId,
    submitNow: true,
    leaseOwner: ctx.owner,
    leaseMs: ctx.timing.leaseMs,
    amounts: { cost, seconds: String(order.billedSeconds), videos: '1', concurrent: '1' },
    route: order.operation,
    idempotencyKey: identity.idempotencyKey,
    retryCount: identity.retryCount,
    ageMs: receivedAt === undefined ? 0 : performance.now() - receivedAt,
    receivedAtMs: receivedAt === undefined ? Date.now() : performance.timeOrigin + receivedAt,
    reuse: identity.reuse ?? false,
    ...webhook,
  }).catch(async (error: unknown) => {
    await discard(ctx, uploads);
    throw reusedKey(error) ?? goneNamed(error, order) ?? error;
  });
  if ('refusal' in accepted) {
    await discard(ctx, uploads);
    throw explainRefusal(accepted.refusal);
  }
  if (accepted.replayed) await discard(ctx, uploads);
  return { ...accepted, submissionId, inputs };
}

function costOf({ price, billedSeconds, references, named, files }: Order): bigint {
  const pictures = files.filter((file) => file.field === 'input_reference');
  return estimateCost(price, {
    seconds: billedSeconds,
    images: references.length + named.length + pictures.length,
  });
}

function fingerprintsOf(order: Order, { teamId, isTest }: { teamId: string; isTest: boolean }) {
  return fingerprints({
    ...order,
    teamId,
    rest: [
      order.source?.id ?? null,
      order.billedSeconds,
      [...order.files, ...order.named].map((file) => [file.field, file.sha256]),
      order.references,
      order.characters.map((character) => character.id),
      order.metadata,
      // A real video is never the answer to a test, nor the other way round.
      ...(isTest ? ['test'] : []),
      ...(order.webhookUrl === undefined ? [] : [{ webhookUrl: order.webhookUrl }]),
    ],
  });
}

async function storeUploads(ctx: CallerContext, videoId: string, files: readonly GivenFile[]) {
  const stored: Extract<VideoInput, { kind: 'upload' }>[] = [];
  try {
    for (const file of files) {
      const objectKey = `u/${videoId.slice(6, 8)}/${videoId}/${file.field}`;
      await ctx.ports.objects.put(objectKey, file.open(), {
        contentType: file.contentType,
        metadata: { 'video-id': videoId },
      });
      const { field, bytes, sha256, contentType, fileName } = file;
      stored.push({ kind: 'upload', field, objectKey, bytes, sha256, contentType, fileName });
    }
    return stored;
  } catch (error) {
    await discard(ctx, stored);
    throw new ReelgateError(
      'service_unavailable',
      'The upload could not be stored. Nothing was created; please try again.',
      {
        retryAfterSeconds: 5,
        cause: error,
      },
    );
  }
}

/** Files of a request that came to nothing. What cannot be deleted now is found by the clean-up of unreferenced objects. */
async function discard(ctx: CallerContext, uploads: readonly { objectKey: string }[]): Promise<void> {
  await Promise.allSettled(uploads.map((upload) => ctx.ports.objects.delete(upload.objectKey)));
}

function goneNamed(error: unknown, { named: [file] }: Order): ReelgateError | null {
  return file ? goneFile(error, file.fileId, file.field) : null;
}

function reusedKey(error: unknown): ReelgateError | null {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error) || !('code' in cause) || cause.code !== 'RG422') return null;
  return new ReelgateError(
    'idempotency_key_reused',
    'This Idempotency-Key was used for another request before. Use a new key for a new video.',
    { param: 'Idempotency-Key' },
  );
}
