import { setQuota } from '@reelgate/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, costQuota, type Stack, startStack } from '../gateway/gateway-process.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ env: { DATABASE_CONNECTIONS: '8' } });
});
afterAll(() => stack.close());

test('500 creates of one team at once: another team reads as if they were not there', async () => {
  const [greedy, quiet] = [await stack.addTeam(), await stack.addTeam()];
  await setQuota(stack.database, costQuota(greedy.teamId, 2_000_000n));
  // Somebody changes the quota of the greedy team just now, and so all of its creates wait for each other in the database.
  const client = await stack.database.db.$client.connect();
  await client.query('begin');
  await client.query(`select from quota_limits where scope_id = $1 for update`, [greedy.teamId]);
  const creates = Promise.all(Array.from({ length: 500 }, () => stack.create(greedy)));
  const reads: Answer[] = [];
  const waits: number[] = [];
  try {
    for (let n = 0; n < 50; n++) {
      const startedAt = performance.now();
      reads.push(await stack.ask(quiet, 'GET', '/v1/videos'));
      waits.push(performance.now() - startedAt);
    }
  } finally {
    await client.query('commit');
    client.release();
  }
  expect(reads.map(({ status }) => status)).toEqual(Array(50).fill(200));
  // One process takes in five hundred requests meanwhile; behind them in one line, each read would wait for seconds, or for ever.
  expect(waits.toSorted((a, b) => a - b)[44]).toBeLessThan(1_000);

  // The quota held, and whoever of the greedy team was sent away knows that nothing was made, and to come again.
  const answers = await creates;
  const accepted = answers.filter(({ status }) => status === 200).length;
  expect(accepted).toBeLessThanOrEqual(5);
  for (const { status, headers, json } of answers.filter((answer) => answer.status !== 200)) {
    expect([429, 503]).toContain(status);
    if (status === 503)
      expect([headers['x-should-retry'], json.error.code]).toEqual(['true', 'service_unavailable']);
  }
  expect((await stack.simulator.truth()).totals.creates).toBe(accepted);
});
