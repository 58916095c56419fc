import { resolveCharacters } from '../characters/index.ts';
import type { CallerContext } from '../context.ts';
import { resolveFile } from '../files/index.ts';
import { findModel } from '../models/index.ts';
import type { RequestIdentity } from './accept-order.ts';
import { choosePrice, chooseSeconds, chooseSize } from './choose.ts';
import { fileNameOf, type GivenFile, type GivenReference, type NamedFile } from './inputs.ts';
import { type StartedVideo, startVideo } from './start-video.ts';

export interface CreateVideoInput {
  readonly model: string;
  readonly prompt: string;
  /** Undefined: the model's default. */
  readonly seconds: number | undefined;
  /** `<width>x<height>`; undefined: the model's default. */
  readonly size: string | undefined;
  /** Fields that Reelgate does not interpret. */
  readonly params: Readonly<Record<string, unknown>>;
  /** The caller's own labels. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Where this video's end is told of besides. */
  readonly webhookUrl?: string | undefined;
  readonly files?: readonly GivenFile[];
  readonly references?: readonly GivenReference[];
  /** Our id of a file of the team's to start from. */
  readonly fileId?: string;
  /** Our ids of the team's characters. */
  readonly characterIds?: readonly string[];
}

const FIRST_TRY: RequestIdentity = { idempotencyKey: null, retryCount: 0 };

/**
 * Accepts a video, reserves its cost and sends it to its upstream, in that order. Waits a while for the upstream, so that its
 * refusal is the caller's answer; after that the video is `queued` and goes on without the caller.
 * Throws `model_not_found`, `character_not_found`, `file_not_found`, `invalid_value`, the quota errors and `upstream_refused`; where it throws,
 * nothing is spent.
 */
export async function createVideo(
  ctx: CallerContext,
  input: CreateVideoInput,
  identity: RequestIdentity = FIRST_TRY,
): Promise<StartedVideo> {
  const priced = await findModel(ctx, input.model);
  const { model } = priced;
  const seconds = chooseSeconds(priced, input.seconds);
  const size = chooseSize(priced, input.size);
  const characters = await resolveCharacters(ctx, input.characterIds ?? [], model.upstreamAccountId);
  const named = input.fileId === undefined ? [] : [await nameFile(ctx, input.fileId)];
  return await startVideo(
    ctx,
    {
      operation: 'create',
      model: model.name,
      upstreamAccountId: model.upstreamAccountId,
      upstreamModel: model.upstreamModel,
      price: choosePrice(priced, size),
      prompt: input.prompt,
      seconds,
      billedSeconds: seconds,
      size,
      params: input.params,
      metadata: input.metadata ?? {},
      webhookUrl: input.webhookUrl,
      files: input.files ?? [],
      references: input.references ?? [],
      named,
      characters,
      source: null,
    },
    identity,
  );
}

async function nameFile(ctx: CallerContext, fileId: string): Promise<NamedFile> {
  const { objectKey, bytes, sha256, contentType } = await resolveFile(ctx, fileId, 'input_reference');
  const field = 'input_reference';
  const fileName = fileNameOf(field, contentType);
  return { kind: 'file', field, fileId, objectKey, bytes, sha256, contentType, fileName };
}
