import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listKeys, revokeKey, updateKey } from '@reelgate/core';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Stack, startStack } from '../gateway/gateway-process.ts';

const ISSUER = 'https://login.example.com/';
const AUDIENCE = 'reelgate';

let stack: Stack;
let teamName: string;
let teamId: string;
let away = false;
const pair = await generateKeyPair('RS256');
const strangers = await generateKeyPair('RS256');
const issuer = createServer(async (_, response) => {
  if (away) return void response.writeHead(500).end();
  const key = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'RS256' };
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [key] }));
});

beforeAll(async () => {
  await once(issuer.listen(0, '127.0.0.1'), 'listening');
  const { port } = issuer.address() as AddressInfo;
  stack = await startStack({
    env: { WRONG_KEYS_PER_MINUTE: '1000' },
    configuration: `
sso:
  issuer: ${ISSUER}
  audience: ${AUDIENCE}
  jwksUrl: http://127.0.0.1:${port}/keys
  teamClaim: department
`,
  });
  ({ teamId } = await stack.addTeam());
  const { rows } = await stack.database.db.$client.query('select name from teams where id = $1', [teamId]);
  teamName = rows[0].name;
});
afterAll(async () => {
  await stack?.close();
  issuer.close();
});

interface Options {
  readonly claims?: JWTPayload;
  readonly key?: Parameters<SignJWT['sign']>[0];
  readonly header?: { readonly alg: string; readonly kid?: string };
  readonly expires?: string;
}

/** A good token of alice, but for what is said. */
async function token({
  claims = {},
  key = pair.privateKey,
  header,
  expires = '10m',
}: Options = {}): Promise<string> {
  return await new SignJWT({ iss: ISSUER, aud: AUDIENCE, sub: 'alice', department: teamName, ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: 'one', ...header })
    .setExpirationTime(expires)
    .sign(key);
}

const ask = async (secret: string) => await stack.ask({ secret }, 'GET', '/v1/videos');

describe("a token of the company's sign-in", () => {
  test('is as good as a key of the team that it names, and the same person has the same key', async () => {
    const created = await stack.ask({ secret: await token() }, 'POST', '/v1/videos', {
      json: { prompt: 'a kite' },
    });
    expect(created.status, created.text).toBe(200);
    const again = await token({ claims: { jti: 'another' } });
    expect((await ask(again)).json.data.map(({ id }: { id: string }) => id)).toEqual([created.json.id]);
    expect((await ask(await token({ claims: { sub: 'bob' } }))).status).toBe(200);
    const { keys } = await listKeys(
      { ...stack.database, scope: 'all' },
      { teamId },
      { after: null, limit: 10 },
    );
    expect(keys.map(({ name }) => name).sort()).toEqual(['sso: alice', 'sso: bob', 'test']);
    const { rows } = await stack.database.db.$client.query('select key_id, team_id from videos');
    expect(rows).toEqual([{ key_id: keys.find(({ name }) => name === 'sso: alice')?.id, team_id: teamId }]);
    expect(stack.gateway.output()).not.toContain(again);
  });

  test.each([
    ['of another issuer', () => ({ claims: { iss: 'https://login.example.org/' } })],
    ['for another audience', () => ({ claims: { aud: 'something else' } })],
    ['without a subject', () => ({ claims: { sub: undefined as never } })],
    ['that has expired', () => ({ expires: '-1m' })],
    ['that is not good yet', () => ({ claims: { nbf: Math.floor(Date.now() / 1_000) + 600 } })],
    ['signed by somebody else', () => ({ key: strangers.privateKey })],
    ['signed with a key that nobody knows', () => ({ header: { alg: 'RS256', kid: 'two' } })],
    [
      'signed with the public key as a secret',
      () => ({ header: { alg: 'HS256' }, key: new TextEncoder().encode('x'.repeat(64)) }),
    ],
    ['for a team that there is not', () => ({ claims: { department: 'nobody' } })],
    ['without a team', () => ({ claims: { department: undefined as never } })],
    ['with a list of teams', () => ({ claims: { department: [teamName] as never } })],
  ] as [string, () => Options][])('%s is refused', async (_, options) => {
    expect(await ask(await token(options()))).toMatchObject({
      status: 401,
      json: { error: { code: 'invalid_api_key' } },
    });
  });

  test('that is unsigned, or cut short, is refused', async () => {
    const [head = '', body = '', signature = ''] = (await token()).split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const forged of [
      `${none}.${body}.`,
      `${none}.${body}.${signature}`,
      `${head}.${body}.${signature.slice(4)}`,
      `${head}.${body}`,
    ])
      expect((await ask(forged)).status).toBe(401);
  });

  test('does not administer anything', async () => {
    expect((await stack.ask({ secret: await token() }, 'GET', '/admin/v1/teams')).status).toBe(401);
  });

  test('has the limits of its person, who can be cut off at once', async () => {
    const mallory = await token({ claims: { sub: 'mallory' } });
    expect((await ask(mallory)).status).toBe(200);
    const ctx = { ...stack.database, scope: 'all' as const };
    const { keys } = await listKeys(ctx, { search: 'sso: mallory' }, { after: null, limit: 10 });
    const id = keys[0]?.id ?? '';
    await updateKey(ctx, id, { scopes: ['usage:read'] });
    const soon = { timeout: 2_000, interval: 20 };
    await vi.waitUntil(async () => (await ask(mallory)).status === 403, soon);
    await revokeKey(ctx, id);
    await vi.waitUntil(async () => (await ask(mallory)).status === 401, soon);
    expect((await ask(await token({ claims: { sub: 'mallory', jti: 'fresh' } }))).status).toBe(401);
    expect((await ask(await token())).status).toBe(200);
  });

  test('ends when it expires, also where it was just good', async () => {
    // The clock of the issuer may be five seconds off.
    const brief = await token({ claims: { sub: 'brief' }, expires: `${-4}s` });
    expect((await ask(brief)).status).toBe(200);
    await vi.waitUntil(async () => (await ask(brief)).status === 401, { timeout: 4_000, interval: 50 });
  });
});

test('while the issuer is away nobody is taken for somebody, and a retry is welcome', async () => {
  away = true;
  const second = await stack.startGateway();
  const refused = await stack.ask({ secret: await token() }, 'GET', '/v1/videos', { origin: second.origin });
  expect(refused).toMatchObject({ status: 503, headers: { 'x-should-retry': 'true' } });
  away = false;
  await vi.waitUntil(
    async () =>
      (await stack.ask({ secret: await token() }, 'GET', '/v1/videos', { origin: second.origin })).status ===
      200,
    { timeout: 5_000, interval: 100 },
  );
});
