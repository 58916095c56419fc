import type { Operation } from '@reelgate/contract';
import { findCharacters } from '../characters/index.ts';
import type { ServiceContext } from '../context.ts';
import type { ObjectStore, UpstreamFile, UpstreamHandle, UpstreamJob } from '../ports/index.ts';
import type { VideoInput } from './inputs.ts';
import { findAnyVideo, listAnyAssets, type VideoRow } from './queries/index.ts';

type Ordered = Pick<
  VideoRow,
  'operation' | 'upstreamModel' | 'prompt' | 'seconds' | 'billedSeconds' | 'size' | 'params' | 'inputs'
>;

/** The row of a video as its upstream is to be told of it. Does no I/O before a file is opened: what the row only points to is given. */
export function upstreamJob(
  ctx: Pick<ServiceContext, 'db' | 'ports'>,
  ordered: Ordered,
  pointed: {
    source?: UpstreamHandle | undefined;
    /** Whose stored file an `archived_source` is. */
    parentId: string | null;
    characterIds: readonly string[];
  },
): UpstreamJob {
  const url = ordered.inputs.find((input) => input.kind === 'image_url');
  return {
    operation: ordered.operation,
    model: ordered.upstreamModel,
    prompt: ordered.prompt,
    seconds: ordered.operation === 'extend' ? ordered.billedSeconds : ordered.seconds,
    size: ordered.size,
    params: ordered.params,
    files: ordered.inputs.flatMap((input) => fileOf(ctx, input, pointed.parentId)),
    ...(url ? { reference: { imageUrl: url.url } } : {}),
    ...(pointed.source ? { source: pointed.source } : {}),
    characterIds: pointed.characterIds,
  };
}

function fileOf(
  ctx: Pick<ServiceContext, 'db' | 'ports'>,
  input: VideoInput,
  parentId: string | null,
): UpstreamFile[] {
  if (input.kind !== 'upload' && input.kind !== 'file' && input.kind !== 'archived_source') return [];
  const open = async () => {
    const stored =
      input.kind === 'archived_source'
        ? await getSource(ctx, input.objectKey, parentId)
        : await ctx.ports.objects.get(input.objectKey);
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

/** The source's stored file, which may have come home from the lifeboat since it was ordered. */
async function getSource(
  { db, ports }: Pick<ServiceContext, 'db' | 'ports'>,
  orderedKey: string,
  parentId: string | null,
): ReturnType<ObjectStore['get']> {
  const found = await ports.objects.get(orderedKey);
  if (found || parentId === null) return found;
  const asset = (await listAnyAssets(db, parentId)).find(({ variant }) => variant === 'video');
  return asset?.state === 'stored' && asset.objectKey ? await ports.objects.get(asset.objectKey) : null;
}

/** For a worker that takes the row up: follows what it points to. */
export async function loadUpstreamJob(ctx: ServiceContext, row: VideoRow): Promise<UpstreamJob> {
  const asFile = row.inputs.some(
    (input) => input.kind === 'archived_source' || (input.kind === 'upload' && input.field === 'video'),
  );
  const parent = row.parentId === null || asFile ? null : await findAnyVideo(ctx.db, row.parentId);
  const ids = row.inputs.flatMap((input) => (input.kind === 'character' ? [input.characterId] : []));
  const characters = await findCharacters(ctx.db, row.teamId, ids);
  return upstreamJob(ctx, row, {
    source: parent?.upstreamHandle ?? undefined,
    parentId: row.parentId,
    characterIds: characters.map((character) => character.upstreamCharacterId),
  });
}

/** Operations that start from another video. */
export type Derivation = Exclude<Operation, 'create'>;
