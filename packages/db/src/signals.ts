import { sql } from 'drizzle-orm';
import pg from 'pg';
import type { Queryable } from './database.ts';

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;
/** How often a silent connection is asked whether it is still there, and how long it may take to answer. */
const HEARTBEAT_MS = 15_000;
const ANSWER_MS = 5_000;

/** Must not throw; what takes long, it starts and does not wait for. */
export interface Subscriber {
  /** A committed transaction has notified the channel. */
  notified(payload: string): void;
  /**
   * Signals may have been missed until now: whatever is remembered because no signal came has to go. Told each time that the
   * channel begins to be heard: soon after the first subscription, and whenever the connection is back.
   */
  missed(): void;
}

export interface Signals {
  /** Returns how to end the subscription. */
  subscribe(channel: string, subscriber: Subscriber): () => void;
  close(): Promise<void>;
}

interface SignalsLog {
  info(event: string): void;
  warn(event: string, fields: { error: unknown }): void;
  error(event: string, fields: { error: unknown }): void;
}

/**
 * Hears what other processes tell with `notify`, over one connection of its own that comes back by itself. A signal is told
 * within milliseconds of the commit, or is lost: it makes things quick and is never what makes them right. `url` must lead to
 * Postgres itself; a pooler that shares sessions does not pass signals on.
 */
export function createSignals(options: { url: string; log: SignalsLog }): Signals {
  const { url, log } = options;
  const channels = new Map<string, Set<Subscriber>>();
  const closing = Promise.withResolvers<void>();
  let closed = false;
  let hearing: pg.Client | null = null;

  function tell(channel: string, how: (subscriber: Subscriber) => void): void {
    for (const subscriber of channels.get(channel) ?? []) {
      try {
        how(subscriber);
      } catch (error) {
        log.error('signals.subscriber_failed', { error });
      }
    }
  }

  async function listen(client: pg.Client, channel: string): Promise<void> {
    await client.query(`listen ${pg.escapeIdentifier(channel)}`);
    tell(channel, (subscriber) => subscriber.missed());
  }

  /** Resolves when `close` is called, rejects when the connection is lost or was never there. */
  async function hear(heard: () => void): Promise<void> {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'reelgate-signals',
      connectionTimeoutMillis: ANSWER_MS,
      query_timeout: ANSWER_MS,
      keepAlive: true,
    });
    const lost = Promise.withResolvers<never>();
    lost.promise.catch(() => {});
    client.on('error', lost.reject);
    client.on('end', () => lost.reject(new Error('the connection was closed')));
    client.on('notification', ({ channel, payload }) =>
      tell(channel, (subscriber) => subscriber.notified(payload ?? '')),
    );
    let heartbeat: NodeJS.Timeout | undefined;
    try {
      await client.connect();
      hearing = client;
      await Promise.all([...channels.keys()].map((channel) => listen(client, channel)));
      heard();
      heartbeat = setInterval(() => client.query('select 1').catch(lost.reject), HEARTBEAT_MS);
      await Promise.race([lost.promise, closing.promise]);
    } finally {
      hearing = null;
      clearInterval(heartbeat);
      // A connection that does not answer would not answer a farewell either.
      await atMost(
        ANSWER_MS,
        client.end().catch(() => {}),
      );
    }
  }

  async function run(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!closed) {
      try {
        await hear(() => {
          retryMs = FIRST_RETRY_MS;
          log.info('signals.heard');
        });
      } catch (error) {
        if (closed) return;
        log.warn('signals.lost', { error });
        await atMost(retryMs * (0.5 + Math.random() / 2), closing.promise);
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
      }
    }
  }
  const running = run();

  return {
    subscribe(channel, subscriber) {
      const first = !channels.has(channel);
      const subscribers = channels.get(channel) ?? new Set();
      channels.set(channel, subscribers.add(subscriber));
      // A failure shows on the connection itself, which then comes back with every channel.
      if (first && hearing) listen(hearing, channel).catch(() => {});
      return () => {
        subscribers.delete(subscriber);
        if (subscribers.size > 0 || channels.get(channel) !== subscribers) return;
        channels.delete(channel);
        hearing?.query(`unlisten ${pg.escapeIdentifier(channel)}`).catch(() => {});
      };
    },
    async close() {
      closed = true;
      closing.resolve();
      await running;
    },
  };
}

/**
 * Tells every subscriber of the channel, once the transaction of `tx` is committed and not before. Equal signals of one
 * transaction are told once. A payload is an id or two: Postgres refuses 8,000 bytes. From SQL: `pg_notify(channel, payload)`.
 */
export async function notify(tx: Queryable, channel: string, payload: string): Promise<void> {
  await tx.execute(sql`select pg_notify(${channel}, ${payload})`);
}

/** Waits for `work`, but no longer than `ms`. */
async function atMost(ms: number, work: Promise<void>): Promise<void> {
  const timer = Promise.withResolvers<void>();
  const timeout = setTimeout(timer.resolve, ms);
  await Promise.race([work, timer.promise]);
  clearTimeout(timeout);
}
