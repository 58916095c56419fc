import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { readContentType } from './content-type.ts';
import { parseListQuery } from './list-query.ts';
import { readKey } from './middleware/authenticate.ts';

const withHeaders = (...rawHeaders: string[]) => ({ rawHeaders }) as IncomingMessage;
const ofType = (type: string) => readContentType(withHeaders('Content-Type', type));

describe('readContentType', () => {
  test.each(['application/json', 'Application/JSON; charset=UTF-8', 'application/json;charset="utf-8"'])(
    '%s',
    (type) => {
      expect(ofType(type)).toEqual({ kind: 'json' });
    },
  );

  test.each([
    ['multipart/form-data; boundary=abc', 'abc'],
    ['multipart/form-data; boundary="a b:c"', 'a b:c'],
    ['Multipart/Form-Data; Boundary=----formdata-undici-012', '----formdata-undici-012'],
    [`multipart/form-data; boundary=${'b'.repeat(70)}`, 'b'.repeat(70)],
  ])('%s', (type, boundary) => expect(ofType(type)).toEqual({ kind: 'form', boundary }));

  test.each([
    'text/plain',
    '',
    'application/x-www-form-urlencoded',
    'application/json; charset=utf-7',
    'application/json; charset=utf-16',
  ])('%s: 415', (type) => expect(() => ofType(type)).toThrow(expect.objectContaining({ status: 415 })));

  test.each([
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary=""',
    `multipart/form-data; boundary=${'b'.repeat(71)}`,
    `multipart/form-data; boundary=${'b'.repeat(252)}`,
    'multipart/form-data; boundary="a\\"b"',
    'multipart/form-data; boundary="trailing "',
    'multipart/form-data; boundary=a; boundary=b',
    'multipart/form-data; boundary=ä',
  ])('%s: 400', (type) => expect(() => ofType(type)).toThrow(expect.objectContaining({ status: 400 })));

  test('none, or two: 415', () => {
    expect(() => readContentType(withHeaders())).toThrow(expect.objectContaining({ status: 415 }));
    expect(() =>
      readContentType(withHeaders('Content-Type', 'application/json', 'content-type', 'text/plain')),
    ).toThrow(expect.objectContaining({ status: 415 }));
  });

  test.each(['gzip', 'br', 'zstd', 'identity, gzip'])('compressed by %s: 415', (encoding) => {
    const headers = withHeaders('content-type', 'application/json', 'Content-Encoding', encoding);
    expect(() => readContentType(headers)).toThrow(expect.objectContaining({ status: 415 }));
  });
});

describe('readKey', () => {
  test.each([
    ['Bearer k', 'k'],
    ['bearer k', 'k'],
    ['BEARER   k', 'k'],
    ['Bearer My API Key', 'My API Key'],
  ])('%s', (value, key) => expect(readKey(withHeaders('Authorization', value))).toBe(key));

  test('the header of Azure', () => expect(readKey(withHeaders('api-key', 'k'))).toBe('k'));

  test.each([
    [[]],
    [['Authorization', '']],
    [['Authorization', 'Basic a2V5']],
    [['Authorization', 'Bearer']],
    [['Authorization', 'Bearerk']],
    [['Authorization', 'Bearer k', 'authorization', 'Bearer k']],
    [['Authorization', 'Bearer k, Bearer l']],
    [['Authorization', 'Bearer k', 'api-key', 'k']],
    [['api-key', 'k', 'api-key', 'k']],
  ])('%j: refused', (headers) => {
    expect(() => readKey(withHeaders(...headers))).toThrow(
      expect.objectContaining({ code: 'invalid_api_key' }),
    );
  });
});

describe('parseListQuery', () => {
  const parse = (query: string) => parseListQuery(new URLSearchParams(query));
  const id = `video_${'a'.repeat(32)}`;

  test('defaults, bounds, and parameters that nobody knows', () => {
    expect(parse('')).toEqual({ after: undefined, limit: 20, order: 'desc' });
    expect(parse(`limit=0&order=asc&after=${id}&foo=bar`)).toEqual({ after: id, limit: 0, order: 'asc' });
    expect(parse('limit=100').limit).toBe(100);
  });

  test.each([
    ['limit', ['-1', '101', '1e9', 'a', '', ' 1', '1.0', '0x1']],
    ['order', ['', 'ASC', ';drop', 'desc ']],
    ['after', ['', 'x', 'video_1', "video_' or 1=1", `${id}/..`]],
  ])('%s that is none: 400', (param, values) => {
    for (const value of values) {
      const query = new URLSearchParams({ [param]: value }).toString();
      expect(() => parse(query)).toThrow(expect.objectContaining({ status: 400, param }));
    }
  });

  test.each(['limit=1&limit=1', 'order=asc&order=desc', `after=${id}&after=${id}`])('%s: 400', (query) => {
    expect(() => parse(query)).toThrow(expect.objectContaining({ code: 'duplicate_parameter' }));
  });
});
