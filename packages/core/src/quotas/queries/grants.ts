import { type Queryable, schema } from '@reelgate/db';
import { eq, sql } from 'drizzle-orm';
import type { TeamScope } from '../../context.ts';
import { inScope, scopeName } from './limit-views.ts';
import type { QuotaMetric, QuotaScope } from './limits.ts';

const { budgetRequests, quotaGrants } = schema;

export interface GrantView {
  readonly id: string;
  readonly limitId: string;
  readonly scopeKind: QuotaScope;
  readonly scopeId: string;
  readonly scopeName: string;
  readonly metric: QuotaMetric;
  readonly amount: bigint;
  readonly reason: string;
  readonly isActive: boolean;
  readonly createdAt: Date;
  readonly endsAt: Date;
  readonly grantedBy: string;
  readonly grantedByName: string;
}

/** Only behind a closed gate, and then put in force. */
export async function insertGrant(
  tx: Queryable,
  row: Pick<typeof quotaGrants.$inferInsert, 'id' | 'limitId' | 'amount' | 'reason' | 'endsAt'> & {
    grantedBy: string;
    grantedByName: string;
  },
): Promise<void> {
  await tx.insert(quotaGrants).values(row);
}

/** Only behind a closed gate, and then put in force. False where it had ended. */
export async function revokeGrant(tx: Queryable, id: string): Promise<boolean> {
  const rows = await tx
    .update(quotaGrants)
    .set({ revokedAt: sql`clock_timestamp()` })
    .where(
      sql`${quotaGrants.id} = ${id} and ${quotaGrants.revokedAt} is null and ${quotaGrants.endsAt} > clock_timestamp()`,
    )
    .returning({ id: quotaGrants.id });
  return rows.length === 1;
}

/** Newest first. */
export async function listGrantViews(
  db: Queryable,
  scope: TeamScope,
  filter: { id?: string; limitId?: string; teamId?: string; state?: 'active' | 'ended' },
  page: { after: string | null; limit: number },
): Promise<GrantView[]> {
  const active = sql`(g.revoked_at is null and g.ends_at > clock_timestamp())`;
  const { rows } = await db.execute<Record<string, unknown>>(sql`
    select g.id, g.limit_id as "limitId", l.scope_kind as "scopeKind", l.scope_id as "scopeId", ${scopeName} as "scopeName",
           l.metric, g.amount::text as amount, g.reason, ${active} as "isActive", g.created_at as "createdAt",
           coalesce(g.revoked_at, g.ends_at) as "endsAt", g.granted_by as "grantedBy", g.granted_by_name as "grantedByName"
      from quota_grants g join quota_limits l on l.id = g.limit_id
     where ${inScope(scope)}
       and ${filter.id === undefined ? sql`true` : sql`g.id = ${filter.id}`}
       and ${filter.limitId === undefined ? sql`true` : sql`g.limit_id = ${filter.limitId}`}
       and ${filter.teamId === undefined ? sql`true` : inScope([filter.teamId])}
       and ${filter.state === undefined ? sql`true` : filter.state === 'active' ? active : sql`not ${active}`}
       and ${page.after === null ? sql`true` : sql`(g.created_at, g.id) < (select a.created_at, a.id from quota_grants a where a.id = ${page.after})`}
     order by g.created_at desc, g.id desc limit ${page.limit}`);
  return rows.map((row) => ({
    ...(row as unknown as GrantView),
    amount: BigInt(row.amount as string),
    createdAt: new Date(row.createdAt as string),
    endsAt: new Date(row.endsAt as string),
  }));
}

export type RequestState = (typeof budgetRequests.$inferSelect)['state'];

export interface BudgetRequestView {
  readonly id: string;
  readonly teamId: string;
  readonly teamName: string;
  readonly limitId: string;
  readonly metric: QuotaMetric;
  readonly amount: bigint;
  readonly reason: string;
  readonly state: RequestState;
  readonly requestedBy: string;
  readonly requestedByName: string;
  readonly createdAt: Date;
  readonly decidedBy: string | null;
  readonly decidedByName: string | null;
  readonly decidedAt: Date | null;
  readonly note: string | null;
  readonly grantId: string | null;
}

/** False where the team has an open one for this limit already. */
export async function insertRequest(
  tx: Queryable,
  row: typeof budgetRequests.$inferInsert,
): Promise<boolean> {
  const rows = await tx
    .insert(budgetRequests)
    .values(row)
    .onConflictDoNothing()
    .returning({ id: budgetRequests.id });
  return rows.length === 1;
}

/** Only out of `open`: false where somebody was faster. */
export async function endRequest(
  tx: Queryable,
  id: string,
  patch: Pick<
    typeof budgetRequests.$inferInsert,
    'state' | 'decidedBy' | 'decidedByName' | 'note' | 'grantId'
  >,
): Promise<boolean> {
  const rows = await tx
    .update(budgetRequests)
    .set({ ...patch, decidedAt: sql`clock_timestamp()` })
    .where(sql`${eq(budgetRequests.id, id)} and ${budgetRequests.state} = 'open'`)
    .returning({ id: budgetRequests.id });
  return rows.length === 1;
}

/** Newest first. */
export async function listRequestViews(
  db: Queryable,
  scope: TeamScope,
  filter: { id?: string; teamId?: string; state?: RequestState },
  page: { after: string | null; limit: number },
): Promise<BudgetRequestView[]> {
  const { rows } = await db.execute<Record<string, unknown>>(sql`
    select r.id, r.team_id as "teamId", t.name as "teamName", r.limit_id as "limitId", l.metric, r.amount::text as amount,
           r.reason, r.state, r.requested_by as "requestedBy", r.requested_by_name as "requestedByName",
           r.created_at as "createdAt", r.decided_by as "decidedBy", r.decided_by_name as "decidedByName",
           r.decided_at as "decidedAt", r.note, r.grant_id as "grantId"
      from budget_requests r join teams t on t.id = r.team_id join quota_limits l on l.id = r.limit_id
     where ${scope === 'all' ? sql`true` : sql`r.team_id = any(${sql.param([...scope])}::text[])`}
       and ${filter.id === undefined ? sql`true` : sql`r.id = ${filter.id}`}
       and ${filter.teamId === undefined ? sql`true` : sql`r.team_id = ${filter.teamId}`}
       and ${filter.state === undefined ? sql`true` : sql`r.state = ${filter.state}`}
       and ${page.after === null ? sql`true` : sql`(r.created_at, r.id) < (select a.created_at, a.id from budget_requests a where a.id = ${page.after})`}
     order by r.created_at desc, r.id desc limit ${page.limit}`);
  return rows.map((row) => ({
    ...(row as unknown as BudgetRequestView),
    amount: BigInt(row.amount as string),
    createdAt: new Date(row.createdAt as string),
    decidedAt: row.decidedAt === null ? null : new Date(row.decidedAt as string),
  }));
}
