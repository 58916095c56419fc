import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { formFields } from './form-fields.ts';
import { type Part, type PartHead, readForm } from './multipart.ts';

const LIMITS = {
  maxBytes: 512 * 1024,
  maxParts: 16,
  maxTextBytes: 128_000,
  maxOverheadBytes: 32 * 1024,
  timeoutMs: 5_000,
};
const BOUNDARY = 'X-BOUNDARY';

function refuseFile({ name, isFile }: PartHead): null {
  if (isFile) throw new Error(`file ${name}`);
  return null;
}

/** `head` is everything of the part header but the trailing CRLFs. */
const part = (head: string, value: string) => `--${BOUNDARY}\r\n${head}\r\n\r\n${value}\r\n`;
const field = (name: string, value: string) => part(`Content-Disposition: form-data; name="${name}"`, value);
const form = (...parts: string[]) => `${parts.join('')}--${BOUNDARY}--\r\n`;

const read = (body: string | Buffer, limits: Partial<typeof LIMITS> = {}) =>
  readForm(Readable.from([Buffer.from(body)]), BOUNDARY, { ...LIMITS, ...limits }, refuseFile);

/** The same form in pieces of every size, since a delimiter may be cut anywhere. */
async function readInPieces(body: string, size: number): Promise<Part[]> {
  const bytes = Buffer.from(body);
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );
  return await readForm(Readable.from(pieces), BOUNDARY, LIMITS, refuseFile);
}

describe('what the official SDKs send', () => {
  test('Node, Python and Go: bare text parts, raw UTF-8', async () => {
    expect(await read(form(field('prompt', 'ein Löwe 🦁\nam Meer'), field('seconds', '4')))).toEqual([
      ['prompt', 'ein Löwe 🦁\nam Meer'],
      ['seconds', '4'],
    ]);
  });

  test('Java: text parts with a charset, nested values typed octet-stream without a file name', async () => {
    const text = 'Content-Type: text/plain; charset=utf-8';
    const binary = 'Content-Type: application/octet-stream';
    const parts = await read(
      form(
        part(`Content-Disposition: form-data; name="prompt"\r\n${text}`, 'é'),
        part(`Content-Disposition: form-data; name="video[id]"\r\n${binary}`, 'video_1'),
      ),
    );
    expect(parts).toEqual([
      ['prompt', 'é'],
      ['video[id]', 'video_1'],
    ]);
  });

  test('.NET: names without quotes', async () => {
    expect(await read(form(part('Content-Disposition: form-data; name=prompt', 'x')))).toEqual([
      ['prompt', 'x'],
    ]);
  });

  test.each([1, 2, 3, 7, 64])('cut into pieces of %i bytes', async (size) => {
    const body = form(field('prompt', 'a\r\n--X-BOUND not yet\r\n'), field('size', '720x1280'));
    expect(await readInPieces(body, size)).toEqual([
      ['prompt', 'a\r\n--X-BOUND not yet\r\n'],
      ['size', '720x1280'],
    ]);
  });
});

