import type { Operation, Variant, VideoStatus } from '@reelgate/contract';
import type { Queryable } from '@reelgate/db';
import { sql } from 'drizzle-orm';
import type { TeamScope } from '../../context.ts';
import type { VideoState } from '../../videos/index.ts';
import {
  type AllVideosFilter,
  ended,
  inScope,
  isAtRisk,
  matching,
  newestWith,
  statusOf,
  textArray,
  videosWith,
  wordsOf,
} from './conditions.ts';

/** A video with the names around it, as administrators see it. */
export interface VideoOverview {
  readonly id: string;
  readonly team: { readonly id: string; readonly name: string };
  readonly key: {
    readonly id: string;
    readonly name: string;
    readonly prefix: string;
    readonly kind: string;
  };
  readonly operation: Operation;
  readonly parentId: string | null;
  readonly rootId: string;
  readonly model: string;
  readonly upstreamId: string;
  readonly status: VideoStatus;
  readonly state: VideoState;
  readonly progress: number;
  readonly prompt: string;
  readonly seconds: number;
  readonly billedSeconds: number;
  readonly size: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly isTest: boolean;
  readonly charge: 'open' | 'parked' | 'settled' | 'released';
  readonly estimatedMicroUsd: bigint;
  readonly finalMicroUsd: bigint | null;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly atRisk: boolean;
  readonly quarantinedAt: Date | null;
  readonly holdAt: Date | null;
  readonly variants: readonly Variant[];
  readonly bytes: number | null;
  readonly createdAt: Date;
  readonly submittedAt: Date | null;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
  readonly storedAt: Date | null;
  readonly upstreamExpiresAt: Date | null;
  readonly expiresAt: Date | null;
  readonly deleteRequestedAt: Date | null;
  readonly deletedAt: Date | null;
  readonly purgedAt: Date | null;
}

const COLUMNS = sql`
  v.id, v.team_id, t.name as team_name, v.key_id, k.name as key_name, k.prefix, k.kind, v.operation, v.parent_id,
  coalesce(v.root_id, v.id) as root_id, v.model, v.upstream_account_id, ${statusOf} as status, v.state, v.progress, v.prompt, v.seconds,
  v.billed_seconds, v.size, v.metadata, v.is_test, v.charge, v.est_micro, v.final_micro, v.error_code, v.error_message,
  ${isAtRisk} as at_risk, v.quarantined_at, v.legal_hold_at, a.variants, a.bytes, v.created_at, v.submitted_at, v.started_at,
  v.completed_at, v.stored_at, v.upstream_expires_at, v.delete_requested_at, v.deleted_at, v.purged_at,
  case when v.stored_at is not null and v.purged_at is null and v.legal_hold_at is null and rr.days is not null
       then v.stored_at + make_interval(days => rr.days) end as expires_at`;

const AROUND = sql`
  join teams t on t.id = v.team_id
  join api_keys k on k.id = v.key_id
  left join retention_rules rr on rr.team_id = v.team_id
  left join lateral (
    select coalesce(array_agg(s.variant order by s.variant), '{}') as variants, sum(s.bytes) as bytes
      from assets s where s.video_id = v.id and s.state = 'stored') a on true`;

/** From so many videos on, words are common. */
const COMMON = 2_000;

/** Whose it is; null where it is not in the scope. */
export async function findTeam(db: Queryable, scope: TeamScope, id: string): Promise<string | null> {
  const { rows } = await db.execute<{ team_id: string }>(
    sql`select v.team_id from videos v where v.id = ${id} and ${inScope(scope)}`,
  );
  return rows[0]?.team_id ?? null;
}

/** So many prompts have these words that a page is found sooner by looking at the newest videos. */
export async function isCommon(db: Queryable, words: string): Promise<boolean> {
  const { rows } = await db.execute<{ found: string }>(
    sql`select count(*) as found from (select 1 from videos v where ${ended(words)} limit ${COMMON}) as found`,
  );
  return Number(rows[0]?.found) === COMMON;
}

