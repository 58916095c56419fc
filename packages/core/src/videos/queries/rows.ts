/** The rows of the slice as its queries give them, and the conditions that many of them share. */
import type { Operation } from '@reelgate/contract';
import { schema } from '@reelgate/db';
import { and, eq, isNull, sql } from 'drizzle-orm';
import type { PgUpdateSetSource } from 'drizzle-orm/pg-core';
import type { UpstreamHandle } from '../../ports/index.ts';
import type { VideoInput } from '../inputs.ts';
import type { VideoState } from '../state.ts';

const { assets, videos } = schema;

export type VideoRow = Omit<
  typeof videos.$inferSelect,
  'state' | 'upstreamHandle' | 'inputs' | 'operation'
> & {
  state: VideoState;
  operation: Operation;
  inputs: VideoInput[];
  upstreamHandle: UpstreamHandle | null;
};
export type AssetRow = typeof schema.assets.$inferSelect;
export type SubmissionRow = typeof schema.upstreamSubmissions.$inferSelect;
export type VideoPatch = Omit<PgUpdateSetSource<typeof videos>, 'state'>;

export const asRow = (row: unknown) => row as VideoRow;

/** What its owner reads. */
export type OwnVideoRow = VideoRow & {
  /** When the team's retention deletes it; null where that keeps it, a hold does, or it is not stored. */
  readonly expiresAt: Date | null;
};
export const asOwnRow = (row: unknown) => row as OwnVideoRow;

/** For a select from `videos`. A rule that changes is in force at once, so nothing of it is kept with the row. */
export const expiresAt = sql<Date | null>`
  case when videos.legal_hold_at is null then
    videos.stored_at + make_interval(days => (select r.days from retention_rules r where r.team_id = videos.team_id))
  end`
  .mapWith(videos.storedAt)
  .as('expires_at');

/** A video and the epoch of the lease under which it may be written. `claimedAt` is of the database's clock. */
export type Claim = VideoRow & { readonly claimedAt: Date };

/** A team's own video that it has not deleted. */
export const visible = (teamId: unknown) =>
  and(eq(videos.teamId, teamId as string), isNull(videos.deleteRequestedAt));

/** Still held by whoever made this claim. */
export const held = (claim: Pick<Claim, 'id' | 'leaseEpoch'>) =>
  and(eq(videos.id, claim.id), eq(videos.leaseEpoch, claim.leaseEpoch));

/** Bytes that still lie where they were stored; an asset that was moved or deleted since is another. */
export const storedAt = (asset: {
  readonly videoId: string;
  readonly variant: AssetRow['variant'];
  readonly objectKey: string;
}) =>
  and(
    eq(assets.videoId, asset.videoId),
    eq(assets.variant, asset.variant),
    eq(assets.objectKey, asset.objectKey),
    eq(assets.state, 'stored'),
  );
