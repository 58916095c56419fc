import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { request } from 'undici';

const MAIN = join(import.meta.dirname, '../../../apps/simulator/src/main.ts');

/** What the simulator reports of itself, as far as tests read it. */
export interface GroundTruth {
  readonly videos: readonly {
    readonly id: string;
    readonly status: string;
    readonly charged_micro_usd: number;
    readonly content?: Record<string, { bytes: number; sha256: string }>;
  }[];
  readonly totals: { readonly creates: number; readonly refused: number; readonly charges_micro_usd: number };
}

export interface TestSimulator {
  /** With `/v1`. */
  readonly baseUrl: string;
  /** Calls its control API: `control('POST', 'rules', {…})`. */
  control(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<unknown>;
  truth(): Promise<GroundTruth>;
  close(): Promise<void>;
}

/** The simulator as a process of its own, reached over HTTP like any upstream. */
export async function startSimulator(environment: Record<string, string> = {}): Promise<TestSimulator> {
  const child = fork(MAIN, {
    env: { ...process.env, PORT: '0', SIMULATOR_RENDER_MS: '100', ...environment },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
  });
  const [ready] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`the simulator ended with ${code}`))),
  ])) as [{ port: number }];
  const origin = `http://127.0.0.1:${ready.port}`;

  const control: TestSimulator['control'] = async (method, path, body) => {
    const { statusCode, body: answer } = await request(`${origin}/control/${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await answer.text();
    if (statusCode >= 300) throw new Error(`control ${method} ${path}: ${statusCode} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };

  return {
    baseUrl: `${origin}/v1`,
    control,
    truth: async () => (await control('GET', 'truth')) as GroundTruth,
    async close() {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}
