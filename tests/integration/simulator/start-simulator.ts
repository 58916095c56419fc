import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import OpenAI from 'openai';

const MAIN = fileURLToPath(new URL('../../../apps/simulator/src/main.ts', import.meta.url));

export interface RunningSimulator {
  readonly process: ChildProcess;
  readonly port: number;
  readonly origin: string;
  /** The official SDK, which does not retry here: each misbehaviour is to be seen. */
  readonly openai: OpenAI;
  control(method: string, path: string, body?: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts the simulator as the process it is, on a free port. */
export async function startSimulator(env: Record<string, string> = {}): Promise<RunningSimulator> {
  const child = fork(MAIN, {
    env: { ...process.env, PORT: '0', SIMULATOR_RENDER_MS: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const [message] = (await once(child, 'message')) as [{ type: string; port: number }];
  const origin = `http://127.0.0.1:${message.port}`;
  return {
    process: child,
    port: message.port,
    origin,
    openai: new OpenAI({
      apiKey: env.SIMULATOR_API_KEY ?? 'any key',
      baseURL: `${origin}/v1`,
      maxRetries: 0,
    }),
    async control(method, path, body) {
      const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
      const response = await fetch(`${origin}/control${path}`, init);
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
      return text === '' ? undefined : JSON.parse(text);
    },
    async stop() {
      if (child.exitCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

export interface RawAnswer {
  readonly text: string;
  readonly bytes: number;
  /** How the server ended the connection; `open` if it did nothing for the time that was waited. */
  readonly end: 'fin' | 'rst' | 'open';
}

/** Speaks HTTP over a bare socket, so that the end of the connection is seen and not interpreted. */
export function askRaw(port: number, head: string, body = '', waitMs = 5000): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const received: Buffer[] = [];
    const finish = (end: RawAnswer['end']) => {
      clearTimeout(timer);
      socket.destroy();
      const all = Buffer.concat(received);
      resolve({ text: all.toString('latin1'), bytes: all.length, end });
    };
    const timer = setTimeout(() => finish('open'), waitMs);
    socket.on('data', (chunk) => received.push(chunk));
    socket.on('end', () => finish('fin'));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') finish('rst');
      else reject(error);
    });
    const length =
      body === '' ? '' : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
    socket.write(`${head}\r\nhost: localhost\r\n${length}\r\n${body}`);
  });
}
