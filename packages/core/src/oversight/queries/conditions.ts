/** Which videos: the filters of list, counts, export and bulk actions, as conditions on `videos v`. */
import { type SQL, sql } from 'drizzle-orm';
import type { TeamScope } from '../../context.ts';

export interface AllVideosFilter {
  /** Words of the prompt, or an id. */
  readonly search?: string | undefined;
  readonly statuses?: readonly string[] | undefined;
  readonly states?: readonly string[] | undefined;
  readonly teamIds?: readonly string[] | undefined;
  readonly keyIds?: readonly string[] | undefined;
  readonly models?: readonly string[] | undefined;
  readonly upstreamIds?: readonly string[] | undefined;
  readonly operations?: readonly string[] | undefined;
  readonly errorCodes?: readonly string[] | undefined;
  readonly tag?: { readonly key: string; readonly value: string } | undefined;
  readonly costMinMicroUsd?: bigint | undefined;
  readonly costMaxMicroUsd?: bigint | undefined;
  /** Inclusive, and exclusive. */
  readonly createdFrom?: Date | undefined;
  readonly createdBefore?: Date | undefined;
  readonly rootId?: string | undefined;
  readonly atRisk?: boolean | undefined;
  readonly stuck?: boolean | undefined;
  readonly hold?: boolean | undefined;
  readonly deleted?: 'without' | 'with' | 'only' | undefined;
}

/** What its owner sees; the same as `publicStatus`. */
export const statusOf = sql`case
  when v.state in ('accepted','submitting','unknown') then 'queued'
  when v.state = 'rendering' and v.started_at is null then 'queued'
  when v.state in ('rendering','archiving') then 'in_progress'
  when v.state in ('stored','partly_stored') then 'completed'
  else 'failed' end`;

/** Settled, or estimated while it is not. */
const costOf = sql`coalesce(v.final_micro, v.est_micro)`;

/** Finished at the upstream, not stored here, and something is in the way or time is short. */
export const isAtRisk = sql`(v.state = 'archiving' and (v.failures > 0 or v.alerted_at is not null
  or v.archive_deadline_at < clock_timestamp() + interval '30 minutes'))`;

/** Set aside after too many failures, or due for minutes with nobody at work on it. */
export const isStuck = sql`(v.quarantined_at is not null or (v.next_action_at < clock_timestamp() - interval '5 minutes'
  and (v.lease_until is null or v.lease_until < clock_timestamp())))`;

/** As one parameter. */
export function textArray(values: readonly string[]): SQL {
  return sql`${sql.param([...values])}::text[]`;
}

export function inScope(scope: TeamScope, teamId: SQL = sql`v.team_id`): SQL {
  return scope === 'all' ? sql`true` : isOneOf(teamId, scope);
}

const VIDEO_ID = /^video_[A-Za-z0-9]+$/;

/** Text search as the index on prompts has it: every word, the last one as a beginning. Null where there are no words. */
function promptQuery(search: string): string | null {
  const words = search.normalize('NFC').match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.length === 0 ? null : `${words.map((word) => `'${word}'`).join(' & ')}:*`;
}

const hasWords = (words: string) => sql`to_tsvector('simple', v.prompt) @@ to_tsquery('simple', ${words})`;

/** The words of a filter as the index has them; null where it has none. */
export function wordsOf({ search }: AllVideosFilter): string | null {
  return search === undefined || VIDEO_ID.test(search.trim()) ? null : promptQuery(search);
}

/** Only what has ended is on the index of words; of the rest there is never much. */
export const ended = (words: string) =>
  sql`v.state in ('stored','partly_stored','content_lost','failed','purged') and ${hasWords(words)}`;
const underWay = (words: string) =>
  sql`v.state in ('accepted','submitting','unknown','rendering','archiving') and ${hasWords(words)}`;

/** `videos v`, or of those the ones with these words, found by the index. */
export function videosWith(words: string | null): SQL {
  return words === null
    ? sql`videos v`
    : sql`(select v.* from videos v where ${ended(words)} union all select v.* from videos v where ${underWay(words)}) v`;
}

/** The same, looked for from the newest on: for words that so many prompts have that there is no need to find them all. */
export function newestWith(words: string): SQL {
  return hasWords(words);
}

