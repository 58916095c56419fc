import { once } from 'node:events';
import { createRedisBackend } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import type { BackendRole, QueueBackend } from './backend.ts';
import { within } from './deadline.ts';
import type { ErrorLog } from './error-log.ts';

/** Milliseconds to the next try. The cap is short: what was missed while away waits for the reconnect. */
const retryStrategy = (attempt: number): number => Math.min(attempt * 200, 1_000);

const PRODUCER = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 1,
  connectTimeout: 1_000,
  commandTimeout: 1_000,
  retryStrategy,
} satisfies RedisOptions;
/** A consumer's commands wait for the reconnect; BullMQ demands it of blocking connections. */
const CONSUMER = { maxRetriesPerRequest: null, retryStrategy } satisfies RedisOptions;

/** One connection that all queues share; each worker adds one of its own, which it blocks on. */
export function createRedisQueueBackend(url: string, role: BackendRole, onError: ErrorLog): QueueBackend {
  const client = new Redis(url, role.kind === 'producer' ? PRODUCER : CONSUMER);
  client.on('error', onError);
  if (role.kind === 'producer') client.on('ready', () => void complainOfEviction(client, onError));
  let connecting: Promise<void> | undefined;
  const connected = (): Promise<void> => {
    connecting ??= once(client, 'ready')
      .then(() => {})
      .finally(() => {
        connecting = undefined;
      });
    return connecting;
  };
  return {
    connection: client,
    factory: createRedisBackend as QueueBackend['factory'],
    async ready() {
      if (client.status === 'ready') return;
      if (client.status !== 'connecting' && client.status !== 'connect') {
        throw new Error(`Redis is away (${client.status})`);
      }
      await connected();
    },
    async ping() {
      await client.ping();
    },
    async close() {
      await within(1_000, 'closing the Redis connection', client.quit()).catch(() => client.disconnect());
    },
    destroy() {
      client.disconnect();
    },
  };
}

/** A hint that Redis throws away for want of room is only late, because the reconciler finds its row; but nobody would know why. */
async function complainOfEviction(client: Redis, complain: ErrorLog): Promise<void> {
  try {
    const policy = /maxmemory_policy:(\S+)/.exec(await client.info('memory'))?.[1] ?? 'unknown';
    if (policy === 'noeviction' || policy === 'unknown') return;
    const message = `Redis evicts keys (maxmemory-policy ${policy}), so that jobs get lost and their videos wait for the reconciler. Set it to noeviction.`;
    complain(Object.assign(new Error(message), { code: 'QUEUE_EVICTS' }));
  } catch (error) {
    complain(error);
  }
}
