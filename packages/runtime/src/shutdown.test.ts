import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';

const script = fileURLToPath(new URL('./fixtures/stoppable-process.ts', import.meta.url));
const children = new Set<ChildProcess>();

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});

/** Starts the fixture and waits until it says that it is ready. */
async function start(behaviour = 'clean') {
  const child = fork(script, [behaviour], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [] });
  children.add(child);
  let output = '';
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    output += chunk;
  });
  // Not the event 'close': Node never emits it once the parent itself has disconnected.
  const exited = once(child, 'exit') as Promise<[code: number | null, signal: string | null]>;
  const read = child.stdout === null ? undefined : once(child.stdout, 'end');
  const [ready] = await once(child, 'message');
  return {
    child,
    ready,
    ended: Promise.all([exited, read]).then(([exit]) => exit),
    output: () => output,
    lines: () =>
      output
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

const phases = (lines: Record<string, unknown>[]) =>
  lines.filter((line) => line.phase !== undefined).map((line) => `${line.phase} ${line.event}`);

describe('createShutdown', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('%s runs the phases in reverse and exits 0', async (signal) => {
    const process = await start();
    expect(process.ready).toEqual({ type: 'ready', port: 1234 });
    process.child.kill(signal);
    expect(await process.ended).toEqual([0, null]);
    expect(phases(process.lines())).toEqual([
      'third shutdown.phase_done',
      'second shutdown.phase_done',
      'first shutdown.phase_done',
    ]);
    expect(process.lines()[0]).toMatchObject({ event: 'shutdown.started', reason: signal });
  });

  test('a lost parent is a reason to stop', async () => {
    const process = await start();
    process.child.disconnect();
    expect(await process.ended).toEqual([0, null]);
    expect(process.lines()[0]).toMatchObject({ reason: 'parent disconnected' });
  });

  test('a phase that fails does not keep the others from running, and shows in the exit code', async () => {
    const process = await start('fail');
    process.child.kill('SIGTERM');
    expect(await process.ended).toEqual([1, null]);
    expect(phases(process.lines())).toEqual([
      'third shutdown.phase_done',
      'second shutdown.phase_failed',
      'first shutdown.phase_done',
    ]);
  });

  test('a signal and its echo are one, and a phase that hangs is left behind', async () => {
    const process = await start('echo');
    process.child.kill('SIGINT');
    await vi.waitFor(() => expect(process.output()).toContain('third'), { timeout: 5_000 });
    process.child.kill('SIGTERM');
    expect(await process.ended).toEqual([1, null]);
    expect(phases(process.lines()).at(-1)).toBe('first shutdown.phase_done');
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('a second signal, %s, exits at once with %i', async (signal, code) => {
    const process = await start('hang');
    process.child.kill('SIGTERM');
    await vi.waitFor(() => expect(process.output()).toContain('third'), { timeout: 5_000 });
    process.child.kill(signal);
    expect(await process.ended).toEqual([code, null]);
  });

  test.each(['crash', 'reject'])(
    'an uncaught error (%s) ends the process and its text is not shown',
    async (behaviour) => {
      const process = await start(behaviour);
      process.child.send('go');
      expect(await process.ended).toEqual([1, null]);
      expect(process.output()).not.toContain('canary');
      expect(process.lines()).toMatchObject([{ event: 'process.crashed', level: 'error' }]);
    },
  );
});
