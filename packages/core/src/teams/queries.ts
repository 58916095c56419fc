import { type Queryable, schema } from '@reelgate/db';
import { eq, sql } from 'drizzle-orm';
import type { TeamScope } from '../context.ts';

const { brakes, organizations, teams } = schema;

/** There is one organization per deployment, and this is its id. */
const ORGANIZATION_ID = 'org';

export async function upsertOrganization(db: Queryable, name: string): Promise<void> {
  await db.insert(organizations).values({ id: ORGANIZATION_ID, name }).onConflictDoNothing();
}

/** The company of this deployment, and since when and why nobody makes new videos. */
export interface OrganizationView {
  readonly name: string;
  /** IANA zone in which its days and months begin. */
  readonly timeZone: string;
  readonly pausedAt: Date | null;
  readonly pausedReason: string | null;
  readonly version: number;
}

/** There is one before its row is there, which is written with the first team. */
export async function findOrganization(db: Queryable): Promise<OrganizationView> {
  const [row] = await db
    .select({
      name: organizations.name,
      timeZone: organizations.timeZone,
      version: organizations.version,
    })
    .from(organizations);
  const [brake] = await db
    .select({ pausedAt: brakes.pulledAt, pausedReason: brakes.reason })
    .from(brakes)
    .where(eq(brakes.scopeKind, 'org'));
  return {
    ...(row ?? { name: 'Organization', timeZone: 'UTC', version: 1 }),
    ...(brake ?? { pausedAt: null, pausedReason: null }),
  };
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
  /** Spent and reserved on an average of the last seven days. */
  readonly perDayMicroUsd: bigint;
  /** When nothing is left at that rate, where that is before the reset. */
  readonly runsOutAt: Date | null;
}

export type TeamState = 'active' | 'frozen' | 'disabled';

export interface TeamView {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly version: number;
  readonly state: TeamState;
  readonly disabledAt: Date | null;
  readonly frozenAt: Date | null;
  readonly frozenReason: string | null;
  /** `byAdmin`: only somebody whose teams are all can unfreeze it. */
  readonly frozenBy: { readonly name: string; readonly byAdmin: boolean } | null;
  readonly requestsPerMinute: number | null;
  /** That the `webhook_url` of a single video may name. */
  readonly webhookHosts: readonly string[];
  /** Of the newest secret that what is posted there is signed with; null where there is none. */
  readonly webhookSecretHint: string | null;
  readonly keys: number;
  readonly members: number;
  readonly activeVideos: number;
  readonly concurrencyLimit: bigint | null;
  readonly budget: TeamBudget | null;
}

export interface TeamFilter {
  /** Part of the name. */
  readonly search?: string | undefined;
  readonly state?: TeamState | undefined;
}

const STATE = sql`case when t.disabled_at is not null then 'disabled' when f.pulled_at is not null then 'frozen' else 'active' end`;

