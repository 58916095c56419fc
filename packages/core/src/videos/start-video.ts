/** How every video begins, whatever it is made from: accepted with its money, then sent, then answered. */
import { setTimeout as wait } from 'node:timers/promises';
import { newId, type schema } from '@reelgate/db';
import type { CallerContext } from '../context.ts';
import { type QuotaStanding, ReelgateError } from '../errors.ts';
import { goneFile } from '../files/index.ts';
import type { SubmitResult, UpstreamHandle } from '../ports.ts';
import { estimateCost, explainRefusal, parseStanding } from '../quotas/index.ts';
import { refusedByUpstream } from '../refused-by-upstream.ts';
import { prepareVideoWebhook } from '../webhooks/index.ts';
import { fingerprints } from './fingerprint.ts';
import { videoNotFound } from './get-video.ts';
import type { GivenFile, GivenReference, NamedFile, VideoInput } from './inputs.ts';
import { acceptVideo, findVideo, type VideoRow } from './queries/index.ts';
import { sendSubmission } from './submit-video.ts';
import { upstreamJob } from './upstream-job.ts';
import type { VideoView } from './video-view.ts';

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

export interface StartedVideo {
  readonly video: VideoView;
  /** The request had been accepted before; this is the video of that. */
  readonly replayed: boolean;
  /** Of the caller's own limits, how the one stands that is nearest to its end. */
  readonly quota: QuotaStanding | null;
}

export async function startVideo(
  ctx: CallerContext,
  order: Order,
  identity: RequestIdentity,
): Promise<StartedVideo> {
  const { teamId, keyId, isTest } = ctx.principal;
  const id = newId('video');
  const submissionId = newId('submission');
  const cost = estimateCost(order.price, {
    seconds: order.billedSeconds,
    images:
      order.references.length +
      order.named.length +
      order.files.filter((file) => file.field === 'input_reference').length,
  });
  const prints = fingerprints({
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
    estimatedMicroUsd: cost.toString(),
    submissionId,
    submitNow: true,
    leaseOwner: ctx.owner,
    leaseMs: ctx.timing.leaseMs,
    amounts: { cost: cost.toString(), seconds: String(order.billedSeconds), videos: '1', concurrent: '1' },
    route: order.operation,
    idempotencyKey: identity.idempotencyKey,
    retryCount: identity.retryCount,
    ageMs: identity.receivedAt === undefined ? 0 : performance.now() - identity.receivedAt,
    receivedAtMs:
      identity.receivedAt === undefined ? Date.now() : performance.timeOrigin + identity.receivedAt,
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
  if (accepted.replayed) {
    await discard(ctx, uploads);
    const video = await findVideo(ctx.db, teamId, accepted.videoId);
    if (!video) throw videoNotFound(accepted.videoId);
    return { video, replayed: true, quota: null };
  }

  await ctx.failpoint?.('create.accepted');
  const job = upstreamJob(
    ctx.ports.objects,
    { ...order, inputs },
    {
      source: order.sourceHandle,
      characterIds: order.characters.map((character) => character.upstreamCharacterId),
    },
  );
  const result = await waitFor(ctx, id, (hideRefusal) =>
    sendSubmission(ctx, {
      claim: { id, state: 'submitting', leaseEpoch: 1, upstreamAccountId: order.upstreamAccountId },
      submission: { id: submissionId, no: 1 },
      job,
      parentId: order.source?.id ?? null,
      hideRefusal,
    }),
  );
  await ctx.failpoint?.('create.sent');
  if (result?.kind === 'refused' && result.hidden) throw refusedByUpstream(result.error);
  const video: VideoView = {
    id,
    operation: order.operation,
    model: order.model,
    state: 'submitting',
    progress: 0,
    startedAt: null,
    createdAt: accepted.createdAt,
    completedAt: null,
    expiresAt: null,
    prompt: order.prompt,
    size: order.size,
    seconds: order.seconds,
    parentId: order.source?.id ?? null,
    metadata: order.metadata,
    errorCode: null,
    errorMessage: null,
    errorDetails: null,
  };
  return { video, replayed: false, quota: parseStanding(accepted.quota) };
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

type Sent = SubmitResult & { readonly hidden: boolean };

/**
 * Waits for the upstream, but not for ever; null when the wait is over and the video goes on alone. A refusal is either told
 * to the caller or recorded as a failed video, never both and never neither: whichever comes first decides.
 */
async function waitFor(
  ctx: CallerContext,
  videoId: string,
  send: (hideRefusal: () => boolean) => Promise<Sent>,
): Promise<Sent | null> {
  let answer: 'open' | 'queued' | 'refused' = 'open';
  const sending = send(() => {
    if (answer === 'open') answer = 'refused';
    return answer === 'refused';
  }).catch((error: unknown) => {
    // The row keeps its lease and its reservation; a worker takes it up when the lease is over.
    ctx.log.error('submission.left_to_workers', { videoId, error });
    return null;
  });
  const patience = new AbortController();
  const impatient = wait(ctx.timing.inlineSubmitMs, null, { signal: patience.signal }).then(
    () => {
      if (answer === 'open') answer = 'queued';
      return answer === 'refused' ? sending : null;
    },
    () => null,
  );
  try {
    return await Promise.race([sending, impatient]);
  } finally {
    patience.abort();
  }
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
