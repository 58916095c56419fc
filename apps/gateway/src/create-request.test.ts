import { describe, expect, test } from 'vitest';
import { parseCreate } from './create-request.ts';
import { assertPlainFields } from './plain-fields.ts';
import { parseJson } from './request-fields.ts';

/** As the route does it, from the text of a JSON body. */
function create(json: string) {
  const fields = parseJson(Buffer.from(json));
  const { metadata: _, ...plain } = fields;
  assertPlainFields(plain);
  return parseCreate(fields);
}
const createFrom = (fields: unknown) => create(JSON.stringify(fields));
const refusal = (param: string | null, code?: string) =>
  expect.objectContaining({ status: 400, param, ...(code !== undefined && { code }) });

const nothingElse = { params: {}, metadata: {}, characterIds: [] };

test('a whole request; what nobody here knows goes along as it came', () => {
  const known = { prompt: 'x', model: 'sora-2-pro', seconds: '12', size: '1280x720' };
  expect(createFrom({ ...known, seed: 7, extra: { nested: ['a'] }, quality: null })).toEqual({
    ...known,
    ...nothingElse,
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
    ...nothingElse,
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
  'image_reference',
  'character_ids',
  'video',
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

describe('input_reference', () => {
  const reference = (input_reference: unknown) => createFrom({ prompt: 'x', input_reference });

  test.each(['https://example.com/a.png?x=1', 'http://8.8.8.8:8080/a.png'])('%s goes along', (image_url) => {
    expect(reference({ image_url }).references).toEqual([{ kind: 'image_url', url: image_url }]);
  });

  test('null and no reference are the same', () => {
    expect(reference(null).references).toBeUndefined();
    expect(reference({ image_url: 'https://example.com/a', file_id: null }).references).toHaveLength(1);
  });

  test.each([
    ['a string', 'https://example.com/a.png', 'invalid_type'],
    ['a list', [], 'invalid_type'],
    ['both', { file_id: 'file_1', image_url: 'https://example.com/' }, 'invalid_value'],
    ['another key', { image_url: 'https://example.com/', detail: 'high' }, 'invalid_value'],
    ['an address of ours', { image_url: 'http://127.0.0.1/' }, 'invalid_image_url'],
    ['a data URL that hid from the reader', { image_url: 'data:image/png;base64,AAAA' }, 'invalid_image_url'],
  ])('%s: 400', (_, value, code) => {
    expect(() => reference(value)).toThrow(refusal('input_reference', code));
  });

  test('what is no id of a file: 404', () => {
    expect(() => reference({ file_id: 'file_1' })).toThrow(
      expect.objectContaining({ code: 'file_not_found', details: { param: 'input_reference' } }),
    );
  });

  test('a number for a file: 400', () => {
    expect(() => reference({ file_id: 1 })).toThrow(refusal('input_reference.file_id', 'invalid_type'));
  });

  test.each([{}, { image_url: null }, { image_url: 7 }])('%j: 400', (value) => {
    expect(() => reference(value)).toThrow(refusal('input_reference.image_url'));
  });
});

describe('characters', () => {
  const id = `char_${'a'.repeat(32)}`;
  const characters = (value: unknown) => createFrom({ prompt: 'x', characters: value }).characterIds;

  test('up to two', () => {
    expect(characters([{ id }])).toEqual([id]);
    expect(characters([{ id }, { id }])).toEqual([id, id]);
    expect(characters([])).toEqual([]);
  });

  test.each([
    ['three', [{ id }, { id }, { id }], 'invalid_value'],
    ['an object', { id }, 'invalid_type'],
    ['ids', [id], 'invalid_type'],
    ['a number as id', [{ id: 7 }], 'invalid_type'],
  ])('%s: 400', (_, value, code) => {
    expect(() => characters(value)).toThrow(refusal('characters', code));
  });

  test("what cannot be an id is answered like one that is not the team's", () => {
    expect(() => characters([{ id: 'char_123' }])).toThrow(
      expect.objectContaining({ code: 'character_not_found' }),
    );
  });
});

describe('metadata', () => {
  const metadata = (value: unknown) => createFrom({ prompt: 'x', metadata: value }).metadata;
  const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 'v']));

  test.each([{}, { 'any key at all': '' }, keys(16), { ['k'.repeat(64)]: 'v'.repeat(512) }])(
    '%#: taken',
    (value) => expect(metadata(value)).toEqual(value),
  );

  test.each([
    ['a text', 'x', 'invalid_type'],
    ['a list', ['x'], 'invalid_type'],
    ['a number in it', { a: 1 }, 'invalid_type'],
    ['null in it', { a: null }, 'invalid_type'],
    ['17 keys', keys(17), 'invalid_value'],
    ['an empty key', { '': 'v' }, 'invalid_value'],
    ['a long key', { ['k'.repeat(65)]: 'v' }, 'invalid_value'],
    ['a long value', { k: 'v'.repeat(513) }, 'invalid_value'],
    ['NUL', { k: '\0' }, 'invalid_value'],
    ['half a character as key', { '\ud800': 'v' }, 'invalid_value'],
    ['a constructor', { constructor: 'v' }, 'invalid_value'],
  ])('%s: 400', (_, value, code) => {
    expect(() => metadata(value)).toThrow(refusal('metadata', code));
  });

  test('a prototype: 400', () => {
    expect(() => create('{"prompt":"x","metadata":{"__proto__":"y"}}')).toThrow(refusal('metadata'));
  });
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
