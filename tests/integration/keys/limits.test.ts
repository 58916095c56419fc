import { createKey, updateTeam } from '@reelgate/core';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PEPPER, type Stack, startStack, type Team } from '../gateway/gateway-process.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ env: { WRONG_KEYS_PER_MINUTE: '20', TRUSTED_PROXIES: '1' } });
});
afterAll(() => stack.close());

const newKey = (team: Team, more: object) =>
  createKey({ db: stack.database.db, pepper: PEPPER }, { teamId: team.teamId, name: 'a key', ...more });

describe('requests per minute', () => {
  test('are told with every answer of a limited key, and refused when they are used up', async () => {
    const key = await newKey(await stack.addTeam(), { requestsPerMinute: 3 });
    const asked: [string, string, number][] = [
      ['GET', '/v1/videos', 200],
      ['GET', `/v1/videos/video_${'0'.repeat(32)}`, 404],
      ['PATCH', '/v1/videos', 405],
    ];
    for (const [index, [method, path, status]] of asked.entries()) {
      const answer = await stack.ask(key, method, path);
      expect(answer).toMatchObject({
        status,
        headers: {
          'x-ratelimit-limit-requests': '3',
          'x-ratelimit-remaining-requests': String(2 - index),
          'x-ratelimit-reset-requests': expect.stringMatching(/^\d+(\.\d+)?s$|^1m0s$/),
          'ratelimit-policy': '"key";q=3;w=60',
          ratelimit: expect.stringMatching(new RegExp(`^"key";r=${2 - index};t=\\d+$`)),
        },
      });
    }
    const refused = await stack.ask(key, 'POST', '/v1/videos', { json: { prompt: 'a kite' } });
    expect(refused).toMatchObject({
      status: 429,
      headers: { 'x-ratelimit-remaining-requests': '0', 'retry-after': expect.any(String) },
      json: {
        error: {
          type: 'requests',
          code: 'rate_limit_exceeded',
          param: null,
          message: expect.stringMatching(/this API key: 3 requests per minute\. Please try again in [\d.]+s/),
        },
      },
    });
    const [seconds, ms] = [Number(refused.headers['retry-after']), Number(refused.headers['retry-after-ms'])];
    expect(seconds).toBeLessThanOrEqual(20);
    expect(ms).toBeGreaterThan((seconds - 1) * 1_000);
    expect(ms).toBeLessThanOrEqual(seconds * 1_000);
    expect(refused.headers['x-should-retry']).toBeUndefined();
  });

  test('of a team hold for all of its keys together, and for no other team', async () => {
    const [team, other] = [await stack.addTeam(), await stack.addTeam()];
    await updateTeam(stack.database, team.teamId, { requestsPerMinute: 10 });
    const keys = [await newKey(team, { requestsPerMinute: 8 }), await newKey(team, {})];
    const answers = await Promise.all(
      keys.flatMap((key) => Array.from({ length: 20 }, () => stack.ask(key, 'GET', '/v1/videos'))),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(30);
    expect(refused.some(({ text }) => text.includes('your team: 10 requests per minute'))).toBe(true);
    const alone = await stack.ask(other, 'GET', '/v1/videos');
    expect(alone.status).toBe(200);
    expect(Object.keys(alone.headers).filter((name) => name.includes('ratelimit'))).toEqual([]);
  });

  test('are waited for by the SDK, as it is told', async () => {
    const key = await newKey(await stack.addTeam(), { requestsPerMinute: 120 });
    await Promise.all(Array.from({ length: 120 }, () => stack.ask(key, 'GET', '/v1/models')));
    const client = new OpenAI({ baseURL: `${stack.gateway.origin}/v1`, apiKey: key.secret, maxRetries: 3 });
    const startedAt = performance.now();
    await client.models.list();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

describe('guessing keys', () => {
  const guess = (secret: string, from: string) =>
    stack.ask({ secret }, 'GET', '/v1/videos', { headers: { 'x-forwarded-for': from } });

  test('is slowed down by the address that the proxy tells, not by one that the client claims', async () => {
    const gone = await stack.addTeam();
    await stack.database.db.$client.query('delete from api_keys where id = $1', [gone.keyId]);
    const statuses: number[] = [];
    for (let n = 0; n < 25; n++) statuses.push((await guess(gone.secret, `10.0.0.${n}, 192.0.2.1`)).status);
    expect(statuses).toEqual([...Array(20).fill(401), ...Array(5).fill(429)]);
    const refused = await guess(gone.secret, '192.0.2.1');
    expect(refused).toMatchObject({
      status: 429,
      json: { error: { type: 'requests', code: 'rate_limit_exceeded' } },
    });
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
    const another = await stack.addTeam();
    expect((await guess(another.secret, '192.0.2.2')).status).toBe(200);
  });
});
