/** The models, and what is asked of them. */
import { type Queryable, schema } from '@reelgate/db';
import { sql } from 'drizzle-orm';
import type { TeamScope } from '../../context.ts';
import { inScope } from './conditions.ts';

const { models } = schema;

export type AnyModel = typeof models.$inferSelect & {
  /** Of the teams that the caller sees. */
  readonly videosLast30Days: number;
};

/** Offered or not, by name. */
export async function listModelsWithUse(db: Queryable, scope: TeamScope): Promise<AnyModel[]> {
  const rows = await db.select().from(models).orderBy(models.name);
  const { rows: used } = await db.execute<{ model: string; videos: string }>(sql`
    select v.model, count(*) as videos from videos v
     where ${inScope(scope)} and v.created_at >= clock_timestamp() - interval '30 days' group by v.model`);
  const videos = new Map(used.map((row) => [row.model, Number(row.videos)]));
  return rows.map((row) => ({ ...row, videosLast30Days: videos.get(row.name) ?? 0 }));
}
