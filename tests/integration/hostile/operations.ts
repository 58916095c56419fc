/** Rows 54, 56 to 58, 67, 69, 71, 72: many at once, forged surroundings, and what the log says of it. */
import { readFile } from 'node:fs/promises';
import { setQuota } from '@reelgate/core';
import { expect, vi } from 'vitest';
import { askRaw } from '../gateway/gateway-process.ts';
import { bearer, type HostileCase, head, refused } from './hostile-case.ts';
import { costQuota } from './world.ts';

/** The least versions of what reads bytes from outside: below them are known faults. */
const FLOORS: [name: string, least: string][] = [
  ['hono', '4.13.5'],
  ['@hono/node-server', '2.0.0'],
  ['@fastify/busboy', '3.2.6'],
  ['bullmq', '6.3.3'],
  ['undici', '8.0.0'],
  ['node', '24.0.0'],
];

const FORGED_IDS = ['my-id_1', 'x'.repeat(65), 'x'.repeat(8_000), 'a b', '{"a":1}', 'a\u001b[31m', '../x'];

export const operations: readonly HostileCase[] = [
  {
    row: 54,
    name: '40 creates at once with room for five: five, and others are served meanwhile',
    makes: 5,
    async run({ stack, ask, canary }) {
      const greedy = await stack.addTeam();
      await setQuota(stack.database, costQuota(greedy.teamId, 2_000_000n));
      let busy = true;
      const creating = Promise.all(
        Array.from({ length: 40 }, () => stack.create(greedy, { prompt: canary })),
      ).finally(() => {
        busy = false;
      });
      const waits: number[] = [];
      while (busy) {
        const askedAt = performance.now();
        expect((await ask('GET', '/v1/videos?limit=1')).status).toBe(200);
        waits.push(performance.now() - askedAt);
      }
      const answers = await creating;
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(35);
      expect(Math.max(...waits)).toBeLessThan(5_000);
      const { rows } = await stack.database.db.$client.query(
        'select (b.reserved + b.settled)::int as spent from quota_buckets b join quota_limits l on l.id = b.limit_id where l.scope_id = $1',
        [greedy.teamId],
      );
      expect(rows).toEqual([{ spent: 2_000_000 }]);
    },
  },
  {
    row: 56,
    name: 'forged addresses change nothing and are not logged',
    async run({ stack, ask }) {
      const headers = {
        'x-forwarded-for': '10.99.88.77, 127.0.0.1',
        'x-real-ip': '10.99.88.77',
        forwarded: 'for=10.99.88.77',
        'cf-connecting-ip': '10.99.88.77',
        'x-forwarded-proto': 'https',
      };
      expect((await ask('GET', '/v1/videos?limit=1', { headers })).status).toBe(200);
      expect((await stack.ask(null, 'GET', '/v1/videos', { headers })).status).toBe(401);
      expect(stack.gateway.output()).not.toContain('10.99.88.77');
    },
  },
  {
    row: 57,
    name: "the scope is the key's, whatever the request says",
    async run({ stack, team, videoId }) {
      const stranger = await stack.addTeam();
      const headers = {
        'x-team-id': team.teamId,
        'openai-organization': team.teamId,
        'openai-project': team.teamId,
        'x-user': 'admin',
      };
      const query = `?team_id=${team.teamId}&team=${team.teamId}&key_id=${team.keyId}`;
      expect((await stack.ask(stranger, 'GET', `/v1/videos${query}`, { headers })).json.data).toEqual([]);
      expect((await stack.ask(stranger, 'GET', `/v1/videos/${videoId}${query}`, { headers })).status).toBe(
        404,
      );
    },
  },
  refused(
    58,
    'a form of a browser on another site',
    ({ canary }) => [
      'POST',
      '/v1/videos',
      {
        body: `prompt=${canary}`,
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          origin: 'https://evil.example',
          'sec-fetch-site': 'cross-site',
        },
      },
    ],
    { status: 415 },
  ),
  {
    row: 58,
    name: 'a browser on another site has no key to send along: 401, also for the question whether it may ask',
    async run({ stack, team, videoId, canary }) {
      const headers = {
        origin: 'https://evil.example',
        cookie: `key=${team.secret}`,
        'content-type': 'text/plain',
      };
      expect(
        (await stack.ask(null, 'POST', '/v1/videos', { headers, body: JSON.stringify({ prompt: canary }) }))
          .status,
      ).toBe(401);
      expect((await stack.ask(null, 'DELETE', `/v1/videos/${videoId}`, { headers })).status).toBe(401);
      const preflight = await stack.ask(null, 'OPTIONS', '/v1/videos', {
        headers: { ...headers, 'access-control-request-method': 'POST' },
      });
      expect(preflight.status).toBe(401);
      expect(Object.keys(preflight.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    },
  },
  {
    row: 67,
    name: 'what reads bytes from outside is not older than its last known fault',
    async run() {
      const lock = JSON.parse(await readFile(new URL('../../../package-lock.json', import.meta.url), 'utf8'));
      const packages = Object.entries(
        lock.packages as Record<string, { version?: string; integrity?: string; link?: boolean }>,
      );
      for (const [name, least] of FLOORS) {
        const versions = packages
          .filter(([path]) => path.endsWith(`node_modules/${name}`) && !path.includes('conformance'))
          .map(([, { version }]) => version ?? '');
        expect(versions, name).not.toEqual([]);
        for (const version of versions)
          expect(
            version.localeCompare(least, 'en', { numeric: true }),
            `${name} ${version}`,
          ).toBeGreaterThanOrEqual(0);
      }
      const unproved = packages.filter(
        ([path, { integrity, link }]) => path.includes('node_modules/') && !link && !integrity,
      );
      expect(unproved.map(([path]) => path)).toEqual([]);
    },
  },
  {
    row: 69,
    name: '50 deletes of one video at once: one did it',
    makes: 1,
    async run({ stack, ask, post, canary }) {
      const { id } = (await post('/v1/videos', { prompt: canary })).json;
      const answers = await Promise.all(Array.from({ length: 50 }, () => ask('DELETE', `/v1/videos/${id}`)));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 404)).toHaveLength(49);
      // Its content goes once, when it has ended.
      const purged = async () =>
        (await stack.database.db.$client.query('select purged_at from videos where id = $1', [id])).rows[0]
          .purged_at;
      await vi.waitUntil(purged, { timeout: 30_000, interval: 50 });
    },
  },
  {
    row: 71,
    name: 'line breaks and ANSI in everything that is sent: one line of JSON for each request',
    async run(world) {
      const { stack, canary } = world;
      const before = stack.gateway.lines.length;
      const evil = '\u001b[31m","level":"fatal","event":"forged';
      const headers = {
        'user-agent': `${canary} ${evil}`.replace('\u001b', ''),
        referer: `https://x/${canary}`,
        'x-request-id': evil.slice(1),
      };
      await world.ask('GET', `/v1/videos?limit=1&x=${encodeURIComponent(`${canary}\r\n${evil}`)}`, {
        headers,
      });
      await world.ask('POST', '/v1/videos', {
        json: { prompt: `${canary}\n${evil}`, size: `${canary}${evil}` },
        headers,
      });
      await world.raw(
        head(`GET /v1/${canary}%0d%0a%1b[31m HTTP/1.1`, 'Host: x', bearer(world), 'Connection: close'),
      );
      await vi.waitUntil(
        () => stack.gateway.lines.filter(({ event }) => event === 'http.request').length >= 3,
        { timeout: 5_000, interval: 20 },
      );
      const events = stack.gateway.lines.slice(before).map(({ event }) => event);
      expect(events).not.toContain('forged');
      expect(stack.gateway.output()).not.toContain('\u001b');
    },
  },
  {
    row: 72,
    name: "a caller's request id is kept in the log only where it is harmless; ours is always new",
    async run({ stack, team }) {
      const gateway = await stack.startGateway();
      const seen = new Set<unknown>();
      for (const [index, id] of FORGED_IDS.entries()) {
        const lines = [
          'Host: x',
          `Authorization: Bearer ${team.secret}`,
          'Connection: close',
          `${index % 2 === 0 ? 'X-Request-Id' : 'X-Client-Request-Id'}: ${id}`,
          `User-Agent: ${'u'.repeat(5_000)}`,
        ];
        const { text } = await askRaw(gateway.port, head('GET /v1/videos?limit=1 HTTP/1.1', ...lines));
        const ours = /^x-request-id: (req_[0-9a-f]{32})\r$/im.exec(text)?.[1];
        // A control character makes it no request at all.
        if (ours === undefined) expect(text).toMatch(/^HTTP\/1\.1 400 /);
        else seen.add(ours);
      }
      expect(seen.size).toBeGreaterThanOrEqual(FORGED_IDS.length - 1);
      expect(await gateway.stop()).toBe(0);
      const kept = gateway.lines
        .filter(({ event }) => event === 'http.request')
        .map(({ clientRequestId }) => clientRequestId);
      expect(kept.filter((id) => id !== undefined)).toEqual(['my-id_1']);
      expect(gateway.output()).not.toContain('uuuu');
    },
  },
];
