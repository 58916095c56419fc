import type { Readable } from 'node:stream';
import { newId, transaction } from '@reelgate/db';
import type { CallerContext } from '../context.ts';
import { ReelgateError } from '../errors.ts';
import { type FileRow, findUsedBytes, giveUpFile, insertFile, markStored, takeRoom } from './queries.ts';

/** An upload that takes longer than this is given up, in ms; longer than any caller may send. */
const GIVE_UP_MS = 30 * 60_000;

export type FileView = Pick<
  FileRow,
  'id' | 'purpose' | 'fileName' | 'contentType' | 'bytes' | 'sha256' | 'objectKey' | 'createdAt' | 'expiresAt'
>;

export interface CreateFileInput {
  readonly purpose: string;
  /** The caller's own name for it. */
  readonly fileName: string;
  /** By its bytes where they tell. */
  readonly contentType: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  /** Null: it stays until it is deleted. */
  readonly expiresAfterSeconds: number | null;
  open(): Readable;
}

/**
 * Keeps a file for the team. Throws `file_storage_exceeded` where the team's files would take more than `maxTeamBytes`, and
 * `service_unavailable` where its bytes could not be stored; nothing is kept then.
 */
export async function createFile(
  ctx: CallerContext,
  input: CreateFileInput,
  { maxTeamBytes }: { readonly maxTeamBytes: number },
): Promise<FileView> {
  const { teamId } = ctx.principal;
  const { expiresAfterSeconds, open, ...file } = input;
  const id = newId('file');
  const objectKey = `f/${id.slice(5, 7)}/${id}`;
  await transaction(ctx.db, async (tx) => {
    if (!(await takeRoom(tx, teamId, file.bytes, maxTeamBytes))) {
      throw storageExceeded(file.bytes, await findUsedBytes(tx, teamId), maxTeamBytes);
    }
    await insertFile(tx, teamId, { ...file, id, objectKey }, GIVE_UP_MS);
  });
  try {
    await ctx.ports.objects.put(objectKey, open(), { contentType: file.contentType });
  } catch (error) {
    // What is not given back now is given back once the upload counts as given up.
    await transaction(ctx.db, (tx) => giveUpFile(tx, teamId, id)).catch(() => {});
    throw notStored(error);
  }
  const stored = await markStored(ctx.db, teamId, id, expiresAfterSeconds);
  if (!stored) {
    await ctx.ports.objects.delete(objectKey).catch(() => {});
    throw notStored();
  }
  return stored;
}

function storageExceeded(bytes: number, usedBytes: number, maxBytes: number): ReelgateError {
  return new ReelgateError(
    'file_storage_exceeded',
    `Your team's files may take ${maxBytes} bytes. They take ${usedBytes}, and this file would add ${bytes}. Delete files that are no longer needed, or ask an administrator for more.`,
    { param: 'file' },
  );
}

function notStored(cause?: unknown): ReelgateError {
  return new ReelgateError(
    'service_unavailable',
    'The file could not be stored. Nothing was kept; please try again.',
    { retryAfterSeconds: 5, cause },
  );
}
