import type { Queryable } from '@reelgate/db';
import { sql } from 'drizzle-orm';
import type { EndpointRow } from './endpoints.ts';

/** What decides whether a video may name this origin. */
export interface VideoWebhookPolicy {
  readonly hosts: readonly string[];
  readonly hasSecret: boolean;
  /** What stands for the origin already. */
  readonly endpoint: { readonly id: string; readonly state: EndpointRow['state'] } | null;
  /** How many origins the team has named so far. */
  readonly origins: number;
}

export async function findVideoWebhookPolicy(
  db: Queryable,
  teamId: string,
  origin: string,
): Promise<VideoWebhookPolicy> {
  const { rows } = await db.execute<{
    hosts: string[];
    hasSecret: boolean;
    id: string | null;
    state: EndpointRow['state'];
    origins: number;
  }>(sql`
    select t.webhook_hosts as hosts, e.id, e.state,
           exists (select from webhook_secrets s
                    where s.team_id = t.id and (s.expires_at is null or s.expires_at > clock_timestamp())) as "hasSecret",
           (select count(*)::int from webhook_endpoints o
             where o.team_id = t.id and o.kind = 'video' and o.deleted_at is null) as origins
      from teams t
      left join webhook_endpoints e on e.team_id = t.id and e.kind = 'video' and e.url = ${origin} and e.deleted_at is null
     where t.id = ${teamId}`);
  const [row] = rows;
  if (!row) return { hosts: [], hasSecret: false, endpoint: null, origins: 0 };
  const { id, state, ...policy } = row;
  return { ...policy, endpoint: id === null ? null : { id, state } };
}
