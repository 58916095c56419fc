import { createSignals, notify, type Signals, transaction } from '@reelgate/db';
import { createTestDatabase, type TestDatabase } from '@reelgate/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type DatabaseProxy, startDatabaseProxy } from '../gateway/database-proxy.ts';

const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };

let database: TestDatabase;
let proxy: DatabaseProxy;
let signals: Signals;
beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await startDatabaseProxy();
});
afterAll(async () => {
  await proxy.cut();
  await database.close();
});
beforeEach(() => {
  for (const method of Object.values(log)) method.mockClear();
  signals = createSignals({ url: proxy.url(database.url), log });
});
afterEach(() => signals.close());

function recorder() {
  const payloads: string[] = [];
  let missed = 0;
  return {
    payloads,
    missed: () => void missed++,
    notified: (payload: string) => void payloads.push(payload),
    timesMissed: () => missed,
  };
}

async function subscribed(channel: string) {
  const heard = recorder();
  const end = signals.subscribe(channel, heard);
  await vi.waitUntil(() => heard.timesMissed() === 1, 10_000);
  return Object.assign(heard, { end });
}

describe('signals between processes', () => {
  test('are told with the commit, in order, to their channel only', async () => {
    const first = await subscribed('first');
    const second = await subscribed('second; drop');
    await transaction(database.db, async (tx) => {
      await notify(tx, 'first', 'one');
      await notify(tx, 'second; drop', "it's");
      // Another connection, committed earlier: it would come later if signals did not wait for the commit.
      await notify(database.db, 'first', 'zero');
    });
    await vi.waitUntil(() => first.payloads.length === 2 && second.payloads.length === 1, 10_000);
    expect([first.payloads, second.payloads]).toEqual([['zero', 'one'], ["it's"]]);
  });

  test('of a transaction that is rolled back are never told', async () => {
    const heard = await subscribed('channel');
    const undone = transaction(database.db, async (tx) => {
      await notify(tx, 'channel', 'undone');
      throw new Error('no');
    });
    await expect(undone).rejects.toThrow('no');
    await notify(database.db, 'channel', 'done');
    await vi.waitUntil(() => heard.payloads.length > 0, 10_000);
    expect(heard.payloads).toEqual(['done']);
  });

  test('come again after the connection was away, and subscribers are told that they missed some', async () => {
    const [a, b] = [await subscribed('a'), await subscribed('b')];
    await proxy.cut();
    await notify(database.db, 'a', 'unheard');
    await proxy.restore();
    await vi.waitUntil(() => a.timesMissed() === 2 && b.timesMissed() === 2, 10_000);
    await notify(database.db, 'a', 'heard');
    await vi.waitUntil(() => a.payloads.length > 0, 10_000);
    expect(a.payloads).toEqual(['heard']);
    expect(log.warn).toHaveBeenCalledWith('signals.lost', { error: expect.any(Error) });
  });

  test('come again when Postgres ends the session', async () => {
    const heard = await subscribed('channel');
    await database.db.$client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'reelgate-signals' and datname = current_database()",
    );
    await vi.waitUntil(() => heard.timesMissed() === 2, 10_000);
  });

  test('reach a subscription made while the connection is away, once it is there', async () => {
    await proxy.cut();
    const heard = recorder();
    signals.subscribe('channel', heard);
    await proxy.restore();
    await vi.waitUntil(() => heard.timesMissed() === 1, 10_000);
    await notify(database.db, 'channel', 'heard');
    await vi.waitUntil(() => heard.payloads.length === 1, 10_000);
  });

  test('are not told to a subscriber that has left, and a subscriber that throws is no other one’s loss', async () => {
    const broken = await subscribed('channel');
    broken.notified = () => {
      throw new Error('broken');
    };
    const [left, stays] = [recorder(), recorder()];
    const end = signals.subscribe('channel', left);
    signals.subscribe('channel', stays);
    end();
    await notify(database.db, 'channel', 'heard');
    await vi.waitUntil(() => stays.payloads.length === 1, 10_000);
    expect(left.payloads).toEqual([]);
    expect(log.error).toHaveBeenCalledWith('signals.subscriber_failed', { error: expect.any(Error) });
  });

  test('stop with close, which takes its connection along', async () => {
    const heard = await subscribed('channel');
    await signals.close();
    const sessions = `select from pg_stat_activity where application_name = 'reelgate-signals' and datname = current_database()`;
    await vi.waitUntil(async () => (await database.db.$client.query(sessions)).rowCount === 0, 10_000);
    await notify(database.db, 'channel', 'late');
    expect(heard.payloads).toEqual([]);
  });
});
