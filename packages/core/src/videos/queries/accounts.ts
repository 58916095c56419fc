/** What the polls of a whole account read and write: rows in sets, each write fenced by its epoch. */
import { after, ms, now, type Queryable, schema } from '@reelgate/db';
import { and, eq, inArray, isNull, lte, sql } from 'drizzle-orm';
import type { VideoState } from '../state.ts';
import { claimAnyWhere, free, type Lease } from './claim.ts';
import type { Claim } from './rows.ts';

const { accountPolls, upstreamAccounts, videos } = schema;

export async function listAnyUpstreamAccounts(db: Queryable): Promise<string[]> {
  const rows = await db.select({ id: upstreamAccounts.id }).from(upstreamAccounts);
  return rows.map(({ id }) => id);
}

export interface PollTurn {
  readonly upstreamAccountId: string;
  /** Of the database's clock. */
  readonly takenAt: Date;
  /** The list is to be read back to the oldest render, not only to those that are young. */
  readonly deep: boolean;
}

/**
 * Takes the turn to look at an account's renders: at most once in `everyMs`, and only where one is rendered (where `lists`) or due
 * (where not), or nobody has looked for `idleMs`. Null where it is not time, or somebody else is at it.
 */
export async function takePollTurn(
  db: Queryable,
  accountId: string,
  turn: {
    owner: string;
    leaseMs: number;
    everyMs: number;
    deepEveryMs: number;
    idleMs: number;
    /** One call shows them all. What it shows is then not due for a while; the next call comes all the same. */
    lists: boolean;
  },
): Promise<PollTurn | null> {
  const before = (agoMs: number) => sql`clock_timestamp() - ${ms(agoMs)}`;
  const { rows } = await db.execute<{ taken_at: string; deep: boolean }>(sql`
    insert into account_polls as p (account_id, polled_at, deep_polled_at, lease_owner, lease_until)
    select ${accountId}, clock_timestamp(), clock_timestamp(), ${turn.owner}, ${after(turn.leaseMs)}
     where not exists (
       select 1 from upstream_accounts a where a.id = ${accountId} and a.intake = 'disabled')
       and not exists (
       select 1 from account_polls q where q.account_id = ${accountId}
          and (q.lease_until > clock_timestamp() or q.polled_at > ${before(turn.everyMs)}
               or (q.polled_at > ${before(turn.idleMs)} and not exists (
                     select 1 from videos v where v.upstream_account_id = ${accountId} and v.state = 'rendering'
                        and v.quarantined_at is null
                        and (${turn.lists} or v.next_action_at <= clock_timestamp())))))
    on conflict (account_id) do update
       set polled_at = clock_timestamp(),
           deep_polled_at = case when p.deep_polled_at > ${before(turn.deepEveryMs)} then p.deep_polled_at else clock_timestamp() end,
           lease_owner = excluded.lease_owner, lease_until = excluded.lease_until
     where p.lease_until is null or p.lease_until <= clock_timestamp()
    returning polled_at as taken_at, deep_polled_at >= polled_at as deep`);
  const [row] = rows;
  return row ? { upstreamAccountId: accountId, takenAt: new Date(row.taken_at), deep: row.deep } : null;
}

export async function renewPollTurn(
  db: Queryable,
  accountId: string,
  owner: string,
  leaseMs: number,
): Promise<boolean> {
  const rows = await db
    .update(accountPolls)
    .set({ leaseUntil: after(leaseMs) })
    .where(and(eq(accountPolls.upstreamAccountId, accountId), eq(accountPolls.leaseOwner, owner)))
    .returning({ id: accountPolls.upstreamAccountId });
  return rows.length === 1;
}

export async function endPollTurn(db: Queryable, accountId: string, owner: string): Promise<void> {
  await db
    .update(accountPolls)
    .set({ leaseOwner: null, leaseUntil: null })
    .where(and(eq(accountPolls.upstreamAccountId, accountId), eq(accountPolls.leaseOwner, owner)));
}

/** How far back an account's list has to be read for its renders: the upstream's own time of the oldest, or of the oldest young one. */
export async function findAnyOldestRender(
  db: Queryable,
  accountId: string,
  youngMs: number | null,
): Promise<{ count: number; createdAt: Date | null }> {
  const young =
    youngMs === null
      ? sql`true`
      : sql`coalesce(submitted_at, created_at) > clock_timestamp() - ${ms(youngMs)}`;
  const { rows } = await db.execute<{ count: number; created_at: string | null }>(sql`
    select count(*)::int as count, min(coalesce(upstream_created_at, submitted_at, created_at)) as created_at
      from videos where upstream_account_id = ${accountId} and state = 'rendering' and ${young}`);
  const [row] = rows;
  return { count: row?.count ?? 0, createdAt: row?.created_at ? new Date(row.created_at) : null };
}

