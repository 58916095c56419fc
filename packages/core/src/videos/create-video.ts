import { setTimeout as wait } from 'node:timers/promises';
import { newId } from '@reelgate/db';
import type { CallerContext } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import type { PricedModel } from '../models/index.ts';
import type { SubmitResult } from '../ports.ts';
import { estimateCost, quotaRefusal } from '../quotas/index.ts';
import { fingerprints } from './fingerprint.ts';
import { acceptVideo } from './queries.ts';
import { sendSubmission } from './submit-video.ts';
import type { VideoView } from './video-view.ts';

export interface CreateVideoInput {
  readonly model: string;
  readonly prompt: string;
  /** Undefined: the model's default. */
  readonly seconds: number | undefined;
  /** `<width>x<height>`; undefined: the model's default. */
  readonly size: string | undefined;
  /** Fields that Reelgate does not interpret. */
  readonly params: Readonly<Record<string, unknown>>;
}

/**
 * Accepts a video, reserves its cost and sends it to its upstream, in that order. Waits a while for the upstream, so that its
 * refusal is the caller's answer; after that the video is `queued` and goes on without the caller.
 * Throws `model_not_found`, `invalid_value`, the quota errors and `upstream_refused`; where it throws, nothing is spent.
 */
export async function createVideo(ctx: CallerContext, input: CreateVideoInput): Promise<VideoView> {
  const priced = await ctx.models.find(input.model);
  const { model } = priced;
  const seconds = chooseSeconds(priced, input.seconds);
  const size = chooseSize(priced, input.size);
  const price = priced.prices.get(size);
  if (!price) {
    throw new ReelgateError(
      'model_not_found',
      `The model '${input.model}' has no price for ${size} and cannot be used.`,
      { param: 'size' },
    );
  }

  const { teamId, keyId } = ctx.principal;
  const job = {
    operation: 'create',
    model: model.upstreamModel,
    prompt: input.prompt,
    seconds,
    size,
    params: input.params,
  } as const;
  const prints = fingerprints({ ...job, teamId, upstreamModel: model.upstreamModel });
  const cost = estimateCost(price.perSecondMicroUsd, seconds);
  const id = newId('video');
  const submissionId = newId('submission');
  const { createdAt } = await acceptVideo(ctx.db, {
    id,
    teamId,
    keyId,
    operation: job.operation,
    model: model.name,
    upstreamAccountId: model.upstreamAccountId,
    upstreamModel: model.upstreamModel,
    prompt: input.prompt,
    params: input.params,
    fullFingerprint: prints.full,
    visibleFingerprint: prints.visible,
    seconds,
    size,
    priceId: price.id,
    unitPriceMicroUsd: price.perSecondMicroUsd.toString(),
    estimatedMicroUsd: cost.toString(),
    submissionId,
    submitNow: true,
    leaseOwner: ctx.owner,
    leaseMs: ctx.timing.submitLeaseMs,
    amounts: { cost: cost.toString(), seconds: String(seconds), videos: '1', concurrent: '1' },
  }).catch((error: unknown) => {
    throw quotaRefusal(error) ?? error;
  });

  const result = await waitFor(ctx, id, (hideRefusal) =>
    sendSubmission(ctx, {
      claim: { id, state: 'submitting', leaseEpoch: 1, upstreamAccountId: model.upstreamAccountId },
      submission: { id: submissionId, no: 1 },
      job,
      hideRefusal,
    }),
  );
  if (result?.kind === 'refused' && result.retry === 'never') throw refusal(result.error);
  return {
    id,
    operation: job.operation,
    model: model.name,
    state: 'submitting',
    progress: 0,
    startedAt: null,
    createdAt,
    completedAt: null,
    prompt: input.prompt,
    size,
    seconds,
    parentId: null,
    errorCode: null,
    errorMessage: null,
  };
}

/**
 * Waits for the upstream, but not for ever; null when the wait is over and the video goes on alone. A refusal is either told
 * to the caller or recorded as a failed video, never both and never neither: whichever comes first decides.
 */
async function waitFor(
  ctx: CallerContext,
  videoId: string,
  send: (hideRefusal: () => boolean) => Promise<SubmitResult>,
): Promise<SubmitResult | null> {
  let answer: 'open' | 'queued' | 'refused' = 'open';
  const sending = send(() => {
    if (answer === 'open') answer = 'refused';
    return answer === 'refused';
  });
  const waiting = new AbortController();
  const patience = wait(ctx.timing.inlineSubmitMs, null, { signal: waiting.signal }).then(
    () => {
      if (answer === 'open') answer = 'queued';
      return answer === 'refused' ? sending : null;
    },
    () => null,
  );
  try {
    return await Promise.race([sending, patience]);
  } catch (error) {
    // The row keeps its lease and its reservation; a worker takes it up when the lease is over.
    ctx.log.error('submission.unrecorded', { videoId, error });
    return null;
  } finally {
    waiting.abort();
    sending.catch((error: unknown) => ctx.log.error('submission.unrecorded', { videoId, error }));
  }
}

function chooseSeconds({ model }: PricedModel, asked: number | undefined): number {
  const seconds = asked ?? model.defaultSeconds;
  if (model.seconds.includes(seconds)) return seconds;
  throw unsupported('seconds', String(seconds), model.seconds.map(String));
}

function chooseSize({ model }: PricedModel, asked: string | undefined): string {
  const size = asked ?? model.defaultSize;
  if (model.sizes.includes(size)) return size;
  throw unsupported('size', size, model.sizes);
}

function unsupported(param: string, value: string, supported: readonly string[]): ReelgateError {
  const list = supported.map((item) => `'${item}'`);
  const last = list.pop();
  const values = list.length > 0 ? `${list.join(', ')} and ${last}` : last;
  return new ReelgateError('invalid_value', `Invalid value: '${value}'. Supported values are: ${values}.`, {
    param,
  });
}

function refusal(error: {
  code: string;
  message: string;
  httpStatus?: number;
  param?: string;
}): ReelgateError {
  return new ReelgateError('upstream_refused', error.message, {
    ...(error.param === undefined ? {} : { param: error.param }),
    upstream: { code: error.code, httpStatus: error.httpStatus ?? 400 },
  });
}
