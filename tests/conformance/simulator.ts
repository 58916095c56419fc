import { fork } from 'node:child_process';
import { once } from 'node:events';

const main = new URL('../../apps/simulator/src/main.ts', import.meta.url).pathname;

export interface Simulator {
  readonly baseURL: string;
  readonly apiKey: string;
  /** Where it is told to misbehave and asked for the truth. */
  readonly controlURL: string;
  stop(): Promise<void>;
}

/** The upstream alone, with a key, so that a wrong one is refused. */
export async function startSimulator(settings: Record<string, string> = {}): Promise<Simulator> {
  const apiKey = 'key-of-the-upstream';
  const child = fork(main, {
    env: { ...process.env, PORT: '0', SIMULATOR_API_KEY: apiKey, ...settings },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const origin = `http://127.0.0.1:${port}`;
  return {
    ...{ apiKey, baseURL: `${origin}/v1`, controlURL: `${origin}/control` },
    async stop() {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}

/** What `GET /control/truth` tells, as far as it is read here. */
export interface Truth {
  readonly videos: readonly TrueVideo[];
  readonly totals: { readonly creates: number };
}

export interface TrueVideo {
  readonly id: string;
  readonly content: Readonly<Record<string, { readonly bytes: number; readonly sha256: string } | null>>;
  readonly [key: string]: unknown;
}

export async function truthOf(controlURL: string): Promise<Truth> {
  return (await control(controlURL, 'GET', 'truth')) as Truth;
}

export async function control(
  controlURL: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(`${controlURL}/${path}`, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} /control/${path} answered ${response.status}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