/** The filters that are no facets: these hold for every count. */
export function narrowing(filter: AllVideosFilter): SQL {
  const { search, tag, rootId, createdFrom, createdBefore, costMinMicroUsd, costMaxMicroUsd } = filter;
  const parts: SQL[] = [];
  if (search !== undefined && VIDEO_ID.test(search.trim())) parts.push(sql`v.id = ${search.trim()}`);
  else if (search !== undefined && promptQuery(search) === null) parts.push(sql`false`);
  if (tag) parts.push(sql`v.metadata @> ${JSON.stringify({ [tag.key]: tag.value })}::jsonb`);
  if (rootId !== undefined) parts.push(sql`v.root_id = ${rootId}`);
  if (createdFrom) parts.push(sql`v.created_at >= ${createdFrom.toISOString()}::timestamptz`);
  if (createdBefore) parts.push(sql`v.created_at < ${createdBefore.toISOString()}::timestamptz`);
  if (costMinMicroUsd !== undefined) parts.push(sql`${costOf} >= ${costMinMicroUsd.toString()}::bigint`);
  if (costMaxMicroUsd !== undefined) parts.push(sql`${costOf} <= ${costMaxMicroUsd.toString()}::bigint`);
  if (filter.hold !== undefined)
    parts.push(filter.hold ? sql`v.legal_hold_at is not null` : sql`v.legal_hold_at is null`);
  if (filter.atRisk !== undefined)
    parts.push(filter.atRisk ? isAtRisk : sql`not coalesce(${isAtRisk}, false)`);
  if (filter.stuck !== undefined) parts.push(filter.stuck ? isStuck : sql`not coalesce(${isStuck}, false)`);
  if (filter.deleted === 'only') parts.push(sql`v.delete_requested_at is not null`);
  else if (filter.deleted !== 'with') parts.push(sql`v.delete_requested_at is null`);
  return all(parts);
}

/** `statusOf` where only whether it was started is left. */
export const STATUS_OF_GROUP = sql`case
  when state in ('accepted','submitting','unknown') or (state = 'rendering' and not started) then 'queued'
  when state in ('rendering','archiving') then 'in_progress'
  when state in ('stored','partly_stored') then 'completed'
  else 'failed' end`;

/** Each facet with the column that it counts and the condition that it makes. */
export function facets(filter: AllVideosFilter) {
  const oneOf = (column: SQL, values: readonly string[] | undefined) =>
    values === undefined ? sql`true` : sql`${column} = any(${textArray(values)})`;
  return {
    status: oneOf(STATUS_OF_GROUP, filter.statuses),
    state: oneOf(sql`state`, filter.states),
    team: oneOf(sql`team_id`, filter.teamIds),
    key: oneOf(sql`key_id`, filter.keyIds),
    model: oneOf(sql`model`, filter.models),
    upstream: oneOf(sql`upstream_account_id`, filter.upstreamIds),
    operation: oneOf(sql`operation`, filter.operations),
    error_code: oneOf(sql`error_code`, filter.errorCodes),
  } as const;
}

/** Every filter, for rows. */
export function matching(scope: TeamScope, filter: AllVideosFilter): SQL {
  const { statuses, states, teamIds, keyIds, models, upstreamIds, operations, errorCodes } = filter;
  const parts = [inScope(scope), narrowing(filter)];
  const oneOf = (column: SQL, values: readonly string[] | undefined) => {
    if (values !== undefined) parts.push(isOneOf(column, values));
  };
  if (statuses !== undefined) {
    parts.push(sql`${statusOf} = any(${textArray(statuses)})`);
    // By the states that these can be, which are on an index.
    oneOf(
      sql`v.state`,
      statuses.flatMap((status) => STATES_OF[status] ?? []),
    );
  }
  oneOf(sql`v.state`, states);
  oneOf(sql`v.team_id`, teamIds);
  oneOf(sql`v.key_id`, keyIds);
  oneOf(sql`v.model`, models);
  oneOf(sql`v.upstream_account_id`, upstreamIds);
  oneOf(sql`v.operation`, operations);
  oneOf(sql`v.error_code`, errorCodes);
  return all(parts);
}

const STATES_OF: Readonly<Record<string, readonly string[]>> = {
  queued: ['accepted', 'submitting', 'unknown', 'rendering'],
  in_progress: ['rendering', 'archiving'],
  completed: ['stored', 'partly_stored'],
  failed: ['content_lost', 'failed', 'purged'],
};

/** A single value is compared as such, so that an index gives its rows in order. */
function isOneOf(column: SQL, values: readonly string[]): SQL {
  const [value] = values;
  return values.length === 1 && value !== undefined
    ? sql`${column} = ${value}`
    : sql`${column} = any(${textArray(values)})`;
}

function all(parts: readonly SQL[]): SQL {
  return parts.length === 0 ? sql`true` : sql.join([...parts], sql` and `);
}
