import type { EventType } from '@reelgate/contract';
import type { Queryable } from '@reelgate/db';
import { insertEvent } from './queries/index.ts';

/**
 * Writes an event and one delivery for each endpoint that wants it, in the transaction of the fact itself.
 * The commit itself wakes whoever delivers. Of each type a video has one event, ever.
 */
export async function emitEvent(
  tx: Queryable,
  input: {
    readonly teamId: string;
    readonly type: EventType;
    /** Of an event about a video. */
    readonly videoId?: string;
    /** Default: the id of the video. */
    readonly data?: { readonly id: string } & Readonly<Record<string, unknown>>;
  },
): Promise<void> {
  await insertEvent(tx, input.teamId, {
    type: input.type,
    videoId: input.videoId ?? null,
    data: input.data ?? { id: input.videoId },
  });
}
