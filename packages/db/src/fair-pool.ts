import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import pg from 'pg';
import { createTurns, type Turns } from './turns.ts';

const owners = new AsyncLocalStorage<string>();

/** What `work` asks of the database counts as this owner's: others do not wait behind it. */
export function onBehalfOf<T>(owner: string, work: () => T): T {
  return owners.run(owner, work);
}

type Connected = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  release: (error?: Error | boolean) => void,
) => void;

/**
 * A pool that shares its connections out. One owner holds at most half of them, and whoever holds fewest is next; so hundreds
 * of requests of one team make only that team wait. What is done on behalf of nobody has no such bound.
 */
export class FairPool extends pg.Pool {
  readonly #turns: Turns;

  constructor(config: pg.PoolConfig & { max: number }, waitMs: number) {
    super(config);
    this.#turns = createTurns({ total: config.max, perOwner: Math.ceil(config.max / 2), waitMs });
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(connected: Connected): void;
  override connect(connected?: Connected): Promise<pg.PoolClient> | undefined {
    if (!connected) {
      return new Promise((resolve, reject) =>
        this.connect((error, client) => (client ? resolve(client) : reject(error))),
      );
    }
    const begin = AsyncResource.bind((error: Error | null, leave: () => void) => {
      if (error) return connected(error, undefined, () => {});
      super.connect((failure, client) => {
        if (!client) {
          leave();
          return connected(failure, undefined, () => {});
        }
        const release = client.release;
        let lost = false;
        // Not everyone who holds a connection gives it back when it breaks: drizzle does not where a transaction cannot begin.
        const lose = () => {
          lost = true;
          release(true);
          leave();
        };
        client.once('end', lose);
        client.release = (reason) => {
          if (lost) return;
          client.off('end', lose);
          release(reason);
          leave();
        };
        connected(undefined, client, client.release);
      });
    });
    this.#turns.enter(owners.getStore() ?? null, begin);
    return undefined;
  }
}