/** By name, from the one after `after` on. */
export async function listTeamViews(
  db: Queryable,
  scope: TeamScope,
  filter: TeamFilter & { readonly ids?: readonly string[] },
  page: { readonly afterName: string | null; readonly limit: number },
): Promise<TeamView[]> {
  const search = filter.search === undefined ? null : `%${filter.search.replaceAll(/[\\%_]/g, '\\$&')}%`;
  const { rows } = await db.execute<ViewRow>(sql`
    select t.id, t.name, t.created_at, t.version, t.disabled_at, t.requests_per_minute, t.webhook_hosts,
           (select s.hint from webhook_secrets s where s.team_id = t.id order by s.id desc limit 1) as webhook_secret_hint,
           ${STATE} as state, f.pulled_at as frozen_at, f.reason as frozen_reason, brake_puller(f) as frozen_by, f.by_admin as frozen_by_admin,
           (select count(*) from api_keys k where k.team_id = t.id and k.state = 'active'
               and (k.expires_at is null or k.expires_at > clock_timestamp())) as keys,
           (select count(*) from team_members m where m.team_id = t.id) as members,
           (select count(*) from videos v where v.team_id = t.id
               and v.state in ('accepted','submitting','unknown','rendering','archiving')) as active_videos,
           (select quota_state(q, quota_bucket_at(q.id, clock_timestamp()), 0, clock_timestamp()) ->> 'hard'
              from quota_limits q where q.scope_kind = 'team' and q.scope_id = t.id
               and q.metric = 'concurrent' and q.retired_at is null and q.model is null and q.tags = '{}' limit 1) as concurrency_limit,
           b.quota_id, b.tz, b.hard, b.reserved, b.settled, b.resets_at, trunc(lately.per_day) as per_day,
           case when b.hard <= b.reserved + b.settled then clock_timestamp()
                when rate.seconds_left < extract(epoch from b.resets_at - clock_timestamp())
                then clock_timestamp() + make_interval(secs => rate.seconds_left::float8) end as runs_out_at
      from teams t
      left join brakes f on f.scope_kind = 'team' and f.scope_id = t.id
      left join lateral (
        select q.id as quota_id, q.tz, (now.state ->> 'hard')::bigint as hard, (now.state ->> 'reserved')::bigint as reserved,
               (now.state ->> 'settled')::bigint as settled, (now.state ->> 'resetsAt')::timestamptz as resets_at
          from quota_limits q
         cross join lateral (
           select quota_state(q, quota_bucket_at(q.id, clock_timestamp()), 0, clock_timestamp()) as state) now
         where q.scope_kind = 'team' and q.scope_id = t.id and q.metric = 'cost' and q."window" = 'month'
           and q.retired_at is null and q.model is null and q.tags = '{}'
         limit 1) b on true
      left join lateral (
        select coalesce(sum(s.cost_reserved + s.cost_settled), 0)::numeric / 7 as per_day
          from spend s
         where b.quota_id is not null and s.team_id = t.id and not s.is_test
           and s.at >= clock_timestamp() - interval '7 days') lately on true
      left join lateral (
        select (b.hard - b.reserved - b.settled) / nullif(lately.per_day, 0) * 86400 as seconds_left) rate on true
     where ${scope === 'all' ? sql`true` : sql`t.id = any(${textArray(scope)})`}
       and ${filter.ids === undefined ? sql`true` : sql`t.id = any(${textArray(filter.ids)})`}
       and ${search === null ? sql`true` : sql`t.name ilike ${search}`}
       and ${filter.state === undefined ? sql`true` : sql`${STATE} = ${filter.state}`}
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
  state: TeamState;
  disabled_at: string | null;
  frozen_at: string | null;
  frozen_reason: string | null;
  frozen_by: string;
  frozen_by_admin: boolean | null;
  requests_per_minute: number | null;
  webhook_hosts: string[];
  webhook_secret_hint: string | null;
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
  per_day: string;
  runs_out_at: string | null;
};

function view(row: ViewRow): TeamView {
  return {
    id: row.id,
    name: row.name,
    createdAt: new Date(row.created_at),
    version: row.version,
    state: row.state,
    disabledAt: dateOrNull(row.disabled_at),
    frozenAt: dateOrNull(row.frozen_at),
    frozenReason: row.frozen_reason,
    frozenBy: row.frozen_at === null ? null : { name: row.frozen_by, byAdmin: row.frozen_by_admin === true },
    requestsPerMinute: row.requests_per_minute,
    webhookHosts: row.webhook_hosts,
    webhookSecretHint: row.webhook_secret_hint,
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
            resetsAt: dateOrNull(row.resets_at),
            perDayMicroUsd: BigInt(row.per_day),
            runsOutAt: dateOrNull(row.runs_out_at),
          },
  };
}

function dateOrNull(text: string | null): Date | null {
  return text === null ? null : new Date(text);
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
    webhookHosts,
  }: {
    name?: string | undefined;
    disabled?: boolean | undefined;
    requestsPerMinute?: number | null | undefined;
    webhookHosts?: string[] | undefined;
  },
): Promise<TeamRow | null> {
  const [row] = await db
    .update(teams)
    .set({
      version: sql`${teams.version} + 1`,
      ...(name !== undefined && { name }),
      ...(requestsPerMinute !== undefined && { requestsPerMinute }),
      ...(webhookHosts !== undefined && { webhookHosts }),
      ...(disabled !== undefined && {
        disabledAt: disabled ? sql`coalesce(${teams.disabledAt}, clock_timestamp())` : null,
      }),
    })
    .where(eq(teams.id, id))
    .returning();
  return row ?? null;
}
