import { createWebhookTransport } from '@reelgate/adapters/webhook-http';
import {
  createSecretBox,
  createWebhookEndpoint,
  type EndpointWithSecret,
  emitEvent,
  type WebhookContext,
  type WorkerContext,
} from '@reelgate/core';
import { createSignals, transaction } from '@reelgate/db';
import { createTestDatabase, seedTeam } from '@reelgate/testkit';
import { type Deliverer, startDeliverer } from '@reelgate/worker/deliverer';
import { vi } from 'vitest';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A team, a deliverer like a worker's, and whatever endpoints a test wants. */
export async function startDeliveryWorld(options: { slots?: number; timeoutMs?: number } = {}) {
  const database = await createTestDatabase({ max: 20 });
  const signals = createSignals({ url: database.url, log: silent });
  const secretBox = createSecretBox(Buffer.alloc(32, 7));
  const webhooks = createWebhookTransport({
    allowedCidrs: ['127.0.0.0/8'],
    log: silent,
    timeoutMs: options.timeoutMs ?? 1_000,
    connectTimeoutMs: 500,
  });
  const ctx: WebhookContext = { db: database.db, secretBox, webhooks };
  const worker = {
    db: database.db,
    log: silent,
    owner: 'test',
    secretBox,
    ports: { webhooks },
  } as unknown as WorkerContext;
  let deliverer: Deliverer | undefined;
  const query = async <T extends object>(text: string, values: unknown[] = []) =>
    (await database.db.$client.query<T>(text, values)).rows;
  const { teamId } = await seedTeam(database.db);

  return {
    ctx,
    worker,
    query,
    teamId,
    database,
    newTeam: async () => (await seedTeam(database.db)).teamId,
    start() {
      deliverer = startDeliverer({ ctx: worker, signals, slots: options.slots ?? 50, intervalMs: 100 });
    },
    endpoint(url: string, team = teamId): Promise<EndpointWithSecret> {
      return createWebhookEndpoint(ctx, { teamId: team, url, eventTypes: ['quota.exhausted'] });
    },
    /** An event of a team that all its endpoints are told of. */
    emit(id: string, team = teamId) {
      return transaction(database.db, (tx) =>
        emitEvent(tx, { teamId: team, type: 'quota.exhausted', data: { id } }),
      );
    },
    deliveries(endpointId: string) {
      return query<{
        id: string;
        state: string;
        attempt_no: number;
        event_id: string;
        wait_ms: number | null;
        outcome: string | null;
        status: number | null;
      }>(
        `select d.id, d.state, d.attempt_no, d.event_id, a.outcome, a.status,
                (extract(epoch from d.next_attempt_at - clock_timestamp()) * 1000)::int as wait_ms
           from webhook_deliveries d left join webhook_attempts a on a.delivery_id = d.id and a.no = d.attempt_no
          where d.endpoint_id = $1 order by d.created_at`,
        [endpointId],
      );
    },
    /** What waits for its next attempt is due now. */
    hurry: (endpointId: string) =>
      query(
        'update webhook_deliveries set next_attempt_at = clock_timestamp() where endpoint_id = $1 and next_attempt_at is not null',
        [endpointId],
      ),
    until<T>(look: () => Promise<T | false | undefined> | T | false | undefined): Promise<T> {
      return vi.waitUntil(look, { interval: 10, timeout: 15_000 }) as Promise<T>;
    },
    async close() {
      await deliverer?.stop();
      await signals.close();
      await database.close();
    },
  };
}

export type DeliveryWorld = Awaited<ReturnType<typeof startDeliveryWorld>>;
