import type { Queryable } from '@reelgate/db';
import { sql } from 'drizzle-orm';
import type { TeamScope } from '../../context.ts';
import { inScope, textArray, videosWith, wordsOf } from './conditions.ts';

export interface LineageRow {
  readonly rootId: string;
  readonly count: number;
  readonly costMicroUsd: bigint;
  readonly lastAt: Date;
  /** The finished ones, oldest first; the first fifty. */
  readonly videoIds: readonly string[];
}

const SHOWN = 50;

/** Lineages with something finished in them, by their newest video, from the one after `afterRootId` on. */
export async function listLineages(
  db: Queryable,
  scope: TeamScope,
  filter: { readonly teamIds?: readonly string[] | undefined; readonly search?: string | undefined },
  page: { readonly afterRootId: string | null; readonly limit: number },
): Promise<LineageRow[]> {
  const teams = filter.teamIds === undefined ? sql`true` : sql`v.team_id = any(${textArray(filter.teamIds)})`;
  const after =
    page.afterRootId === null
      ? sql`true`
      : sql`(last_at, root_id) < (select l.last_at, l.root_id from lineages l where l.root_id = ${page.afterRootId})`;
  const { rows } = await db.execute<{
    root_id: string;
    count: string;
    cost: string;
    last_at: string;
    ids: string[];
  }>(sql`
    with lineages as (
      select v.root_id, max(v.created_at) as last_at
        from ${videosWith(wordsOf(filter))}
       where v.state in ('stored','partly_stored') and v.delete_requested_at is null and v.root_id is not null and ${inScope(scope)} and ${teams}
       group by v.root_id),
    page as materialized (
      select root_id, last_at from lineages where ${after} order by last_at desc, root_id desc limit ${page.limit})
    select p.root_id, p.last_at, count(*) filter (where v.state in ('stored','partly_stored') and v.delete_requested_at is null) as count,
           coalesce(sum(v.final_micro), 0) as cost,
           (array_agg(v.id order by v.created_at) filter (where v.state in ('stored','partly_stored') and v.delete_requested_at is null))[1:${sql.raw(String(SHOWN))}] as ids
      from page p join videos v on v.root_id = p.root_id
     group by p.root_id, p.last_at order by p.last_at desc, p.root_id desc`);
  return rows.map((row) => ({
    rootId: row.root_id,
    count: Number(row.count),
    costMicroUsd: BigInt(row.cost),
    lastAt: new Date(row.last_at),
    videoIds: row.ids,
  }));
}
