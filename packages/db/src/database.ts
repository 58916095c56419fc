import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import type * as schema from './schema/index.ts';

export type Database = NodePgDatabase<typeof schema> & { readonly $client: pg.Pool };
/** What a query function takes: the database itself or an open transaction. */
export type Queryable = NodePgDatabase<typeof schema>;
