import { now, type Queryable, schema } from '@reelgate/db';
import { and, asc, between, desc, eq, inArray, isNull, sql } from 'drizzle-orm';
import type { UpstreamHandle } from '../../ports/index.ts';
import type { VideoInput } from '../inputs.ts';
import type { VideoState } from '../state.ts';
import { asRow, type Claim, type SubmissionRow, type VideoRow } from './rows.ts';

const { upstreamSubmissions, videos } = schema;

export async function findAnyLatestSubmission(db: Queryable, videoId: string): Promise<SubmissionRow | null> {
  const [row] = await db
    .select()
    .from(upstreamSubmissions)
    .where(eq(upstreamSubmissions.videoId, videoId))
    .orderBy(desc(upstreamSubmissions.no))
    .limit(1);
  return row ?? null;
}

/** Marks a prepared submission as on its way, or opens the next one where the last provably never left. */
export async function beginSending(
  tx: Queryable,
  video: VideoRow,
  newSubmissionId: string,
): Promise<SubmissionRow> {
  const [prepared] = await tx
    .update(upstreamSubmissions)
    .set({ state: 'sending', sentAt: now })
    .where(and(eq(upstreamSubmissions.videoId, video.id), eq(upstreamSubmissions.state, 'prepared')))
    .returning();
  if (prepared) return prepared;
  const [next] = await tx
    .insert(upstreamSubmissions)
    .values({
      id: newSubmissionId,
      videoId: video.id,
      no: sql`(select coalesce(max(s.no), 0) + 1 from upstream_submissions s where s.video_id = ${video.id})`,
      upstreamAccountId: video.upstreamAccountId,
      visibleFingerprint: video.visibleFingerprint,
      state: 'sending',
      sentAt: now,
    })
    .returning();
  if (!next) throw new Error('the submission was not written');
  return next;
}

export async function endSubmission(
  tx: Queryable,
  videoId: string,
  state: SubmissionRow['state'],
  facts: {
    httpStatus?: number | undefined;
    errorClass?: string | undefined;
    upstreamRequestId?: string | undefined;
  } = {},
): Promise<void> {
  await tx
    .update(upstreamSubmissions)
    .set({
      state,
      endedAt: sql`coalesce(${upstreamSubmissions.endedAt}, clock_timestamp())`,
      ...(facts.httpStatus === undefined ? {} : { httpStatus: facts.httpStatus }),
      ...(facts.errorClass === undefined ? {} : { errorClass: facts.errorClass }),
      ...(facts.upstreamRequestId === undefined ? {} : { upstreamRequestId: facts.upstreamRequestId }),
    })
    .where(
      and(
        eq(upstreamSubmissions.videoId, videoId),
        inArray(upstreamSubmissions.state, ['prepared', 'sending', 'unknown']),
      ),
    );
}

/**
 * The upstream has taken the video: it renders from now on, with its submission and its event, in one statement. Resolves to the
 * webhook deliveries that fall due by it, or to null where the lease was lost.
 */
export async function recordAccepted(
  db: Queryable,
  claim: Pick<Claim, 'id' | 'leaseEpoch' | 'state'>,
  facts: {
    readonly submissionId: string;
    readonly handle: UpstreamHandle;
    readonly upstreamCreatedAt: Date | undefined;
    readonly requestId: string | undefined;
    readonly dueInMs: number;
  },
): Promise<string[] | null> {
  const { id, leaseEpoch, state } = claim;
  const { rows } = await db.execute<{ delivery_ids: string[] }>(
    sql`select delivery_ids from record_accepted(${JSON.stringify({ ...facts, id, leaseEpoch, from: state })}::jsonb)`,
  );
  return rows[0]?.delivery_ids ?? null;
}

/** It made a video: proved by finding it, also after it had been given up. */
export async function acceptSubmission(tx: Queryable, submissionId: string): Promise<void> {
  await tx
    .update(upstreamSubmissions)
    .set({
      state: 'accepted',
      endedAt: sql`coalesce(${upstreamSubmissions.endedAt}, clock_timestamp())`,
    })
    .where(eq(upstreamSubmissions.id, submissionId));
}

