import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createSecretBox, createTeam } from '@reelgate/core';
import { startApp } from '../processes.ts';
import { type Benchmark, quantile } from '../report.ts';
import { startRig } from '../rig.ts';

const SECRET_KEY = Buffer.alloc(32, 7);
/** An attempt may take its 15 s. */
const HELD_MS = 16_000;

interface Round {
  readonly waits: number[];
  readonly perSecond: number;
}

/** Events for many endpoints from one worker process, first with all of them alive, then with some that never answer. */
export const webhooks: Benchmark = {
  about:
    'events for many endpoints, some of which never answer: from the fact to the first attempt at the others',
  options: { endpoints: 1_000, dead: 100, rate: 100, seconds: 30, rounds: 3 },
  async run({ endpoints = 1_000, dead = 100, rate = 100, seconds = 30, rounds = 3 }) {
    const directory = await mkdtemp(join(tmpdir(), 'reelgate-bench-'));
    const rig = await startRig();
    const receiver = createServer((request, response) => {
      if (request.url === '/dead') return;
      request.resume().once('end', () => response.writeHead(204).end());
    });
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const base = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
    const query = async <T extends object>(text: string, values: unknown[] = []) =>
      (await rig.database.db.$client.query<T>(text, values)).rows;
    try {
      await createTeam(rig.database, { name: 'first' });
      const sealed = createSecretBox(SECRET_KEY).seal(`whsec_${SECRET_KEY.toString('base64')}`);
      await query(
        `insert into teams (id, organization_id, name) select 'team_' || n, 'org', 'bench ' || n from generate_series(1, $1::int) n`,
        [endpoints],
      );
      await query(
        `insert into webhook_endpoints (id, team_id, url, event_types)
         select 'whe_' || n, 'team_' || n, $2, '{quota.exhausted}' from generate_series(1, $1::int) n`,
        [endpoints, `${base}/alive`],
      );
      await query(
        `insert into webhook_secrets (endpoint_id, secret_enc) select id, $1 from webhook_endpoints`,
        [sealed],
      );
      const configuration = join(directory, 'reelgate.yaml');
      await writeFile(configuration, yaml(rig.simulator.baseUrl));
      const worker = await startApp('worker', {
        DATABASE_URL: rig.database.url,
        OBJECTS_DIRECTORY: join(directory, 'objects'),
        REELGATE_CONFIG: configuration,
        REELGATE_SECRET_KEY: SECRET_KEY.toString('base64'),
        WEBHOOK_ALLOWED_CIDRS: '127.0.0.0/8',
        HEALTH_PORT: '0',
        HOST: '127.0.0.1',
      });

      const round = async (): Promise<Round> => {
        const [{ at } = { at: '' }] = await query<{ at: string }>('select clock_timestamp()::text as at');
        const startedAt = performance.now();
        const writes: Promise<unknown>[] = [];
        for (let sent = 0; sent < rate * seconds; sent += 1) {
          writes.push(
            query(`select from emit_event('team_' || $1::int, 'quota.exhausted', null, '{"id":"quota_1"}')`, [
              1 + (sent % endpoints),
            ]),
          );
          const aheadMs = (sent / rate) * 1_000 - (performance.now() - startedAt);
          if (aheadMs > 5) await wait(aheadMs);
        }
        await Promise.all(writes);
        const waiting = async () =>
          (
            await query<{ count: number }>(
              `select count(*)::int as count from webhook_deliveries d join webhook_endpoints e on e.id = d.endpoint_id
                where d.state = 'pending' and e.url like '%/alive'`,
            )
          )[0]?.count ?? 0;
        while ((await waiting()) > 0) await wait(100);
        const elapsed = (performance.now() - startedAt) / 1_000;
        const rows = await query<{ ms: number }>(
          `select extract(epoch from a.started_at - v.occurred_at)::float8 * 1000 as ms
             from webhook_attempts a join webhook_deliveries d on d.id = a.delivery_id join events v on v.id = d.event_id
             join webhook_endpoints e on e.id = d.endpoint_id
            where a.no = 1 and e.url like '%/alive' and v.occurred_at >= $1::timestamptz`,
          [at],
        );
        return { waits: rows.map(({ ms }) => ms), perSecond: rows.length / elapsed };
      };

      const doomed = `id in (select 'whe_' || n from generate_series(1, ${dead}) n)`;
      const kill = () =>
        query(`update webhook_endpoints set url = $1, delivered_at = null where ${doomed}`, [`${base}/dead`]);
      const revive = async () => {
        await query(
          `update webhook_deliveries set state = 'cancelled', next_attempt_at = null, lease_until = null
            where state = 'pending' and endpoint_${doomed}`,
        );
        await query(
          `update webhook_endpoints set url = $1, state = 'enabled', delivered_at = clock_timestamp(), failing_since = null,
                  consecutive_failures = 0, consecutive_timeouts = 0 where ${doomed}`,
          [`${base}/alive`],
        );
        await wait(HELD_MS); // until the attempts that hang have ended
      };
      await round(); // so that every endpoint has been reached once
      const pairs: { alive: Round; beside: Round; ratio: number }[] = [];
      for (let n = 0; n < rounds; n += 1) {
        const alive = await round();
        await kill();
        const beside = await round();
        await revive();
        pairs.push({ alive, beside, ratio: quantile(beside.waits, 0.99) / quantile(alive.waits, 0.99) });
      }
      await worker.stop();
      const figures = (which: 'alive' | 'beside') => {
        const waits = pairs.flatMap((pair) => pair[which].waits);
        const perSecond = quantile(pairs.map((pair) => pair[which].perSecond));
        return [
          String(waits.length),
          perSecond.toFixed(0),
          quantile(waits).toFixed(1),
          quantile(waits, 0.99).toFixed(1),
        ];
      };
      const ratios = pairs.map(({ ratio }) => ratio).toSorted((a, b) => a - b);
      return {
        title: `${endpoints} endpoints, ${rate} events a second for ${seconds} s, ${rounds} times in turn, one worker process`,
        columns: ['', 'delivered', 'a second', 'p50 ms', 'p99 ms'],
        rows: [
          ['all alive', ...figures('alive')],
          [`beside ${dead} that never answer`, ...figures('beside')],
          [
            `p99, as a ratio (${ratios.map((ratio) => ratio.toFixed(2)).join(', ')})`,
            '',
            '',
            '',
            quantile(ratios).toFixed(2),
          ],
        ],
        notes: [
          'From the fact to the beginning of the first attempt, at endpoints that answer. The ratio is the median of those of each turn. Goals: p99 under 2,000 ms, a ratio under 1.10.',
        ],
      };
    } finally {
      receiver.closeAllConnections();
      receiver.close();
      await rig.close();
      await rm(directory, { recursive: true, force: true });
    }
  },
};

function yaml(baseUrl: string): string {
  return `
upstreams:
  - name: simulator
    kind: openai
    baseUrl: ${baseUrl}
models:
  - name: sora-2
    upstream: simulator
    seconds: [4]
    sizes: [720x1280]
    pricePerSecond: { 720x1280: '0.10' }
`;
}
