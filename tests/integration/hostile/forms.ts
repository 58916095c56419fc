/** Rows 24 to 27: multipart forms, their parts and the names in them. */
import { expect } from 'vitest';
import { bearer, type HostileCase, head, refused } from './hostile-case.ts';
import { png } from './media-files.ts';
import { form, type Part, type World } from './world.ts';

const prompt = (world: World): Part => ({ name: 'prompt', value: world.canary });

function refusedForm(
  row: number,
  name: string,
  parts: (world: World) => Part[],
  status: number | number[] = 400,
  code?: string,
) {
  return refused(row, name, (world) => ['POST', '/v1/videos', form(...parts(world))], {
    status,
    ...(code !== undefined && { code }),
  });
}

const boundaryTo = (row: number, name: string, contentType: string, code = 'invalid_form') =>
  refused(
    row,
    name,
    (world) => ['POST', '/v1/videos', { ...form(prompt(world)), headers: { 'content-type': contentType } }],
    { status: 400, code },
  );

const FILE_NAMES = [
  '../../etc/passwd',
  '..\\..\\boot.ini',
  '/etc/passwd',
  'C:\\x.png',
  'a'.repeat(5_000),
  'gnp.\u202egpj.exe',
  'x.png\0.exe',
  'x"; name="prompt',
  '.',
  '',
  "x.png'; drop table videos; --",
];

const TWICE: [name: string, parts: (world: World) => Part[]][] = [
  ['the prompt', (world) => [prompt(world), prompt(world)]],
  [
    'the prompt and the prompt as a list',
    (world) => [prompt(world), { name: 'prompt[]', value: world.canary }],
  ],
  [
    'a value and its field',
    (world) => [prompt(world), { name: 'a', value: '1' }, { name: 'a[b]', value: '1' }],
  ],
  [
    'a field and a value in it',
    (world) => [prompt(world), { name: 'a[b]', value: '1' }, { name: 'a', value: '1' }],
  ],
  [
    'a value in a field',
    (world) => [prompt(world), { name: 'a[b]', value: '1' }, { name: 'a[b]', value: '1' }],
  ],
  ['seconds', (world) => [prompt(world), { name: 'seconds', value: '4' }, { name: 'seconds', value: '12' }]],
];

const NAMES = [
  'prompt[__proto__]',
  '__proto__[polluted]',
  'a[constructor][prototype]',
  'constructor',
  '',
  'a b',
  'a[',
  'a[b]c',
  '[x]',
  'a[b][c][d][e][f]',
  'x'.repeat(200),
  'a\u202eb',
  'a\0b',
];

const HEADS: [name: string, head: string][] = [
  ['headers of 100 kB', `Content-Disposition: form-data; name="prompt"\r\nX-A: ${'a'.repeat(100_000)}`],
  ['no Content-Disposition', 'Content-Type: text/plain'],
  ['a disposition without a name', 'Content-Disposition: form-data'],
  ['a disposition of another kind', 'Content-Disposition: attachment; name="prompt"'],
];

const HARMLESS_HEADS: [name: string, head: string][] = [
  ['a header called __proto__', '__proto__: x\r\nContent-Disposition: form-data; name="prompt"'],
  [
    'a thousand short headers',
    `Content-Disposition: form-data; name="prompt"\r\n${Array.from({ length: 1_000 }, (_, i) => `X-${i}: a`).join('\r\n')}`,
  ],
];

