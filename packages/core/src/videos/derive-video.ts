/** Videos that are made from another one: remix, edit, extend. */
import type { CallerContext } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { findModel } from '../models/index.ts';
import type { RequestIdentity } from './accept-order.ts';
import { choosePrice, chooseSeconds, highestPrice } from './choose.ts';
import { videoNotFound } from './get-video.ts';
import type { GivenFile } from './inputs.ts';
import { findStoredAsset, findVideo, type VideoRow } from './queries/index.ts';
import { type StartedVideo, startVideo } from './start-video.ts';
import { publicStatus } from './state.ts';
import type { Derivation } from './upstream-job.ts';

export interface DeriveVideoInput {
  readonly operation: Derivation;
  readonly prompt: string;
  /** Our id of the team's own video, or a video that comes along. */
  readonly source: { readonly videoId: string; readonly param: string } | { readonly file: GivenFile };
  /** For an upload; a source of ours keeps its own model. */
  readonly model: string;
  /** Of the added segment, for an extension. */
  readonly addedSeconds?: number;
  readonly params: Readonly<Record<string, unknown>>;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Where this video's end is told of besides. */
  readonly webhookUrl?: string | undefined;
}

/**
 * Throws as `createVideo` does, `video_not_found` for a source that is not the team's, `video_not_ready` for one that is not
 * completed, and `unsupported_operation` where its upstream cannot do it.
 */
export async function deriveVideo(
  ctx: CallerContext,
  input: DeriveVideoInput,
  identity: RequestIdentity,
): Promise<StartedVideo> {
  return 'file' in input.source
    ? await deriveFromFile(ctx, input, input.source.file, identity)
    : await deriveFromOwn(ctx, input, input.source, identity);
}

async function deriveFromOwn(
  ctx: CallerContext,
  input: DeriveVideoInput,
  { videoId, param }: { videoId: string; param: string },
  identity: RequestIdentity,
): Promise<StartedVideo> {
  const source = await findVideo(ctx.db, ctx.principal.teamId, videoId);
  if (!source) throw videoNotFound(videoId, param);
  const { status } = publicStatus(source);
  if (status !== 'completed') {
    throw new ReelgateError(
      'video_not_ready',
      `Video '${videoId}' is ${status}. Only a completed video can be the source of another.`,
      { param },
    );
  }
  if (source.isTest && !ctx.principal.isTest) {
    throw new ReelgateError(
      'invalid_value',
      `Video '${videoId}' was made with a test key. Only a test key can make another one from it.`,
      { param },
    );
  }
  const priced = await findModel(ctx, source.model);
  const added = input.operation === 'extend' ? chooseSeconds(priced, input.addedSeconds) : null;
  return await startVideo(
    ctx,
    {
      ...(await placeOf(ctx, source, priced.model, input.operation)),
      operation: input.operation,
      model: source.model,
      price: choosePrice(priced, source.size),
      prompt: input.prompt,
      seconds: source.seconds + (added ?? 0),
      billedSeconds: added ?? source.seconds,
      size: source.size,
      params: input.params,
      metadata: input.metadata ?? {},
      webhookUrl: input.webhookUrl,
      files: [],
      references: [],
      named: [],
      characters: [],
      source,
    },
    identity,
  );
}

/** Where the work goes: to the account that made the source; or, where that is gone, with the stored file to the model's own. */
async function placeOf(
  ctx: CallerContext,
  source: VideoRow,
  model: { upstreamAccountId: string; upstreamModel: string },
  operation: Derivation,
) {
  // Only the upstream for tests works for a test key, whoever made the source.
  const elsewhere = ctx.principal.isTest && source.upstreamAccountId !== model.upstreamAccountId;
  const maker = elsewhere ? undefined : ctx.ports.upstreams(source.upstreamAccountId);
  if (maker && source.upstreamHandle) {
    if (!maker.capabilities.operations.has(operation)) throw unsupportedOperation(operation, source.model);
    return {
      upstreamAccountId: source.upstreamAccountId,
      upstreamModel: source.upstreamModel,
      sourceHandle: source.upstreamHandle,
    };
  }
  const { capabilities } = ctx.ports.upstreams(model.upstreamAccountId) ?? {};
  const asset = await findStoredAsset(ctx.db, source.teamId, source.id, 'video');
  if (
    operation === 'remix' ||
    !capabilities?.videoUploads ||
    !capabilities.operations.has(operation) ||
    !asset?.objectKey
  ) {
    throw unsupportedOperation(operation, source.model);
  }
  return {
    upstreamAccountId: model.upstreamAccountId,
    upstreamModel: model.upstreamModel,
    sourceFile: { objectKey: asset.objectKey, bytes: asset.bytes ?? 0 },
  };
}

async function deriveFromFile(
  ctx: CallerContext,
  input: DeriveVideoInput,
  file: GivenFile,
  identity: RequestIdentity,
): Promise<StartedVideo> {
  const priced = await findModel(ctx, input.model);
  const { model } = priced;
  const capabilities = ctx.ports.upstreams(model.upstreamAccountId)?.capabilities;
  if (!capabilities?.videoUploads || !capabilities.operations.has(input.operation)) {
    throw unsupportedOperation(input.operation, input.model);
  }
  const added = input.operation === 'extend' ? chooseSeconds(priced, input.addedSeconds) : null;
  // Whether the file is any good is the upstream's to say; what it cannot tell of itself counts as the most it could be.
  const known = file.video?.size && priced.prices.has(file.video.size) ? file.video.size : null;
  const length = Math.min(Math.max(Math.ceil(file.video?.seconds ?? Math.max(...model.seconds)), 1), 3_600);
  return await startVideo(
    ctx,
    {
      operation: input.operation,
      model: model.name,
      upstreamAccountId: model.upstreamAccountId,
      upstreamModel: model.upstreamModel,
      price: known ? choosePrice(priced, known) : highestPrice(priced, added ?? length),
      prompt: input.prompt,
      seconds: Math.min(length + (added ?? 0), 3_600),
      billedSeconds: added ?? length,
      size: known ?? model.defaultSize,
      params: input.params,
      metadata: input.metadata ?? {},
      webhookUrl: input.webhookUrl,
      files: [file],
      references: [],
      named: [],
      characters: [],
      source: null,
    },
    identity,
  );
}

function unsupportedOperation(operation: Derivation, model: string): ReelgateError {
  return new ReelgateError('unsupported_operation', `The model '${model}' cannot ${operation} videos.`);
}
