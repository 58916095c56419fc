/** Rows 32 to 36, 64: values that are not what a field takes, or that say what is not the caller's to say. */
import { setQuota } from '@reelgate/core';
import { expect } from 'vitest';
import { type HostileCase, JSON_TYPE, refused, refusedCreate } from './hostile-case.ts';
import { costQuota } from './world.ts';

const SECONDS: readonly unknown[] = [
  '-4',
  '0',
  '1e9',
  '1000000000',
  '4.0',
  '04',
  '+4',
  '٤',
  ' 4',
  '4 ',
  '4\n',
  '',
  'four',
  4,
  4.5,
  -4,
  1e9,
  true,
  [4],
  ['4'],
  { $gt: 0 },
  { valueOf: '4' },
];

const SIZES: readonly unknown[] = [
  '0x0',
  '99999x99999',
  '-1x-1',
  '1280X720',
  '1280×720',
  '1280x720\n',
  ' 1280x720',
  '1280x720x2',
  '1e3x720',
  '',
  'auto',
  1280,
  [1280, 720],
  { width: 1280 },
];

const MODELS: readonly unknown[] = [
  'sora-9',
  'SORA-2',
  'sora-2\u0000',
  'sora-2 ',
  'sora-2\n',
  'simulator',
  'simulator/sora-2',
  '../sora-2',
  'constructor',
  '__proto__',
  '*',
  '%',
  "' or 1=1 --",
  '',
  'm'.repeat(10_000),
  7,
  ['sora-2'],
  { name: 'sora-2' },
];

const WORDS = [
  '\u001b[31mred\u001b[0m',
  'a\r\nX-Injected: yes\r\n\r\nHTTP/1.1 200 OK',
  '<script>alert(1)</script>',
  '$' + '{jndi:ldap://127.0.0.1/a}',
  '{{7*7}}<%= 7*7 %>#{7*7}',
  `'; drop table videos; --`,
  '=cmd|/c calc!A1',
  '%s%n%x',
  '\u202eevil\u2066',
  '{"level":"error","event":"forged"}',
];

