/** Upstream accounts as administrators see them. */
import { after, type Queryable, schema } from '@reelgate/db';
import { and, eq, notInArray, or, sql } from 'drizzle-orm';

const { upstreamAccounts, upstreamBreakers } = schema;

export type UpstreamIntake = (typeof upstreamAccounts.$inferSelect)['intake'];

/** What holds creates of this account back; null where nothing does. */
export async function findAnyHold(
  db: Queryable,
  accountId: string,
): Promise<'disabled' | 'out_of_credit' | null> {
  const [account] = await db
    .select({ intake: upstreamAccounts.intake, creditProbeAt: upstreamAccounts.creditProbeAt })
    .from(upstreamAccounts)
    .where(eq(upstreamAccounts.id, accountId));
  if (account?.intake === 'disabled') return 'disabled';
  return account?.creditProbeAt ? 'out_of_credit' : null;
}

/** Whether the caller is the one that may find out if an account has credit again. */
export async function takeAnyCreditProbe(db: Queryable, accountId: string): Promise<boolean> {
  const { rows } = await db.execute<{ isProbe: boolean }>(
    sql`select out_of_credit(${accountId}) is null as "isProbe"`,
  );
  return rows[0]?.isProbe === true;
}

/** The account refused a create for want of credit: no other is sent for so long, in ms. */
export async function noteOutOfCredit(db: Queryable, accountId: string, forMs: number): Promise<void> {
  await db
    .update(upstreamAccounts)
    .set({ creditProbeAt: after(forMs), creditRefusedAt: sql`clock_timestamp()` })
    .where(eq(upstreamAccounts.id, accountId));
}

/** Its list was read; written now and then, because every turn reads it. */
export async function noteListed(db: Queryable, accountId: string): Promise<void> {
  await db
    .update(upstreamAccounts)
    .set({ listHealthyAt: sql`clock_timestamp()` })
    .where(
      and(
        eq(upstreamAccounts.id, accountId),
        sql`coalesce(${upstreamAccounts.listHealthyAt} < clock_timestamp() - interval '30 seconds', true)`,
      ),
    );
}

export interface UpstreamFacts {
  readonly id: string;
  readonly kind: string;
  readonly baseUrl: string;
  readonly intake: UpstreamIntake;
  readonly intakeReason: string | null;
  readonly clockSkewMs: number;
  /** Of the processes that hold calls back, together. */
  readonly breakerState: 'closed' | 'open' | 'half_open';
  readonly breakerUntil: Date | null;
  readonly breakerReason: string | null;
  /** Its account is: new videos are refused until a probe of theirs is taken. */
  readonly outOfCredit: boolean;
  readonly listHealthyAt: Date | null;
  readonly inFlight: number;
  readonly waiting: number;
  readonly errorsLastHour: readonly { readonly class: string; readonly count: number }[];
  /** Over 24 hours, of videos that ended. */
  readonly stored: number;
  readonly failed: number;
  readonly p50Seconds: number | null;
  readonly p95Seconds: number | null;
  readonly models: readonly string[];
}