describe('files', () => {
  const bytes = 'Content-Type: application/octet-stream';
  test.each([
    ['with a name', `Content-Disposition: form-data; name="input_reference"; filename="a.png"`],
    ['Java: bytes without a name', `Content-Disposition: form-data; name="input_reference"\r\n${bytes}`],
    ['an image without a name', 'Content-Disposition: form-data; name="video"\r\nContent-Type: image/png'],
  ])('%s', async (_, head) => {
    await expect(read(form(part(head, 'bytes')))).rejects.toThrow(/^file (input_reference|video)$/);
  });

  test('are found before the rest of the body is there', async () => {
    const body = new PassThrough();
    const reading = readForm(body, BOUNDARY, LIMITS, refuseFile);
    body.write(
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="input_reference"; filename="x"\r\n\r\nbegin`,
    );
    await expect(reading).rejects.toThrow('file input_reference');
    expect(body.destroyed).toBe(false);
    expect(body.isPaused()).toBe(true);
  });

  test('a text field sent as a file is refused by name; its file name is never looked at', async () => {
    const head = 'Content-Disposition: form-data; name="prompt"; filename="../../etc/passwd"';
    await expect(read(form(part(head, 'x')))).rejects.toMatchObject({ status: 400, param: 'prompt' });
  });
});

describe('what is not a form', () => {
  test.each([
    ['no final boundary', field('prompt', 'x')],
    ['cut inside a part', `--${BOUNDARY}\r\nContent-Disposition: form-data; name="prompt"\r\n\r\nx`],
    ['cut inside a part header', `--${BOUNDARY}\r\nContent-Disposition: form-d`],
    ['empty', ''],
    ['only a line', 'hello\r\n'],
    ['JSON', '{"prompt":"x"}'],
    ['a part without a name', form(part('Content-Disposition: form-data', 'x'))],
    ['an empty name', form(field('', 'x'))],
    [
      'text that is not UTF-8',
      Buffer.concat([
        Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="prompt"\r\n\r\n`),
        Buffer.from([0xc3, 0x28]),
        Buffer.from(`\r\n--${BOUNDARY}--\r\n`),
      ]),
    ],
    [
      'huge part headers',
      form(part(`Content-Disposition: form-data; name="prompt"\r\nX-Junk: ${'j'.repeat(100_000)}`, 'x')),
    ],
    ['a long preamble', `${'p'.repeat(200_000)}\r\n${form(field('prompt', 'x'))}`],
    ['17 parts', form(...Array.from({ length: 17 }, (_, i) => field(`f${i}`, 'x')))],
  ])('%s: 400', async (_, body) => {
    await expect(read(body)).rejects.toMatchObject({ status: 400 });
  });

  test('10,000 parts: 400 at the seventeenth', async () => {
    const body = form(...Array.from({ length: 10_000 }, (_, i) => field(`f${i}`, 'x')));
    await expect(readInPieces(body, 16_384)).rejects.toMatchObject({ status: 400, code: 'invalid_form' });
  });

  test('a part longer than its limit: 400 that names it', async () => {
    const body = form(field('prompt', 'x'.repeat(LIMITS.maxTextBytes + 1)));
    await expect(read(body)).rejects.toMatchObject({ status: 400, param: 'prompt' });
    expect((await read(form(field('prompt', 'x'.repeat(LIMITS.maxTextBytes)))))[0]?.[1]).toHaveLength(
      LIMITS.maxTextBytes,
    );
  });

  test('a body longer than its limit: 413', async () => {
    const big = Array.from({ length: 8 }, (_, i) => field(`f${i}`, 'x'.repeat(100_000)));
    await expect(read(form(...big))).rejects.toMatchObject({ status: 413 });
  });

  test('a body that does not go on: 408', async () => {
    const body = new PassThrough();
    body.write(`--${BOUNDARY}\r\n`);
    await expect(readForm(body, BOUNDARY, { ...LIMITS, timeoutMs: 20 }, refuseFile)).rejects.toMatchObject({
      status: 408,
    });
  });

  test('a client that leaves in the middle', async () => {
    const body = new PassThrough();
    const reading = readForm(body, BOUNDARY, LIMITS, refuseFile);
    body.write(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="prompt"\r\n\r\nhal`);
    body.destroy(new Error('aborted'));
    await expect(reading).rejects.toMatchObject({ status: 499 });
  });

  test('part headers named like properties change nothing', async () => {
    const head = '__proto__: polluted\r\nconstructor: x\r\nContent-Disposition: form-data; name="prompt"';
    expect(await read(form(part(head, 'x')))).toEqual([['prompt', 'x']]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('bracket names', () => {
  test('spell objects and lists as the SDKs do', () => {
    expect(
      formFields([
        ['prompt', 'x'],
        ['input_reference[file_id]', 'file_1'],
        ['characters[][id]', 'char_1'],
        ['characters[][id]', 'char_2'],
        ['tags[]', 'a'],
        ['tags[]', 'b'],
        ['deep[a][b]', 'c'],
      ]),
    ).toEqual({
      prompt: 'x',
      input_reference: { file_id: 'file_1' },
      characters: [{ id: 'char_1' }, { id: 'char_2' }],
      tags: ['a', 'b'],
      deep: { a: { b: 'c' } },
    });
  });

  test.each<[string, string[]]>([
    ['the same field', ['prompt', 'prompt']],
    ['the same key', ['video[id]', 'video[id]']],
    ['a text and a list', ['prompt', 'prompt[]']],
    ['a list and a text', ['prompt[]', 'prompt']],
    ['an object and a list', ['a[b]', 'a[]']],
    ['a text and an object', ['prompt', 'prompt[a]']],
    ['texts and objects in a list', ['a[]', 'a[][id]']],
  ])('%s twice: 400 duplicate_parameter', (_, names) => {
    expect(() => formFields(names.map((name) => [name, 'x'] as const))).toThrow(
      expect.objectContaining({ status: 400, code: 'duplicate_parameter' }),
    );
  });

  test.each(['a[', 'a]b', '[a]', 'a[b]c', 'a[b][c][d][e][f]', 'ä', 'a b', 'x'.repeat(65), 'a[][]'])(
    'the name %s: 400',
    (name) => {
      expect(() => formFields([[name, 'x']])).toThrow(expect.objectContaining({ status: 400 }));
    },
  );

  test('no name reaches a prototype', () => {
    const fields = formFields([
      ['__proto__[polluted]', 'x'],
      ['constructor[prototype][polluted]', 'x'],
    ]);
    expect(Object.keys(fields)).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
