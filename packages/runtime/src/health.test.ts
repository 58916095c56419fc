import { expect, test, vi } from 'vitest';
import { createHealth } from './health.ts';
import { createLogger } from './logger.ts';

const pass = async () => {};

test('ready when every check passes', async () => {
  const health = createHealth({ checks: { database: pass, queue: pass } });
  expect(health.live()).toEqual({ ok: true, failing: [] });
  expect(await health.ready()).toEqual({ ok: true, failing: [] });
});

test('names what fails, logs why, and tells nothing else', async () => {
  const written: string[] = [];
  const log = createLogger({ service: 'x', destination: { write: (line) => written.push(line) } });
  const health = createHealth({
    checks: {
      database: async () => {
        throw new Error('no route to 10.1.2.3');
      },
      queue: pass,
      store: () => {
        throw new Error('thrown, not rejected');
      },
    },
    log,
  });
  expect(await health.ready()).toEqual({ ok: false, failing: ['database', 'store'] });
  expect(health.live().ok).toBe(true);
  expect(written.join('')).toContain('no route to 10.1.2.3');
});

test('a check that hangs fails in time, is not started again, and is forgiven once it answers', async () => {
  let answer = () => {};
  const check = vi.fn(
    () =>
      new Promise<void>((resolve) => {
        answer = resolve;
      }),
  );
  const health = createHealth({ checks: { database: check }, timeoutMs: 20 });
  expect(await Promise.all([health.ready(), health.ready()])).toEqual([
    { ok: false, failing: ['database'] },
    { ok: false, failing: ['database'] },
  ]);
  await health.ready();
  expect(check).toHaveBeenCalledTimes(1);
  answer();
  check.mockImplementation(pass);
  await vi.waitFor(async () => {
    expect(await health.ready()).toEqual({ ok: true, failing: [] });
    expect(check.mock.calls.length).toBeGreaterThan(1);
  }, 10_000);
});

test('draining is not ready at once and for good, and still live', async () => {
  let release = () => {};
  const health = createHealth({
    checks: {
      database: () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
    },
  });
  const asked = health.ready();
  health.drain();
  release();
  expect(await asked).toEqual({ ok: false, failing: ['draining'] });
  expect(await health.ready()).toEqual({ ok: false, failing: ['draining'] });
  expect(health.live().ok).toBe(true);
});
