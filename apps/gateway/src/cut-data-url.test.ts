import { describe, expect, test } from 'vitest';
import { cutDataUrl } from './cut-data-url.ts';

const PLACEHOLDER = 'data:0123456789';

/** What is left of the body, and the data URL, however the body is cut into pieces. */
function cut(body: string, size: number, maxBytes = 10_000) {
  let taken: string | undefined;
  let ended = false;
  const cutter = cutDataUrl({
    placeholder: PLACEHOLDER,
    maxBytes,
    begin: () => {
      taken = '';
      return {
        write(piece) {
          taken += piece.toString('latin1');
          return true;
        },
        end() {
          ended = true;
        },
      };
    },
  });
  const bytes = Buffer.from(body);
  for (let at = 0; at < bytes.length; at += size) cutter.write(bytes.subarray(at, at + size));
  return { json: cutter.json().toString(), taken, ended };
}
const SIZES = [1, 2, 3, 5, 7, 16, 100_000];

test.each([
  [
    'in its place',
    '{"prompt":"x","input_reference":{"image_url":"data:image/png;base64,AAAA"}}',
    'data:image/png;base64,AAAA',
  ],
  [
    'with white space',
    '{ "image_url" :\n "data:image/png;base64,AA==" , "a":1}',
    'data:image/png;base64,AA==',
  ],
  [
    'with slashes as PHP writes them',
    '{"image_url":"data:image\\/png;base64,\\/\\/A="}',
    'data:image/png;base64,//A=',
  ],
  ['with nothing in it', '{"image_url":"data:"}', 'data:'],
])('a data URL %s', (_, body, url) => {
  for (const size of SIZES) {
    const { json, taken, ended } = cut(body, size);
    expect(taken).toBe(url);
    expect(ended).toBe(true);
    expect(JSON.stringify(JSON.parse(json))).toContain(PLACEHOLDER);
    expect(json).not.toContain('base64');
  }
});

test.each([
  '{"image_url":"https://example.com/data:image"}',
  '{"prompt":"data:image/png;base64,AAAA"}',
  '{"prompt":"\\"image_url\\":\\"data:image/png;base64,AAAA\\""}',
  '{"a":["image_url","data:x"]}',
  '{"image_url":["data:x"]}',
  '{"image_url":{"image_url":1,"x":"data:y"}}',
  '{"image_url\\n":"data:x"}',
  '{"image_urls":"data:x"}',
  '{"an_image_url":"data:x"}',
  '{"image_url":"dat\\u0061:x"}',
  '{"image_url":"DATA:x"}',
  '{"image_url":"data',
  '{"image_url"',
  'not JSON at all "image_url',
  '{"é漢🦁":"\\\\"}',
  '',
])('%j is left as it is', (body) => {
  for (const size of SIZES) expect(cut(body, size)).toEqual({ json: body, taken: undefined, ended: false });
});

test('one that does not end is not ended', () => {
  for (const size of SIZES) expect(cut('{"image_url":"data:image/png;base64,AA', size).ended).toBe(false);
});

describe('refused', () => {
  test.each(SIZES)('in pieces of %i', (size) => {
    const url = '"image_url":"data:image/png;base64,AAAA"';
    expect(() => cut(`{${url},"b":{${url}}}`, size)).toThrow(
      expect.objectContaining({ status: 400, code: 'duplicate_parameter' }),
    );
    expect(() => cut('{"image_url":"data:image/png;base64,A\\nA"}', size)).toThrow(
      expect.objectContaining({ status: 400, code: 'invalid_image_url' }),
    );
    expect(() => cut(`{"image_url":"data:x","pad":"${'p'.repeat(200)}"}`, size, 100)).toThrow(
      expect.objectContaining({ status: 413 }),
    );
  });

  test('a data URL does not count for the limit of the rest', () => {
    expect(cut(`{"image_url":"data:${'A'.repeat(5_000)}"}`, 64, 100).taken).toHaveLength(5_005);
  });
});