/**
 * Takes a video back for the sender of this submission, whoever holds it: the upstream's own answer outweighs all that was
 * concluded from its absence. Null where the submission is settled, or the video is in none of these states any more.
 */
export async function retakeAnyVideo(
  tx: Queryable,
  id: string,
  submissionId: string,
  states: readonly VideoState[],
): Promise<VideoRow | null> {
  const [row] = await tx
    .update(videos)
    .set({ leaseEpoch: sql`${videos.leaseEpoch} + 1` })
    .where(
      and(
        eq(videos.id, id),
        inArray(videos.state, [...states]),
        isNull(videos.upstreamId),
        sql`exists (select 1 from ${upstreamSubmissions} s where s.id = ${submissionId} and s.video_id = ${videos.id}
                     and s.state in ('sending', 'unknown', 'absent'))`,
      ),
    )
    .returning();
  return row ? asRow(row) : null;
}

/** Another row has this upstream's video: no two ever get the same one. */
export function isUpstreamIdTaken(error: unknown): boolean {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error && 'constraint' in cause && cause.constraint === 'videos_upstream_once';
}

/** A create that was sent in a span of time and whose outcome nobody knows. */
export interface UnresolvedRow
  extends Pick<
    VideoRow,
    'id' | 'operation' | 'prompt' | 'upstreamModel' | 'seconds' | 'size' | 'fullFingerprint'
  > {
  readonly sentAt: Date;
  readonly endedAt: Date | null;
  /** Its answer may still come. */
  readonly underWay: boolean;
  /** It is still looked for; otherwise it was given up for good, and only its owner could claim what turns up. */
  readonly lookedFor: boolean;
}

/** Every unresolved create of the same account and prompt from this span, in the order in which videos are assigned to them. */
export async function listAnyUnresolved(
  db: Queryable,
  like: Pick<VideoRow, 'upstreamAccountId' | 'prompt'>,
  sent: { from: Date; to: Date },
): Promise<UnresolvedRow[]> {
  const rows = await db
    .select({
      id: videos.id,
      operation: videos.operation,
      prompt: videos.prompt,
      upstreamModel: videos.upstreamModel,
      seconds: videos.seconds,
      size: videos.size,
      fullFingerprint: videos.fullFingerprint,
      sentAt: upstreamSubmissions.sentAt,
      endedAt: upstreamSubmissions.endedAt,
      underWay: sql<boolean>`${upstreamSubmissions.state} = 'sending' and ${videos.state} = 'submitting'`,
      lookedFor: sql<boolean>`${videos.nextActionAt} is not null`,
    })
    .from(upstreamSubmissions)
    .innerJoin(videos, eq(videos.id, upstreamSubmissions.videoId))
    .where(
      and(
        eq(upstreamSubmissions.upstreamAccountId, like.upstreamAccountId),
        inArray(upstreamSubmissions.state, ['sending', 'unknown', 'absent']),
        between(upstreamSubmissions.sentAt, sent.from, sent.to),
        eq(videos.prompt, like.prompt),
      ),
    )
    // A deleted one comes last: its owner does not want it any more.
    .orderBy(sql`${videos.deleteRequestedAt} is not null`, asc(upstreamSubmissions.sentAt), asc(videos.id));
  return rows as UnresolvedRow[];
}

/** Sends a video again with its source as a file, because the upstream no longer has the source. */
export async function replaceInputs(tx: Queryable, id: string, inputs: readonly VideoInput[]): Promise<void> {
  await tx
    .update(videos)
    .set({ inputs: inputs as unknown as Record<string, unknown>[] })
    .where(eq(videos.id, id));
}

/** Which of these upstream ids belong to rows already. */
export async function listAnyKnownUpstreamIds(
  db: Queryable,
  accountId: string,
  ids: readonly string[],
): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await db
    .select({ id: videos.upstreamId })
    .from(videos)
    .where(and(eq(videos.upstreamAccountId, accountId), inArray(videos.upstreamId, [...ids])));
  return new Set(rows.flatMap((row) => (row.id === null ? [] : [row.id])));
}