/** By time of creation, from the one after `after` on. */
export async function listVideoOverviews(
  db: Queryable,
  scope: TeamScope,
  filter: AllVideosFilter,
  page: { readonly after: string | null; readonly order: 'asc' | 'desc'; readonly limit: number },
): Promise<VideoOverview[]> {
  const direction = page.order === 'asc' ? sql`asc` : sql`desc`;
  const beyond = page.order === 'asc' ? sql`>` : sql`<`;
  const cursor =
    page.after === null
      ? sql`true`
      : sql`(v.created_at, v.id) ${beyond} (select c.created_at, c.id from videos c where c.id = ${page.after})`;
  const words = wordsOf(filter);
  const common = words !== null && (await isCommon(db, words));
  const from = common ? sql`videos v` : videosWith(words);
  const wordy = common ? newestWith(words) : sql`true`;
  // The page first, and only then what stands around its rows.
  const { rows } = await db.execute<Row>(sql`
    with page as materialized (
      select v.id, v.created_at from ${from} where ${cursor} and ${wordy} and ${matching(scope, filter)}
       order by v.created_at ${direction}, v.id ${direction} limit ${page.limit})
    select ${COLUMNS} from page join videos v on v.id = page.id ${AROUND}
     order by v.created_at ${direction}, v.id ${direction}`);
  return rows.map(overview);
}

export async function findVideoOverviews(
  db: Queryable,
  scope: TeamScope,
  ids: readonly string[],
): Promise<VideoOverview[]> {
  const { rows } = await db.execute<Row>(
    sql`select ${COLUMNS} from videos v ${AROUND} where v.id = any(${textArray(ids)}) and ${inScope(scope)} order by v.created_at`,
  );
  return rows.map(overview);
}

type Row = Record<string, unknown> & {
  id: string;
  team_id: string;
  team_name: string;
  key_id: string;
  key_name: string;
  prefix: string;
  kind: string;
  operation: Operation;
  parent_id: string | null;
  root_id: string;
  model: string;
  upstream_account_id: string;
  status: VideoStatus;
  state: VideoState;
  progress: number;
  prompt: string;
  seconds: number;
  billed_seconds: number;
  size: string;
  metadata: Record<string, string>;
  is_test: boolean;
  charge: VideoOverview['charge'];
  est_micro: string;
  final_micro: string | null;
  error_code: string | null;
  error_message: string | null;
  at_risk: boolean | null;
  variants: Variant[];
  bytes: string | null;
  created_at: string;
};

function overview(row: Row): VideoOverview {
  const at = (name: string): Date | null => (row[name] == null ? null : new Date(row[name] as string));
  return {
    id: row.id,
    team: { id: row.team_id, name: row.team_name },
    key: { id: row.key_id, name: row.key_name, prefix: row.prefix, kind: row.kind },
    operation: row.operation,
    parentId: row.parent_id,
    rootId: row.root_id,
    model: row.model,
    upstreamId: row.upstream_account_id,
    status: row.status,
    state: row.state,
    progress: row.progress,
    prompt: row.prompt,
    seconds: row.seconds,
    billedSeconds: row.billed_seconds,
    size: row.size,
    metadata: row.metadata,
    isTest: row.is_test,
    charge: row.charge,
    estimatedMicroUsd: BigInt(row.est_micro),
    finalMicroUsd: row.final_micro === null ? null : BigInt(row.final_micro),
    errorCode: row.error_code,
    errorMessage: row.error_message,
    atRisk: row.at_risk === true,
    quarantinedAt: at('quarantined_at'),
    holdAt: at('legal_hold_at'),
    variants: row.variants,
    bytes: row.bytes === null ? null : Number(row.bytes),
    createdAt: new Date(row.created_at),
    submittedAt: at('submitted_at'),
    startedAt: at('started_at'),
    completedAt: at('completed_at'),
    storedAt: at('stored_at'),
    upstreamExpiresAt: at('upstream_expires_at'),
    expiresAt: at('expires_at'),
    deleteRequestedAt: at('delete_requested_at'),
    deletedAt: at('deleted_at'),
    purgedAt: at('purged_at'),
  };
}
