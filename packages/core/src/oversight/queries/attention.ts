/** What needs somebody. */
import type { Queryable } from '@reelgate/db';
import { type SQL, sql } from 'drizzle-orm';
import type { TeamScope } from '../../context.ts';
import { inScope, isAtRisk, isStuck } from './conditions.ts';

export interface Attention {
  readonly kind:
    | 'team_over_80_percent'
    | 'budget_request'
    | 'frozen_team'
    | 'stuck_video'
    | 'video_at_risk'
    | 'unpriced_model'
    | 'disabled_endpoint'
    | 'failing_upstream'
    | 'parked_reservation'
    | 'orphan'
    | 'ledger_mismatch'
    | 'paused';
  readonly severity: 'critical' | 'warning' | 'info';
  readonly label: string;
  readonly target: string;
  readonly teamId: string | null;
  readonly since: Date | null;
  readonly count: number;
}

/** The worst first. What is not a team's own is for those who see everything. */
export async function listAttention(db: Queryable, scope: TeamScope): Promise<Attention[]> {
  const ofTeams: SQL[] = [
    sql`select 'team_over_80_percent' as kind, case when used >= hard then 'critical' else 'warning' end as severity,
               t.name || ' has used ' || floor(used * 100 / hard)::text || ' % of its budget' as label, t.id as target, t.id as team_id,
               null::timestamptz as since, 1::bigint as count
          from (select q.scope_id, b.hard_limit + b.granted as hard, b.reserved + b.settled - b.leaked as used
                  from quota_limits q join quota_buckets b on b.limit_id = q.id
                 where q.scope_kind = 'team' and q.metric = 'cost' and q.retired_at is null and b.hard_limit > 0
                   and b.period_start <= clock_timestamp() and (b.period_end is null or b.period_end > clock_timestamp())) x
          join teams t on t.id = x.scope_id
         where used * 10 >= hard * 8 and ${inScope(scope, sql`t.id`)}`,
    sql`select 'budget_request', 'warning', t.name || ' asks for more: ' || r.reason, r.id, r.team_id, r.created_at, 1
          from budget_requests r join teams t on t.id = r.team_id where r.state = 'open' and ${inScope(scope, sql`r.team_id`)}`,
    sql`select 'frozen_team', 'info', t.name || ' is frozen by ' || brake_puller(f) || ': ' || f.reason, t.id, t.id, f.pulled_at, 1
          from brakes f join teams t on t.id = f.scope_id
         where f.scope_kind = 'team' and t.disabled_at is null and ${inScope(scope, sql`t.id`)}`,
    // Planned by its parts, each of which is on an index.
    sql`select 'stuck_video', 'warning', 'Video ' || v.id || ' is stuck as ' || v.state, v.id, v.team_id,
               coalesce(v.quarantined_at, v.next_action_at), 1
          from videos v
         where (v.quarantined_at is not null or v.next_action_at < clock_timestamp() - interval '5 minutes') and ${isStuck} and ${inScope(scope)}`,
    sql`select 'video_at_risk', 'critical', 'Video ' || v.id || ' is not stored yet and may be lost', v.id, v.team_id, v.completed_at, 1
          from videos v where v.state = 'archiving' and ${isAtRisk} and ${inScope(scope)}`,
    sql`select 'disabled_endpoint', 'warning', 'Webhook endpoint ' || w.url || ' was switched off', w.id, w.team_id, w.failing_since, 1
          from webhook_endpoints w where w.state = 'disabled_auto' and ${inScope(scope, sql`w.team_id`)}`,
  ];
  const ofAll: SQL[] = [
    sql`select 'unpriced_model', 'warning', m.name || ' has no price for ' || string_agg(z.size, ', '), m.name, null, null, count(*)
          from models m cross join lateral unnest(m.sizes) z(size)
         where m.enabled and not exists (
           select 1 from prices p where p.model = m.name and p.size = z.size and p.valid_from <= clock_timestamp())
         group by m.name`,
    sql`select 'failing_upstream', 'critical', u.account_id || ': held back because most failed: ' || string_agg(distinct u.verb, ', ' order by u.verb), u.account_id, null,
               null, 1
          from upstream_breakers u where u.until > clock_timestamp() group by u.account_id`,
    sql`select 'failing_upstream', 'critical', a.id || ': its account is out of credit; new videos are refused', a.id, null, null, 1
          from upstream_accounts a where a.credit_probe_at is not null`,
    sql`select 'parked_reservation', 'warning', 'Video ' || v.id || ' may have been paid for', v.id, v.team_id, v.created_at, 1
          from videos v where v.charge = 'parked'`,
    sql`select 'orphan', 'info', 'An upstream shows ' || count(*)::text || ' videos that nothing here explains', o.account_id, null,
               min(o.first_seen_at), count(*)
          from upstream_orphans o where o.state in ('seen','archived') group by o.account_id`,
    sql`select 'ledger_mismatch', 'critical', 'The books differ: ' || c.lines[1] || case when c.mismatches > 1 then ' And ' || c.mismatches - 1 || ' more.' else '' end, 'ledger', null,
               (select min(d.checked_at) from ledger_checks d where d.mismatches > 0 and d.checked_at > coalesce(
                 (select max(a.checked_at) from ledger_checks a where a.mismatches = 0), '-infinity')), c.mismatches
          from (select mismatches, lines from ledger_checks order by checked_at desc limit 1) c where c.mismatches > 0`,
    sql`select 'paused', 'critical', 'Nothing new is accepted' || coalesce(': ' || f.reason, ''), f.scope_id, null, f.pulled_at, 1
          from brakes f where f.scope_kind = 'org'`,
  ];
  const parts = scope === 'all' ? [...ofTeams, ...ofAll] : ofTeams;
  const { rows } = await db.execute<Row>(sql`
    select * from (${sql.join(
      parts.map((part) => sql`(${part} limit 20)`),
      sql` union all `,
    )}) needs
     order by array_position(array['critical','warning','info'], severity), since nulls last, target`);
  return rows.map((row) => ({
    kind: row.kind,
    severity: row.severity,
    label: row.label,
    target: row.target,
    teamId: row.team_id,
    since: row.since === null ? null : new Date(row.since),
    count: Number(row.count),
  }));
}

type Row = Record<string, unknown> & {
  kind: Attention['kind'];
  severity: Attention['severity'];
  label: string;
  target: string;
  team_id: string | null;
  since: string | null;
  count: string;
};
