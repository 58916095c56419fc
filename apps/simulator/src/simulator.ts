import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { createCharactersStore } from './characters-store.ts';
import { answerError, newRequestId, type SimulatorEnv } from './exchange.ts';
import { createFilesStore } from './files-store.ts';
import { createLedger } from './ledger.ts';
import { OpenAiError } from './openai-error.ts';
import { createRenders } from './renders.ts';
import { createControlRoutes } from './routes/control.ts';
import { createFilesRoutes } from './routes/files.ts';
import { createModelsRoutes } from './routes/models.ts';
import { createVideosRoutes } from './routes/videos.ts';
import { createRuleBook } from './rules.ts';
import type { SimulatorState } from './state.ts';
import { createVideosStore } from './videos-store.ts';

export interface SimulatorOptions {
  /** Bearer key that /v1 asks for; anybody may call without. */
  readonly apiKey?: string | undefined;
  /** How long a video takes, where nothing else is commanded. */
  readonly renderMs?: number;
  /** How long a completed video can be fetched, where nothing else is commanded. */
  readonly expiresSeconds?: number;
  /** Where rendered files go; a fresh temporary directory, removed at close, if absent. */
  readonly directory?: string | undefined;
  /** Draws the stills of each size and length once, for all videos. */
  readonly sameStills?: boolean | undefined;
  /** Unix milliseconds. */
  readonly now?: () => number;
}

export interface ListeningSimulator {
  /** Base URL for a client, with `/v1`. */
  readonly url: string;
  readonly port: number;
  /** Cuts what is under way, frees the port and removes the temporary files. */
  close(): Promise<void>;
}

export interface Simulator {
  /** Needs Node's request and response as bindings, since it misbehaves below HTTP: use `listen`. */
  readonly app: Hono<SimulatorEnv>;
  /** Port 0 takes a free one. */
  listen(options?: { port?: number; host?: string }): Promise<ListeningSimulator>;
}

const DEFAULT_RENDER_MS = 3000;
const DEFAULT_EXPIRES_SECONDS = 3600;

/** An upstream that speaks the Videos API, renders real files, and misbehaves on command. */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const state: SimulatorState = {
    videos: createVideosStore(),
    characters: createCharactersStore(),
    files: createFilesStore(),
    rules: createRuleBook(),
    ledger: createLedger(),
    renders: createRenders(options.directory, { sameStills: options.sameStills }),
    lifetime: {
      renderMs: options.renderMs ?? DEFAULT_RENDER_MS,
      expiresSeconds: options.expiresSeconds ?? DEFAULT_EXPIRES_SECONDS,
    },
    now: options.now ?? Date.now,
  };
  const app = createApp(state, options.apiKey);
  return {
    app,
    async listen({ port = 0, host = '127.0.0.1' } = {}) {
      const server = createAdaptorServer({ fetch: app.fetch }) as Server;
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, resolve);
      });
      const bound = (server.address() as AddressInfo).port;
      return {
        url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}/v1`,
        port: bound,
        async close() {
          const closed = new Promise((resolve) => server.close(resolve));
          server.closeAllConnections();
          await closed;
          await state.renders.close();
        },
      };
    },
  };
}

function createApp(state: SimulatorState, apiKey: string | undefined): Hono<SimulatorEnv> {
  const app = new Hono<SimulatorEnv>();
  app.use(async (c, next) => {
    c.set('requestId', newRequestId());
    c.set('startedAtMs', performance.now());
    await next();
  });
  app.use('/v1/*', async (c, next) => {
    // Everything behind "Bearer " is the key: some have blanks.
    const given = /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
    if (apiKey !== undefined && given !== apiKey) {
      const message = given === undefined ? "You didn't provide an API key." : 'Incorrect API key provided.';
      throw new OpenAiError(401, message, { code: 'invalid_api_key' });
    }
    await next();
  });
  app.get('/health', (c) => c.json({ status: 'ok' }));
  app.route('/v1/videos', createVideosRoutes(state));
  app.route('/v1/files', createFilesRoutes(state));
  app.route('/v1/models', createModelsRoutes(state));
  app.route('/control', createControlRoutes(state));
  app.notFound((c) => answerError(c, new OpenAiError(404, `Invalid URL (${c.req.method} ${c.req.path})`)));
  app.onError((error, c) => {
    if (error instanceof OpenAiError) return answerError(c, error);
    console.error(error);
    return answerError(c, new OpenAiError(500, 'The simulator failed by itself, not on command.'));
  });
  return app;
}