export const values: readonly HostileCase[] = [
  ...SECONDS.map((seconds) =>
    refusedCreate(32, `seconds ${JSON.stringify(seconds)}`, { seconds }, { status: 400, param: 'seconds' }),
  ),
  refused(
    32,
    'seconds with too many digits to be a number',
    ({ canary }) => [
      'POST',
      '/v1/videos',
      { headers: JSON_TYPE, body: `{"prompt":"${canary}","seconds":${'4'.repeat(400)}}` },
    ],
    { status: 400, param: 'seconds' },
  ),
  {
    row: 32,
    name: 'the price is that of the seconds that are sent upstream',
    makes: 3,
    async run({ post, paid, canary }) {
      for (const seconds of ['4', '8', '12']) {
        const { json } = await post('/v1/videos', { prompt: canary, seconds });
        const price = Number(seconds) * 100_000;
        expect(await paid(json.id)).toEqual({ seconds, chargedMicroUsd: price, reservedMicroUsd: price });
      }
    },
  },
  ...SIZES.map((size) =>
    refusedCreate(33, `size ${JSON.stringify(size)}`, { size }, { status: 400, param: 'size' }),
  ),
  ...MODELS.map((model) =>
    refusedCreate(34, `model ${JSON.stringify(model).slice(0, 40)}`, { model }, { status: [400, 404] }),
  ),
  {
    row: 34,
    name: 'a model by the name that its upstream has for it, and in the path',
    async run({ ask }) {
      for (const name of ['constructor', '__proto__', 'simulator', '..', 'sora-9', 'x'.repeat(1_000)]) {
        expect((await ask('GET', `/v1/models/${name}`)).status).toBe(404);
      }
    },
  },
  ...(
    [
      ['missing', undefined],
      ['null', null],
      ['empty', ''],
      ['spaces', ' \t\n '],
      ['no text', 7],
      ['an object', {}],
    ] as const
  ).map(([name, prompt]) =>
    refusedCreate(35, `a prompt that is ${name}`, { prompt }, { status: 400, param: 'prompt' }),
  ),
  refusedCreate(
    35,
    'a prompt of 32,001 characters',
    ({ canary }) => ({ prompt: canary.padEnd(32_001, 'a') }),
    { status: 400, code: 'string_above_max_length' },
  ),
  refusedCreate(
    35,
    'a prompt of 32,001 characters of four bytes',
    { prompt: '🎬'.repeat(32_001) },
    { status: 400, code: 'string_above_max_length' },
  ),
  refusedCreate(35, 'a prompt with NUL', ({ canary }) => ({ prompt: `${canary}\0` }), {
    status: 400,
    param: 'prompt',
  }),
  refusedCreate(35, 'a parameter with NUL', { style: 'a\0b' }, { status: 400, param: 'style' }),
  {
    row: 35,
    name: '32,000 characters of four bytes are a prompt',
    makes: 1,
    async run({ post }) {
      const prompt = '🎬'.repeat(32_000);
      expect((await post('/v1/videos', { prompt })).json.prompt).toBe(prompt);
    },
  },
  ...WORDS.map(
    (words): HostileCase => ({
      row: 35,
      name: `a prompt with ${JSON.stringify(words)} is only text`,
      makes: 1,
      async run({ sent, post, ask, canary }) {
        const prompt = `${canary} ${words}`;
        const created = await post('/v1/videos', { prompt });
        expect(created.json.prompt).toBe(prompt);
        expect(created.headers).toMatchObject({
          'content-type': 'application/json',
          'x-content-type-options': 'nosniff',
        });
        expect(created.headers).not.toHaveProperty('x-injected');
        expect((await ask('GET', `/v1/videos/${created.json.id}`)).json.prompt).toBe(prompt);
        expect(await sent(created.json.id)).toMatchObject({ prompt });
      },
    }),
  ),
  {
    row: 36,
    name: 'what a caller says of price, owner or state changes nothing of them',
    makes: 1,
    async run({ stack, post, team, canary }) {
      const forged = {
        price: 0,
        team_id: 'team_x',
        key_id: 'key_x',
        status: 'completed',
        expires_at: 9,
        id: 'video_x',
        progress: 100,
        est_micro: 0,
        upstream: 'x',
      };
      const { json } = await post('/v1/videos', { prompt: canary, ...forged });
      expect(json).toMatchObject({ status: 'queued', expires_at: null, progress: 0 });
      expect(json.id).not.toBe('video_x');
      const { rows } = await stack.database.db.$client.query(
        'select team_id, key_id, est_micro::text from videos where id = $1',
        [json.id],
      );
      expect(rows).toEqual([{ team_id: team.teamId, key_id: team.keyId, est_micro: '400000' }]);
    },
  },
  ...[
    'n',
    'num_outputs',
    'duration',
    'width',
    'resolution',
    'video_id',
    'remixed_from_video_id',
    'file_id',
    'extra_params',
    'character_ids',
  ].map((name) =>
    refusedCreate(
      36,
      `${name}, which would change what is paid for or whose it is`,
      { [name]: '2' },
      { status: 400, code: 'unsupported_parameter', param: name },
    ),
  ),
  {
    row: 64,
    name: 'a limit as large as numbers go, and one of nothing',
    makes: 1,
    async run({ stack, canary }) {
      const [rich, poor] = [await stack.addTeam(2n ** 63n - 1n), await stack.addTeam()];
      expect((await stack.create(rich, { prompt: canary })).status).toBe(200);
      await setQuota(stack.database, costQuota(poor.teamId, 0n));
      expect([400, 429]).toContain((await stack.create(poor, { prompt: canary })).status);
      await expect(setQuota(stack.database, costQuota(poor.teamId, -1n))).rejects.toThrow();
    },
  },
];