export const forms: readonly HostileCase[] = [
  refusedForm(
    24,
    '10,000 fields',
    (world) => [prompt(world), ...Array.from({ length: 10_000 }, (_, i) => ({ name: `f${i}`, value: '' }))],
    [400, 413],
  ),
  refusedForm(
    24,
    '10,000 files',
    (world) => [
      prompt(world),
      ...Array.from({ length: 10_000 }, (_, i) => ({ name: `f${i}`, filename: 'a.png', value: '' })),
    ],
    [400, 413],
  ),
  refusedForm(
    24,
    'a field of 300 kB',
    (world) => [prompt(world), { name: 'a', value: 'a'.repeat(300_000) }],
    [400, 413],
  ),
  boundaryTo(24, 'no boundary', 'multipart/form-data'),
  boundaryTo(24, 'an empty boundary', 'multipart/form-data; boundary=', 'invalid_content_type'),
  boundaryTo(24, 'an empty boundary in quotes', 'multipart/form-data; boundary=""'),
  boundaryTo(24, 'a boundary of 71 characters', `multipart/form-data; boundary=${'B'.repeat(71)}`),
  boundaryTo(24, 'a boundary of 252 characters', `multipart/form-data; boundary=${'B'.repeat(252)}`),
  boundaryTo(24, 'a boundary that no boundary can be', 'multipart/form-data; boundary="a\tb"'),
  boundaryTo(24, 'two boundaries', 'multipart/form-data; boundary=B; boundary=C'),
  boundaryTo(24, 'another boundary', 'multipart/form-data; boundary=C'),
  ...[
    '',
    '--B',
    '--B\r\n',
    '--B--',
    '--B--\r\n',
    '--B\r\n\r\n--B--',
    '\r\n\r\n',
    '--B\r\n--B\r\n--B\r\n--B--',
  ].map((body) =>
    refused(
      24,
      `a form of ${JSON.stringify(body)}`,
      ['POST', '/v1/videos', { headers: form().headers ?? {}, body }],
      { status: 400 },
    ),
  ),
  ...HEADS.map(([name, partHead]) =>
    refusedForm(25, `a part with ${name}`, (world) => [{ ...prompt(world), head: partHead }]),
  ),
  {
    row: 25,
    name: 'a form cut anywhere: 400, each time',
    async run({ ask }) {
      const { body, headers = {} } = form({ name: 'prompt', value: 'x' });
      // The line break after the last boundary may be missing.
      for (let length = 0; length < body.length - 2; length += 3) {
        const answer = await ask('POST', '/v1/videos', { body: body.subarray(0, length), headers });
        expect([length, answer.status]).toEqual([length, 400]);
      }
    },
  },
  ...HARMLESS_HEADS.map(
    ([name, partHead]): HostileCase => ({
      row: 25,
      name: `a part with ${name}: not read`,
      makes: 1,
      async run({ ask, canary }) {
        const answer = await ask(
          'POST',
          '/v1/videos',
          form({ name: 'prompt', value: canary, head: partHead }),
        );
        expect([answer.status, answer.json.prompt]).toEqual([200, canary]);
      },
    }),
  ),
  {
    row: 25,
    name: 'a form in pieces of one byte is the same form',
    makes: 1,
    async run(world) {
      const { body } = form(prompt(world));
      const bytes = [...body].map((byte) =>
        Buffer.concat([Buffer.from('1\r\n'), Buffer.from([byte]), Buffer.from('\r\n')]),
      );
      const lines = [
        'Host: x',
        bearer(world),
        'Connection: close',
        'Content-Type: multipart/form-data; boundary=B',
        'Transfer-Encoding: chunked',
      ];
      const start = Buffer.from(head('POST /v1/videos HTTP/1.1', ...lines));
      const answer = await world.raw(Buffer.concat([start, ...bytes, Buffer.from('0\r\n\r\n')]));
      expect(answer.status, answer.text).toBe(200);
      expect(answer.text).toContain(world.canary);
    },
  },
  ...FILE_NAMES.map(
    (filename): HostileCase => ({
      row: 26,
      name: `a picture called ${JSON.stringify(filename.slice(0, 30))}: nothing of the name is kept`,
      async run(world) {
        // Of a length that the model has not: the name is read, and then nothing is made.
        const parts = form(
          prompt(world),
          { name: 'seconds', value: '5' },
          { name: 'input_reference', value: png(720, 1280), filename, type: 'image/png' },
        );
        const answer = await world.ask('POST', '/v1/videos', parts);
        expect(answer.status, answer.text).toBe(400);
        if (filename.length > 3) expect(answer.text).not.toContain(filename.slice(0, 20));
      },
    }),
  ),
  {
    row: 26,
    name: 'the name of a picture does not reach the upstream or the object store',
    makes: 1,
    async run(world) {
      const { stack, ask } = world;
      const answer = await ask(
        'POST',
        '/v1/videos',
        form(prompt(world), {
          name: 'input_reference',
          value: png(720, 1280),
          filename: '../../evil/passwd.png',
          type: 'image/png',
        }),
      );
      expect(answer.status, answer.text).toBe(200);
      const { rows } = await stack.database.db.$client.query(
        `select to_jsonb(v) - 'prompt' as video, (select jsonb_agg(a) from assets a where a.video_id = v.id) as assets from videos v where id = $1`,
        [answer.json.id],
      );
      expect(JSON.stringify([rows, await stack.simulator.truth()])).not.toMatch(/evil|passwd/);
    },
  },
  ...TWICE.map(([name, parts]) => refusedForm(27, `${name}, twice`, parts, 400, 'duplicate_parameter')),
  refusedForm(27, 'a field and a file with one name', (world) => [
    prompt(world),
    { name: 'input_reference', value: png(720, 1280), filename: 'a.png', type: 'image/png' },
    { name: 'input_reference', value: 'x' },
  ]),
  refusedForm(27, 'two files with one name', (world) => [
    prompt(world),
    { name: 'input_reference', value: png(720, 1280), filename: 'a.png', type: 'image/png' },
    { name: 'input_reference', value: png(720, 1280), filename: 'b.png', type: 'image/png' },
  ]),
  refusedForm(27, 'the prompt as a file', (world) => [{ ...prompt(world), filename: 'prompt.txt' }]),
  ...NAMES.map((name) =>
    refusedForm(
      name.includes('proto') || name.includes('constructor') ? 20 : 27,
      `a field called ${JSON.stringify(name.slice(0, 30))}`,
      (world) => [prompt(world), { name, value: 'x' }],
    ),
  ),
];
