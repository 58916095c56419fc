/** A database that holds every connection of a gateway: load is shed with an answer, and nothing is spent. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Stack, startStack, type Team } from './gateway-process.ts';

let stack: Stack;
let teams: Team[];
beforeAll(async () => {
  stack = await startStack({ env: { DATABASE_CONNECTIONS: '4' } });
  teams = [await stack.addTeam(1_000_000_000n), await stack.addTeam(1_000_000_000n)];
  // Once, so that keys and models are known.
  for (const team of teams) expect((await stack.create(team)).status).toBe(200);
});
afterAll(() => stack.close());

const madeUpstream = async () =>
  ((await stack.simulator.control('GET', 'truth')) as { totals: { creates: number } }).totals.creates;

test('what cannot be done is refused in seconds and may be tried again; then all is as before', async () => {
  const made = await madeUpstream();
  const holder = await stack.database.db.$client.connect();
  try {
    await holder.query('begin');
    await holder.query('lock table videos in access exclusive mode');
    const began = performance.now();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, no) => {
        const team = teams[no % 2] as Team;
        return no % 4 < 2 ? stack.create(team, { prompt: `${no}` }) : stack.ask(team, 'GET', '/v1/videos');
      }),
    );
    // A turn at the database, a connection and a lock are each waited for, and none for long.
    expect(performance.now() - began).toBeLessThan(20_000);
    for (const { status, headers, json } of answers) {
      expect(status).toBe(503);
      expect(headers['x-should-retry']).toBe('true');
      expect(json.error).toMatchObject({ type: 'server_error', code: 'service_unavailable' });
    }
    expect((await stack.ask(null, 'GET', '/health/live')).status).toBe(200);
    expect(await madeUpstream()).toBe(made);
  } finally {
    await holder.query('rollback');
    holder.release();
  }
  for (const team of teams) {
    await vi.waitFor(async () => expect((await stack.create(team)).status).toBe(200), { timeout: 10_000 });
    expect((await stack.ask(team, 'GET', '/v1/videos')).json.data).toHaveLength(2);
  }
  expect(await madeUpstream()).toBe(made + 2);
});
