import { createDatabase, liftStatementTimeout, transaction } from '@reelgate/db';
import { createTestDatabase, type FaultyLink, startFaultyLink, type TestDatabase } from '@reelgate/testkit';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';

let database: TestDatabase;
let link: FaultyLink;
let through: ReturnType<typeof createDatabase>;
beforeAll(async () => {
  database = await createTestDatabase();
  const url = new URL(database.url);
  link = await startFaultyLink({ host: url.hostname, port: Number(url.port) });
  url.host = `127.0.0.1:${link.port}`;
  through = createDatabase(url.href, { applicationName: 'lost', max: 2, statementTimeoutMs: 500 });
});
afterAll(async () => {
  await through.close();
  await link.close();
  await database.close();
});

const ask = () => through.db.execute(sql`select 1`);

test('a connection that breaks in a transaction fails that transaction and nothing else', async () => {
  const broken = transaction(through.db, async (tx) => {
    await tx.execute(sql`select 1`);
    await link.set({ kind: 'reset' });
    await link.set({ kind: 'none' });
    // While nothing is asked of it: nobody but the connection itself hears of it.
    await expect.poll(() => through.db.$client.totalCount).toBe(1);
    await tx.execute(sql`select 1`);
  });
  await expect(broken).rejects.toThrow();
  await ask();
});

test('statements on connections that were forgotten end, and others take their places', async () => {
  await Promise.all([ask(), ask()]);
  const before = await through.db.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`);
  await link.set({ kind: 'forgotten' });
  const startedAt = performance.now();
  const [one, other] = await Promise.allSettled([
    ask(),
    transaction(through.db, (tx) => tx.execute(sql`select 1`)),
  ]);
  expect([one.status, other.status]).toEqual(['rejected', 'rejected']);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  // None is lost to the pool.
  const inTransaction = () => transaction(through.db, (tx) => tx.execute(sql`select 1`));
  await Promise.all([inTransaction(), inTransaction()]);
  const after = await through.db.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`);
  expect(after.rows[0]?.pid).not.toBe(before.rows[0]?.pid);
});

test('what may take long may take longer than that', async () => {
  const long = transaction(through.db, async (tx) => {
    await liftStatementTimeout(tx);
    return await tx.execute<{ slept: boolean }>(sql`select pg_sleep(4) is not null as slept`);
  });
  expect((await long).rows[0]?.slept).toBe(true);
});
