import type {
  Character,
  FileList,
  FileObject,
  Model,
  Lineage as PublicLineage,
  Quote as PublicQuote,
  Video,
  VideoList,
} from '@reelgate/contract';
import {
  type CharacterView,
  type FilePage,
  type FileView,
  type Lineage,
  type LineageNode,
  type PricedModel,
  publicStatus,
  type Quote,
  type VideoPage,
  type VideoUpstream,
  type VideoView,
} from '@reelgate/core';
import { errorBody, toApiError } from './errors.ts';

/**
 * The public object: always all 13 keys of the original, and `metadata` where the caller gave any. `expires_at` is when the
 * team's own retention deletes it; the upstream's copy may be gone long before.
 */
export function serializeVideo(video: VideoView): Video {
  const { status, progress } = publicStatus(video);
  return {
    id: video.id,
    object: 'video',
    model: video.model,
    status,
    progress,
    created_at: unixSeconds(video.createdAt),
    completed_at: status === 'completed' && video.completedAt ? unixSeconds(video.completedAt) : null,
    expires_at: status === 'completed' && video.expiresAt ? unixSeconds(video.expiresAt) : null,
    prompt: video.prompt,
    size: video.size,
    seconds: String(video.seconds),
    remixed_from_video_id: video.operation === 'remix' ? video.parentId : null,
    error:
      status === 'failed'
        ? {
            ...video.errorDetails,
            code: video.errorCode ?? 'processing_error',
            message: video.errorMessage ?? 'The video could not be rendered.',
          }
        : null,
    ...(Object.keys(video.metadata).length > 0 && { metadata: video.metadata }),
  };
}

export function serializePage(page: VideoPage): VideoList {
  return {
    object: 'list',
    data: page.videos.map(serializeVideo),
    first_id: page.videos[0]?.id ?? null,
    last_id: page.videos.at(-1)?.id ?? null,
    has_more: page.hasMore,
  };
}

/** Has no `object` key, as in the original. */
export function serializeCharacter({ id, name, createdAt }: CharacterView): Character {
  return { id, name, created_at: unixSeconds(createdAt) };
}

/** What the original calls deprecated in it has the value that its SDKs wait for. */
export function serializeFile(file: FileView): FileObject {
  return {
    id: file.id,
    object: 'file',
    bytes: file.bytes,
    created_at: unixSeconds(file.createdAt),
    ...(file.expiresAt && { expires_at: unixSeconds(file.expiresAt) }),
    filename: file.fileName,
    purpose: file.purpose as FileObject['purpose'],
    status: 'processed',
  };
}

export function serializeFilePage(page: FilePage): FileList {
  return {
    object: 'list',
    data: page.files.map(serializeFile),
    first_id: page.files[0]?.id ?? null,
    last_id: page.files.at(-1)?.id ?? null,
    has_more: page.hasMore,
  };
}

/** Without its upstream, which the configuration may have lost, a model can do nothing. */
export function serializeModel(
  { model, prices }: PricedModel,
  capabilities: Pick<VideoUpstream['capabilities'], 'operations' | 'characters'> | undefined,
): Model {
  return {
    id: model.name,
    object: 'model',
    created: unixSeconds(model.updatedAt),
    owned_by: 'reelgate',
    operations: [...(capabilities?.operations ?? [])],
    characters: capabilities?.characters ?? false,
    seconds: model.seconds.map(String),
    sizes: model.sizes,
    default_seconds: String(model.defaultSeconds),
    default_size: model.defaultSize,
    price_per_second_micro_usd: Object.fromEntries(
      [...prices].map(([size, price]) => [size, Number(price.perSecondMicroUsd)]),
    ),
  };
}

/** The refusal is what a create would be answered with at this moment. */
export function serializeQuote(quote: Quote, requestId: string): PublicQuote {
  const refusal = quote.refusal && toApiError(quote.refusal, { id: requestId, creating: true });
  return {
    object: 'video.quote',
    model: quote.model,
    seconds: String(quote.seconds),
    size: quote.size,
    cost_micro_usd: Number(quote.costMicroUsd),
    accepted: refusal === null,
    refusal: refusal && errorBody(refusal).error,
    limits: quote.limits.flatMap((limit) =>
      limit.scopeKind === 'org'
        ? []
        : [
            {
              scope: limit.scopeKind,
              metric: limit.metric,
              window: limit.window,
              limit: limit.hard,
              used: limit.settled,
              reserved: limit.reserved,
              amount: limit.amount,
              left_after: limit.leftAfter,
              resets_at: limit.resetsAt === null ? null : unixSeconds(new Date(limit.resetsAt)),
            },
          ],
    ),
  };
}

export function serializeLineage(lineage: Lineage): PublicLineage {
  return {
    object: 'video.lineage',
    video_id: lineage.videoId,
    ancestors: lineage.ancestors.map(serializeNode),
    descendants: lineage.descendants.map(serializeNode),
    truncated: lineage.truncated,
    total_cost_micro_usd: Number(lineage.totalMicroUsd),
  };
}

export function serializeNode(node: LineageNode) {
  return {
    id: node.id,
    parent_id: node.parentId,
    operation: node.operation,
    status: publicStatus({ ...node, progress: 0 }).status,
    created_at: unixSeconds(node.createdAt),
    deleted: node.deleted,
    cost_micro_usd: Number(node.costMicroUsd),
    distance: node.distance,
  };
}

function unixSeconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}
