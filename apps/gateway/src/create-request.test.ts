import { describe, expect, test } from 'vitest';
import { parseCreate } from './create-request.ts';
import { assertPlainFields } from './plain-fields.ts';
import { parseJson } from './request-fields.ts';

/** As the route does it, from the text of a JSON body. */
function create(json: string) {
  const fields = parseJson(Buffer.from(json));
  assertPlainFields(fields);
  return parseCreate(fields);
}
const createFrom = (fields: unknown) => create(JSON.stringify(fields));
const refusal = (param: string | null, code?: string) =>
  expect.objectContaining({ status: 400, param, ...(code !== undefined && { code }) });

test('a whole request; what nobody here knows goes along as it came', () => {
  const known = { prompt: 'x', model: 'sora-2-pro', seconds: '12', size: '1280x720' };
  expect(createFrom({ ...known, seed: 7, extra: { nested: ['a'] }, quality: null })).toEqual({
    ...known,
    seconds: 12,
    params: { seed: 7, extra: { nested: ['a'] } },
  });
});

test('the defaults of the original', () => {
  expect(createFrom({ prompt: 'x', model: null, seconds: null })).toEqual({
    prompt: 'x',
    model: 'sora-2',
    seconds: undefined,
    size: undefined,
    params: {},
  });
});

test('duplicate keys have one meaning, the last, for the price and for the upstream', () => {
  expect(create('{"prompt":"x","seconds":"4","seconds":"8"}').seconds).toBe(8);
});

describe('seconds', () => {
  test.each(['-4', '0', '1e9', '4.0', '٤', ' 4', '4\n', '', '04', '12345', 'four'])('%j: 400', (seconds) => {
    expect(() => createFrom({ prompt: 'x', seconds })).toThrow(refusal('seconds', 'invalid_value'));
  });

  test.each([4, 4.5, true, [4], { gt: 0 }])('%j is not a string: 400', (seconds) => {
    expect(() => createFrom({ prompt: 'x', seconds })).toThrow(refusal('seconds', 'invalid_type'));
  });

  test('says what it got, as the original does', () => {
    expect(() => createFrom({ prompt: 'x', seconds: 4 })).toThrow(
      "Invalid type for 'seconds': expected a string such as '4', but got an integer instead.",
    );
  });
});

test.each(['1280X720', '1280x720\n', ' 1280x720', '1x1', '999999x999999', '', '720', 'axb'])(
  'size %j: 400',
  (size) => {
    expect(() => createFrom({ prompt: 'x', size })).toThrow(refusal('size', 'invalid_value'));
  },
);

describe('prompt', () => {
  test.each([undefined, null])('%s: 400 missing', (prompt) => {
    expect(() => createFrom({ prompt })).toThrow(refusal('prompt', 'missing_required_parameter'));
  });

  test.each(['', '   ', '\n\t', 'a\0b', 'x'.repeat(32_001), '🦁'.repeat(32_001)])('%#: 400', (prompt) => {
    expect(() => createFrom({ prompt })).toThrow(refusal('prompt'));
  });

  test.each(['x'.repeat(32_000), '🦁'.repeat(32_000), "'; drop table videos;--", `\${jndi:x}\r\nX-A: b`])(
    '%#: taken as it is',
    (prompt) => expect(createFrom({ prompt }).prompt).toBe(prompt),
  );

  test('half a character: 400', () => {
    expect(() => create('{"prompt":"\\ud800"}')).toThrow(refusal('prompt'));
  });
});

test.each(['', 'x'.repeat(101), 'sora-2\0'])('model %#: 400', (model) => {
  expect(() => createFrom({ prompt: 'x', model })).toThrow(refusal('model'));
});

test.each([
  'input_reference',
  'characters',
  'video_id',
  'remixed_from_video_id',
  'n',
  'num_frames',
  'duration',
  'width',
])('%s: 400, because it would reach into the shared account or change the price', (name) => {
  expect(() => createFrom({ prompt: 'x', [name]: { id: 'y' } })).toThrow(
    refusal(name, 'unsupported_parameter'),
  );
});

describe('JSON', () => {
  test.each([
    '',
    '{',
    '{"prompt":"x",}',
    '\uFEFF{"prompt":"x"}',
    '{"prompt":NaN}',
    "{'prompt':'x'}",
    '"x"',
    '[]',
    'null',
    '7',
  ])('%j: 400', (json) => expect(() => create(json)).toThrow(refusal(null, 'invalid_json')));

  test.each([
    ['UTF-16', Buffer.from('{"prompt":"x"}', 'utf16le')],
    ['broken UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ])('%s: 400', (_, body) => expect(() => parseJson(body)).toThrow(refusal(null, 'invalid_json')));

  test.each([
    ['100,000 nested lists', `{"prompt":"x","a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['nested objects', `{"prompt":"x","a":${'{"b":'.repeat(50)}1${'}'.repeat(50)}}`],
    ['a number that is none', '{"prompt":"x","a":1e999}'],
    ['a prototype', '{"prompt":"x","__proto__":{"polluted":1}}'],
    ['a constructor', '{"prompt":"x","a":{"constructor":{"prototype":{"polluted":1}}}}'],
    ['a bracket in a name', '{"prompt":"x","seconds[]":"20"}'],
    ['a NUL in a list', '{"prompt":"x","a":["\\u0000"]}'],
    ['many keys', JSON.stringify(Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`k${i}`, i])))],
  ])('%s: 400', (_, json) => {
    const startedAt = performance.now();
    expect(() => create(json)).toThrow(expect.objectContaining({ status: 400 }));
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
