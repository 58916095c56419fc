import { type Queryable, schema } from '@reelgate/db';
import { eq, sql } from 'drizzle-orm';
import type { TeamScope } from '../context.ts';

const { organizations, teams } = schema;

/** There is one organization per deployment, and this is its id. */
const ORGANIZATION_ID = 'org';

export async function upsertOrganization(db: Queryable, name: string): Promise<void> {
  await db.insert(organizations).values({ id: ORGANIZATION_ID, name }).onConflictDoNothing();
}

/** Null before the first team. */
export async function findOrganization(db: Queryable) {
  const [row] = await db
    .select({ name: organizations.name, timeZone: organizations.timeZone })
    .from(organizations);
  return row ?? null;
}

export async function insertTeam(db: Queryable, row: { id: string; name: string }): Promise<boolean> {
  const rows = await db
    .insert(teams)
    .values({ ...row, organizationId: ORGANIZATION_ID })
    .onConflictDoNothing({ target: teams.name })
    .returning({ id: teams.id });
  return rows.length === 1;
}

export async function findTeamByName(db: Queryable, name: string) {
  const [row] = await db.select({ id: teams.id, name: teams.name }).from(teams).where(eq(teams.name, name));
  return row ?? null;
}

/** What a quota for cost over the month has seen in its open period. */
export interface TeamBudget {
  readonly quotaId: string;
  readonly window: string;
  readonly timeZone: string;
  readonly limitMicroUsd: bigint | null;
  readonly usedMicroUsd: bigint;
  readonly reservedMicroUsd: bigint;
  readonly resetsAt: Date | null;
}

export interface TeamView {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly version: number;
  readonly disabledAt: Date | null;
  readonly requestsPerMinute: number | null;
  readonly keys: number;
  readonly members: number;
  readonly activeVideos: number;
  readonly concurrencyLimit: bigint | null;
  readonly budget: TeamBudget | null;
}

/** By name, from the one after `after` on. */
export async function listTeamViews(
  db: Queryable,
  scope: TeamScope,
  filter: { readonly ids?: readonly string[]; readonly search?: string | undefined },
  page: { readonly afterName: string | null; readonly limit: number },
): Promise<TeamView[]> {
  const search = filter.search === undefined ? null : `%${filter.search.replaceAll(/[\\%_]/g, '\\$&')}%`;
  const { rows } = await db.execute<ViewRow>(sql`
    select t.id, t.name, t.created_at, t.version, t.disabled_at, t.requests_per_minute,
           (select count(*) from api_keys k where k.team_id = t.id and k.state = 'active'
               and (k.expires_at is null or k.expires_at > clock_timestamp())) as keys,
           (select count(*) from team_members m where m.team_id = t.id) as members,
           (select count(*) from videos v where v.team_id = t.id
               and v.state in ('accepted','submitting','unknown','rendering','archiving')) as active_videos,
           (select q.hard from quota_limits q where q.scope_kind = 'team' and q.scope_id = t.id
               and q.metric = 'concurrent' and q.retired_at is null and q.model is null and q.tags = '{}' limit 1) as concurrency_limit,
           b.quota_id, b.tz, b.hard, b.reserved, b.settled, b.resets_at
      from teams t
      left join lateral (
        select q.id as quota_id, q.tz, q.hard, coalesce(k.reserved, 0) as reserved, coalesce(k.settled, 0) as settled,
               (date_trunc('month', clock_timestamp() at time zone q.tz) + interval '1 month') at time zone q.tz as resets_at
          from quota_limits q
          left join quota_buckets k on k.limit_id = q.id and k.period_start = date_trunc('month', clock_timestamp(), q.tz)
         where q.scope_kind = 'team' and q.scope_id = t.id and q.metric = 'cost' and q."window" = 'month'
           and q.retired_at is null and q.model is null and q.tags = '{}'
         limit 1) b on true
     where ${scope === 'all' ? sql`true` : sql`t.id = any(${textArray(scope)})`}
       and ${filter.ids === undefined ? sql`true` : sql`t.id = any(${textArray(filter.ids)})`}
       and ${search === null ? sql`true` : sql`t.name ilike ${search}`}
       and ${page.afterName === null ? sql`true` : sql`t.name > ${page.afterName}`}
     order by t.name limit ${page.limit}`);
  return rows.map(view);
}

/** As one parameter. */
function textArray(values: readonly string[]) {
  return sql`${sql.param([...values])}::text[]`;
}

type ViewRow = Record<string, unknown> & {
  id: string;
  name: string;
  created_at: string;
  version: number;
  disabled_at: string | null;
  requests_per_minute: number | null;
  keys: string;
  members: string;
  active_videos: string;
  concurrency_limit: string | null;
  quota_id: string | null;
  tz: string;
  hard: string | null;
  reserved: string;
  settled: string;
  resets_at: string | null;
};

function view(row: ViewRow): TeamView {
  return {
    id: row.id,
    name: row.name,
    createdAt: new Date(row.created_at),
    version: row.version,
    disabledAt: row.disabled_at === null ? null : new Date(row.disabled_at),
    requestsPerMinute: row.requests_per_minute,
    keys: Number(row.keys),
    members: Number(row.members),
    activeVideos: Number(row.active_videos),
    concurrencyLimit: row.concurrency_limit === null ? null : BigInt(row.concurrency_limit),
    budget:
      row.quota_id === null
        ? null
        : {
            quotaId: row.quota_id,
            window: 'month',
            timeZone: row.tz,
            limitMicroUsd: row.hard === null ? null : BigInt(row.hard),
            usedMicroUsd: BigInt(row.settled),
            reservedMicroUsd: BigInt(row.reserved),
            resetsAt: row.resets_at === null ? null : new Date(row.resets_at),
          },
  };
}

/** Nobody changes it until the end of the transaction. Null where it is not in the scope. */
export async function lockTeam(db: Queryable, scope: TeamScope, id: string): Promise<TeamRow | null> {
  if (scope !== 'all' && !scope.includes(id)) return null;
  const [row] = await db.select().from(teams).where(eq(teams.id, id)).for('update');
  return row ?? null;
}

export type TeamRow = typeof teams.$inferSelect;

/** What is left out stays; a team that is switched off again keeps the time of the first. */
export async function changeTeam(
  db: Queryable,
  id: string,
  {
    name,
    disabled,
    requestsPerMinute,
  }: {
    name?: string | undefined;
    disabled?: boolean | undefined;
    requestsPerMinute?: number | null | undefined;
  },
): Promise<TeamRow | null> {
  const [row] = await db
    .update(teams)
    .set({
      version: sql`${teams.version} + 1`,
      ...(name !== undefined && { name }),
      ...(requestsPerMinute !== undefined && { requestsPerMinute }),
      ...(disabled !== undefined && {
        disabledAt: disabled ? sql`coalesce(${teams.disabledAt}, clock_timestamp())` : null,
      }),
    })
    .where(eq(teams.id, id))
    .returning();
  return row ?? null;
}
