/** The clock of Postgres: the only one by which anything is due, held or over. */
import { type SQL, sql } from 'drizzle-orm';
import type { Queryable } from './database.ts';

export const now: SQL<Date> = sql`clock_timestamp()`;

/** Milliseconds as an interval. */
export const ms = (value: number): SQL => sql`make_interval(secs => ${value}::double precision / 1000)`;

/** So many ms from now. */
export const after = (delayMs: number): SQL => sql`clock_timestamp() + ${ms(delayMs)}`;

export async function readClock(db: Queryable): Promise<Date> {
  const { rows } = await db.execute<{ now: string }>(sql`select clock_timestamp() as now`);
  return new Date(rows[0]?.now ?? Number.NaN);
}
