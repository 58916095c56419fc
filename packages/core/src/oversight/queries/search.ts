import type { Queryable } from '@reelgate/db';
import { type SQL, sql } from 'drizzle-orm';
import type { TeamScope } from '../../context.ts';
import { inScope } from './conditions.ts';

export interface Found {
  readonly kind: 'video' | 'team' | 'key' | 'user' | 'webhook_endpoint' | 'delivery' | 'quota';
  readonly id: string;
  readonly label: string;
  readonly detail: string;
}

/** Of each kind. */
const AT_MOST = 5;

/** By the whole id, or by a part of the name. People are for those who see everything. */
export async function findAnything(db: Queryable, scope: TeamScope, search: string): Promise<Found[]> {
  const text = search.trim();
  const like = `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
  const parts: SQL[] = [
    sql`select 'video' as kind, v.id, left(v.prompt, 80) as label, t.name || ', ' || v.state as detail
          from videos v join teams t on t.id = v.team_id where v.id = ${text} and ${inScope(scope)}`,
    sql`select 'team', t.id, t.name, '' from teams t where (t.id = ${text} or t.name ilike ${like}) and ${inScope(scope, sql`t.id`)}`,
    sql`select 'key', k.id, k.name, t.name || ', rg_' || k.kind || '_' || k.prefix
          from api_keys k join teams t on t.id = k.team_id
         where (k.id = ${text} or k.name ilike ${like} or k.prefix = right(${text}, 8)) and ${inScope(scope, sql`k.team_id`)}`,
    sql`select 'webhook_endpoint', w.id, w.url, coalesce(t.name, 'organization') from webhook_endpoints w left join teams t on t.id = w.team_id
         where (w.id = ${text} or w.url ilike ${like}) and ${inScope(scope, sql`w.team_id`)}`,
    sql`select 'delivery', d.id, e.type, coalesce(t.name, 'organization') || ', ' || d.state
          from webhook_deliveries d join events e on e.id = d.event_id left join teams t on t.id = d.team_id
         where d.id = ${text} and ${inScope(scope, sql`d.team_id`)}`,
    sql`select 'quota', q.id, q.metric || ' a ' || q."window", t.name from quota_limits q join teams t on t.id = q.scope_id
         where q.id = ${text} and ${inScope(scope, sql`t.id`)}`,
  ];
  if (scope === 'all') {
    parts.push(
      sql`select 'user', u.id, u.name, u.email from users u where u.id = ${text} or u.name ilike ${like} or u.email ilike ${like}`,
    );
  }
  const { rows } = await db.execute<Found & Record<string, unknown>>(
    sql.join(
      parts.map((part) => sql`(${part} limit ${AT_MOST})`),
      sql` union all `,
    ),
  );
  return rows;
}
