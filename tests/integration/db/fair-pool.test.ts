import { createDatabase, onBehalfOf, transaction } from '@reelgate/db';
import { createTestDatabase, type TestDatabase } from '@reelgate/testkit';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';

let database: TestDatabase;
let shared: ReturnType<typeof createDatabase>;
beforeAll(async () => {
  database = await createTestDatabase();
  shared = createDatabase(database.url, { applicationName: 'fair', max: 6 });
});
afterAll(async () => {
  await shared.close();
  await database.close();
});

const nap = () => shared.db.execute(sql`select pg_sleep(0.05)`);
const asking = (owner: string, count: number, work: () => Promise<unknown> = nap) =>
  onBehalfOf(owner, () => Promise.allSettled(Array.from({ length: count }, work)));
const failed = (results: PromiseSettledResult<unknown>[]) =>
  results.filter(({ status }) => status === 'rejected');

test('hundreds of statements of one owner hold nobody else up', async () => {
  await asking('quiet', 6);
  const greedy = asking('greedy', 100);
  const waits: number[] = [];
  for (let n = 0; n < 20; n++) {
    const startedAt = performance.now();
    expect(failed(await asking('quiet', 1))).toEqual([]);
    waits.push(performance.now() - startedAt);
  }
  // In one line with the greedy ones each would wait for most of a second.
  expect(waits.sort((a, b) => a - b).at(-2)).toBeLessThan(600);
  // And the greedy one gets all that it asked for, half of the connections at a time.
  expect(failed(await greedy)).toEqual([]);
});

test('one owner has at most half of the connections, in transactions too', async () => {
  const held = Promise.withResolvers<void>();
  const holding = asking('greedy', 5, () => transaction(shared.db, () => held.promise));
  await asking('quiet', 1);
  expect(shared.db.$client.totalCount - shared.db.$client.idleCount).toBe(3);
  held.resolve();
  expect(failed(await holding)).toEqual([]);
});

test('what fails gives its turn back', async () => {
  const wrong = () => shared.db.execute(sql`select from nowhere`);
  expect(failed(await asking('greedy', 20, wrong))).toHaveLength(20);
  const undone = () =>
    transaction(shared.db, async () => {
      throw new Error('no');
    });
  expect(failed(await asking('greedy', 20, undone))).toHaveLength(20);
  expect(failed(await asking('greedy', 20, () => shared.db.execute(sql`select 1`)))).toEqual([]);
});

test('whoever is nobody may have all of them', async () => {
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: 6 }, nap));
  const together = performance.now() - startedAt;
  // Two at a time would take three times as long as all at once.
  expect(together).toBeLessThan(6 * 50);
});