export interface ListedRow {
  readonly id: string;
  readonly upstreamId: string;
  readonly state: VideoState;
  readonly progress: number;
  readonly startedAt: Date | null;
  readonly submittedAt: Date | null;
  readonly leaseEpoch: number;
  readonly failures: number;
  /** Somebody is at work on it, or it is set aside. */
  readonly busy: boolean;
  /** Until it is due, in ms. */
  readonly dueInMs: number | null;
}

/** The rows of these ids of an account. */
export async function listAnyListed(
  db: Queryable,
  accountId: string,
  upstreamIds: readonly string[],
): Promise<ListedRow[]> {
  if (upstreamIds.length === 0) return [];
  const rows = await db
    .select({
      id: videos.id,
      upstreamId: videos.upstreamId,
      state: videos.state,
      progress: videos.progress,
      startedAt: videos.startedAt,
      submittedAt: videos.submittedAt,
      leaseEpoch: videos.leaseEpoch,
      failures: videos.failures,
      busy: sql<boolean>`coalesce(${videos.leaseUntil} > clock_timestamp(), false) or ${videos.quarantinedAt} is not null`,
      dueInMs: sql<
        number | null
      >`(extract(epoch from ${videos.nextActionAt} - clock_timestamp()) * 1000)::double precision`,
    })
    .from(videos)
    .where(
      and(
        eq(videos.upstreamAccountId, accountId),
        sql`${videos.upstreamId} = any(${sql.param([...upstreamIds])}::text[])`,
      ),
    );
  return rows as ListedRow[];
}

export interface SeenUnfinished {
  readonly id: string;
  readonly leaseEpoch: number;
  readonly progress: number;
  readonly started: boolean;
  /** It was not seen at work before: its owner is told. */
  readonly begins: boolean;
  /** When it is to be read by itself, unless the list shows it again before. */
  readonly lookInMs: number;
}

/**
 * What a list has shown of renders that go on, and the events of those that begin, in one statement. Rows that somebody has taken
 * since are left alone.
 */
export async function recordSeen(db: Queryable, seen: readonly SeenUnfinished[]): Promise<void> {
  await db.execute(sql`
    with seen as (
      update videos v
         set progress = greatest(v.progress, d.progress), failures = 0,
             started_at = case when d.started then coalesce(v.started_at, clock_timestamp()) else v.started_at end,
             next_action_at = clock_timestamp() + make_interval(secs => d.look_in_ms / 1000)
        from jsonb_to_recordset(${JSON.stringify(
          seen.map((row) => ({
            id: row.id,
            epoch: row.leaseEpoch,
            progress: row.progress,
            started: row.started,
            begins: row.begins,
            look_in_ms: row.lookInMs,
          })),
        )}::jsonb) as d (id text, epoch bigint, progress int, started boolean, begins boolean, look_in_ms double precision)
       where v.id = d.id and v.lease_epoch = d.epoch and v.state = 'rendering'
         and (v.lease_until is null or v.lease_until <= clock_timestamp())
      returning v.id, v.team_id, d.begins and v.delete_requested_at is null as told)
    select count(e.event_id) from seen cross join lateral
           emit_event(seen.team_id, 'video.in_progress', seen.id, format('{"id":%s}', to_json(seen.id))::json) e
     where seen.told`);
}

/** Takes a row as it was when it was read, due or not. Null where somebody else has had it since. */
export async function claimAnySeen(
  db: Queryable,
  row: Pick<ListedRow, 'id' | 'leaseEpoch' | 'state'>,
  lease: Lease,
): Promise<Claim | null> {
  const [claim] = await claimAnyWhere(
    db,
    lease,
    eq(videos.id, row.id),
    eq(videos.leaseEpoch, row.leaseEpoch),
    eq(videos.state, row.state),
    isNull(videos.quarantinedAt),
    free(),
  );
  return claim ?? null;
}

/** Takes the renders of an account that are due, the longest overdue first, in one statement. */
export async function claimAnyDueRenders(
  db: Queryable,
  accountId: string,
  limit: number,
  lease: Lease,
): Promise<Claim[]> {
  const due = db
    .select({ id: videos.id })
    .from(videos)
    .where(
      and(
        eq(videos.upstreamAccountId, accountId),
        eq(videos.state, 'rendering'),
        isNull(videos.quarantinedAt),
        lte(videos.nextActionAt, now),
        free(),
      ),
    )
    .orderBy(videos.nextActionAt)
    .limit(limit)
    .for('update', { skipLocked: true });
  return await claimAnyWhere(db, lease, inArray(videos.id, due));
}

/** Takes the turn at some upkeep, at most once in so many ms for all workers together. */
export async function takeAnyUpkeepTurn(db: Queryable, name: string, everyMs: number): Promise<boolean> {
  const { rowCount } = await db.execute(sql`
    insert into upkeep_turns as t (name, taken_at) values (${name}, clock_timestamp())
    on conflict (name) do update set taken_at = clock_timestamp()
     where t.taken_at <= clock_timestamp() - ${ms(everyMs)}`);
  return rowCount === 1;
}
