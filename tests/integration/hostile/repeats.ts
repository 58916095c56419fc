/** Rows 42 and 43: keys and counts by which a request says that it is a repetition. */
import { expect } from 'vitest';
import type { Answer } from '../gateway/gateway-process.ts';
import { bearer, type HostileCase, head } from './hostile-case.ts';
import type { World } from './world.ts';

/** Sends the same create twice and says whether the second was answered with the first. */
async function twice(
  world: World,
  headers: Record<string, string>,
  path = '/v1/videos',
): Promise<[Answer, Answer]> {
  const json = { prompt: `${world.canary} ${Math.random()}` };
  const one = await world.ask('POST', path, { json, headers });
  return [one, await world.ask('POST', path, { json, headers })];
}

export const repeats: readonly HostileCase[] = [
  ...(
    [
      ['empty', ''],
      ['256 characters', 'k'.repeat(256)],
      ['a control character', 'a\tb'],
      ['unicode', 'schlüssel'],
      ['empty in quotes', '""'],
    ] as const
  ).map(
    ([name, key]): HostileCase => ({
      row: 42,
      name: `Idempotency-Key: ${name}`,
      async run(world) {
        const body = JSON.stringify({ prompt: world.canary });
        const lines = [
          'Host: x',
          bearer(world),
          'Connection: close',
          'Content-Type: application/json',
          `Content-Length: ${body.length}`,
        ];
        const answer = await world.raw(
          Buffer.from(head('POST /v1/videos HTTP/1.1', ...lines, `Idempotency-Key: ${key}`) + body),
        );
        expect(answer.status, answer.text).toBe(400);
      },
    }),
  ),
  {
    row: 42,
    name: 'two Idempotency-Keys',
    async run(world) {
      const body = JSON.stringify({ prompt: world.canary });
      const lines = [
        'Host: x',
        bearer(world),
        'Connection: close',
        'Content-Type: application/json',
        `Content-Length: ${body.length}`,
      ];
      const keys = ['Idempotency-Key: a', 'Idempotency-Key: b'];
      expect((await world.raw(head('POST /v1/videos HTTP/1.1', ...lines, ...keys) + body)).status).toBe(400);
    },
  },
  {
    row: 42,
    name: "the same Idempotency-Key again is the same video; another team's is its own",
    makes: 2,
    async run(world) {
      const headers = { 'idempotency-key': `${world.canary}-order` };
      const [one, again] = await twice(world, headers);
      expect([again.status, again.json.id, again.headers['x-reelgate-replayed']]).toEqual([
        200,
        one.json.id,
        'true',
      ]);
      const theirs = await world.stack.ask(world.stranger, 'POST', '/v1/videos', {
        json: { prompt: one.json.prompt },
        headers,
      });
      expect(theirs.json.id).not.toBe(one.json.id);
      expect(theirs.headers['x-reelgate-replayed']).toBeUndefined();
    },
  },
  {
    row: 42,
    name: 'the same Idempotency-Key with other fields: 422, and nothing of the first is told',
    makes: 1,
    async run(world) {
      const headers = { 'idempotency-key': `${world.canary}-other` };
      const one = await world.ask('POST', '/v1/videos', { json: { prompt: `${world.canary} one` }, headers });
      const other = await world.ask('POST', '/v1/videos', {
        json: { prompt: `${world.canary} two` },
        headers,
      });
      expect(other).toMatchObject({ status: 422, json: { error: { code: 'idempotency_key_reused' } } });
      expect(other.text).not.toContain(one.json.id);
      expect(other.text).not.toContain(world.canary);
    },
  },
  {
    row: 43,
    name: "a forged retry with a stranger's prompt does not get that stranger's video",
    makes: 2,
    async run(world) {
      const json = { prompt: `${world.canary} forged retry` };
      const theirs = await world.ask('POST', '/v1/videos', { json });
      const forged = await world.stack.ask(world.stranger, 'POST', '/v1/videos', {
        json,
        headers: { 'x-stainless-retry-count': '1' },
      });
      expect(forged.status).toBe(200);
      expect(forged.json.id).not.toBe(theirs.json.id);
    },
  },
  {
    row: 43,
    name: 'a retry count that is none is no retry',
    makes: 6,
    async run(world) {
      const counts = ['-1', 'NaN', '1e309', '999999999999', '0x1', '1, 1'];
      for (const count of counts) {
        const answer = await world.ask('POST', '/v1/videos', {
          json: { prompt: `${world.canary} retry` },
          headers: { 'x-stainless-retry-count': count },
        });
        expect([count, answer.status, answer.headers['x-reelgate-replayed']]).toEqual([
          count,
          200,
          undefined,
        ]);
      }
    },
  },
];
