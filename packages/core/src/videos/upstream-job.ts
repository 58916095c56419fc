import type { Operation } from '@reelgate/contract';
import { findCharacters } from '../characters/index.ts';
import type { ServiceContext } from '../context.ts';
import type { ObjectStore, UpstreamFile, UpstreamHandle, UpstreamJob } from '../ports.ts';
import type { VideoInput } from './inputs.ts';
import { findAnyVideo, type VideoRow } from './queries/index.ts';

type Ordered = Pick<
  VideoRow,
  'operation' | 'upstreamModel' | 'prompt' | 'seconds' | 'billedSeconds' | 'size' | 'params' | 'inputs'
>;

/** The row of a video as its upstream is to be told of it. Pure: what the row only points to is given. */
export function upstreamJob(
  objects: ObjectStore,
  ordered: Ordered,
  pointed: { source?: UpstreamHandle | undefined; characterIds: readonly string[] },
): UpstreamJob {
  const url = ordered.inputs.find((input) => input.kind === 'image_url');
  return {
    operation: ordered.operation,
    model: ordered.upstreamModel,
    prompt: ordered.prompt,
    seconds: ordered.operation === 'extend' ? ordered.billedSeconds : ordered.seconds,
    size: ordered.size,
    params: ordered.params,
    files: ordered.inputs.flatMap((input) => fileOf(objects, input)),
    ...(url ? { reference: { imageUrl: url.url } } : {}),
    ...(pointed.source ? { source: pointed.source } : {}),
    characterIds: pointed.characterIds,
  };
}

function fileOf(objects: ObjectStore, input: VideoInput): UpstreamFile[] {
  if (input.kind !== 'upload' && input.kind !== 'file' && input.kind !== 'archived_source') return [];
  const open = async () => {
    const stored = await objects.get(input.objectKey);
    if (!stored) throw new Error('a file of this video is missing in the object store');
    return stored.body;
  };
  return input.kind !== 'archived_source'
    ? [
        {
          field: input.field,
          fileName: input.fileName,
          contentType: input.contentType,
          bytes: input.bytes,
          open,
        },
      ]
    : [{ field: 'video', fileName: 'source.mp4', contentType: 'video/mp4', bytes: input.bytes, open }];
}

/** For a worker that takes the row up: follows what it points to. */
export async function loadUpstreamJob(ctx: ServiceContext, row: VideoRow): Promise<UpstreamJob> {
  const asFile = row.inputs.some(
    (input) => input.kind === 'archived_source' || (input.kind === 'upload' && input.field === 'video'),
  );
  const parent = row.parentId === null || asFile ? null : await findAnyVideo(ctx.db, row.parentId);
  const ids = row.inputs.flatMap((input) => (input.kind === 'character' ? [input.characterId] : []));
  const characters = await findCharacters(ctx.db, row.teamId, ids);
  return upstreamJob(ctx.ports.objects, row, {
    source: parent?.upstreamHandle ?? undefined,
    characterIds: characters.map((character) => character.upstreamCharacterId),
  });
}

/** Operations that start from another video. */
export type Derivation = Exclude<Operation, 'create'>;
