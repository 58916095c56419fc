import type { Socket } from 'node:net';
import { sql } from 'drizzle-orm';
import type pg from 'pg';
import type { Queryable } from './database.ts';

/** What the types of `pg` do not tell of a client. */
interface Inside {
  /** False while an answer is awaited. */
  readonly readyForQuery: boolean;
  readonly connection: { readonly stream: Socket };
}

/**
 * Ends the connections of a pool on which an answer is awaited and no byte has come or gone for so long: their queries then fail.
 * The time-out of `pg` itself fails the query only, and gives the connection back as if it were well.
 */
export function giveUpOnSilence(pool: pg.Pool, silentMs: number): void {
  pool.on('connect', (client) => {
    const inside = client as unknown as Inside;
    const { stream } = inside.connection;
    stream.setTimeout(silentMs, () => {
      if (inside.readyForQuery) return;
      const silence = new Error(`Postgres has been silent for ${silentMs} ms`);
      stream.destroy(Object.assign(silence, { code: 'ETIMEDOUT' }));
    });
  });
  // Whoever lifted the limit is done.
  pool.on('release', (_error, client) => {
    streamOf(client).setTimeout(silentMs);
  });
}

/** For a reading of whole tables, which takes as long as it takes. Until the end of the transaction. */
export async function liftStatementTimeout(tx: Queryable): Promise<void> {
  const { client } = (tx as unknown as { session: { client: pg.PoolClient } }).session;
  streamOf(client).setTimeout(0);
  await tx.execute(sql`set local statement_timeout = 0`);
}

function streamOf(client: pg.PoolClient): Socket {
  return (client as unknown as Inside).connection.stream;
}