/** All of them, or one. */
export async function listAnyUpstreams(db: Queryable, id: string | null): Promise<UpstreamFacts[]> {
  const { rows } = await db.execute<Record<keyof UpstreamFacts, unknown>>(sql`
    select a.id, a.kind, a.base_url as "baseUrl", a.intake, a.intake_reason as "intakeReason", a.clock_skew_ms as "clockSkewMs",
           a.list_healthy_at as "listHealthyAt", 
           case when a.credit_probe_at > clock_timestamp() then 'open' when a.credit_probe_at is not null then 'half_open'
                else coalesce(b.state, 'closed') end as "breakerState",
           coalesce(a.credit_probe_at, b.until) as "breakerUntil",
           case when a.credit_probe_at is not null then 'its account is out of credit' else b.reason end as "breakerReason",
           a.credit_probe_at is not null as "outOfCredit",
           (select count(*)::int from videos v where v.upstream_account_id = a.id and v.next_action_at is not null
               and v.state in ('submitting', 'unknown', 'rendering', 'archiving')) as "inFlight",
           (select count(*)::int from videos v where v.upstream_account_id = a.id and v.next_action_at is not null
               and v.state = 'accepted') as waiting,
           coalesce((select jsonb_agg(jsonb_build_object('class', e.class, 'count', e.count) order by e.count desc) from (
             select s.error_class as class, count(*)::int as count from upstream_submissions s
              where s.account_id = a.id and s.error_class is not null and s.ended_at > clock_timestamp() - interval '1 hour'
              group by 1) e), '[]') as "errorsLastHour",
           coalesce(d.stored, 0) as stored, coalesce(d.failed, 0) as failed, d.p50 as "p50Seconds", d.p95 as "p95Seconds",
           coalesce((select jsonb_agg(m.name order by m.name) from models m where m.upstream_account_id = a.id and m.enabled), '[]') as models
      from upstream_accounts a
      left join lateral (
        -- Of 'open' and 'half_open' the first is the greater.
        select max(state) as state, max(until) as until,
               'held back because most failed: ' || string_agg(distinct verb, ', ' order by verb) as reason
          from upstream_breakers where account_id = a.id and until > clock_timestamp()) b on true
      left join lateral (
        select count(*) filter (where v.state in ('stored', 'partly_stored'))::int as stored,
               count(*) filter (where v.state in ('failed', 'content_lost'))::int as failed,
               percentile_cont(0.5) within group (order by extract(epoch from v.completed_at - v.submitted_at))::float8 as p50,
               percentile_cont(0.95) within group (order by extract(epoch from v.completed_at - v.submitted_at))::float8 as p95
          from videos v where v.upstream_account_id = a.id and v.created_at > clock_timestamp() - interval '24 hours') d on true
     where ${id}::text is null or a.id = ${id}
     order by a.id`);
  return rows.map((row) => ({
    ...row,
    listHealthyAt: row.listHealthyAt === null ? null : new Date(row.listHealthyAt as string),
    breakerUntil: row.breakerUntil === null ? null : new Date(row.breakerUntil as string),
  })) as UpstreamFacts[];
}

/** All that a process holds back of the calls to an upstream; it counts for so long. */
export async function recordAnyBreakers(
  db: Queryable,
  accountId: string,
  told: {
    readonly owner: string;
    readonly held: readonly { readonly verb: string; readonly state: 'open' | 'half_open' }[];
    readonly countsMs: number;
  },
): Promise<void> {
  const { owner, held } = told;
  if (held.length > 0) {
    const until = after(told.countsMs);
    await db
      .insert(upstreamBreakers)
      .values(held.map(({ verb, state }) => ({ accountId, owner, verb, state, until })))
      .onConflictDoUpdate({
        target: [upstreamBreakers.accountId, upstreamBreakers.owner, upstreamBreakers.verb],
        set: { state: sql`excluded.state`, until: sql`excluded.until` },
      });
  }
  // What is closed again, and what processes that have gone have left.
  await db.delete(upstreamBreakers).where(
    and(
      eq(upstreamBreakers.accountId, accountId),
      or(
        and(
          eq(upstreamBreakers.owner, owner),
          notInArray(
            upstreamBreakers.verb,
            held.map(({ verb }) => verb),
          ),
        ),
        sql`${upstreamBreakers.until} < clock_timestamp()`,
      ),
    ),
  );
}

/** What it was before. Null where there is no such account. */
export async function lockAnyUpstream(
  tx: Queryable,
  id: string,
): Promise<{ intake: UpstreamIntake; intakeReason: string | null } | null> {
  const [row] = await tx
    .select({ intake: upstreamAccounts.intake, intakeReason: upstreamAccounts.intakeReason })
    .from(upstreamAccounts)
    .where(eq(upstreamAccounts.id, id))
    .for('update');
  return row ?? null;
}

export async function setIntake(
  tx: Queryable,
  id: string,
  intake: UpstreamIntake,
  reason: string,
): Promise<void> {
  await tx
    .update(upstreamAccounts)
    // Whoever opens it wants the next create to be sent.
    .set({ intake, intakeReason: reason, ...(intake === 'open' && { creditProbeAt: null }) })
    .where(eq(upstreamAccounts.id, id));
}
