import { describe, expect, test } from 'vitest';
import { parseListQuery } from './list-query.ts';

const parse = (query: string) => parseListQuery(new URLSearchParams(query));
const ID = `video_${'a'.repeat(32)}`;

test('nothing asked for: the first twenty, newest first', () => {
  expect(parse('')).toEqual({ limit: 20, order: 'desc' });
});

test('everything asked for', () => {
  const query = `after=${ID}&limit=0&order=asc&status=failed&operation=remix&model=sora-2&created_after=1&created_before=2`;
  expect(parse(`${query}&metadata[team a]=x&metadata[b]=&api-version=preview`)).toEqual({
    after: ID,
    limit: 0,
    order: 'asc',
    status: 'failed',
    operation: 'remix',
    model: 'sora-2',
    createdFrom: new Date(1_000),
    createdBefore: new Date(2_000),
    metadata: { 'team a': 'x', b: '' },
  });
});

describe('400', () => {
  test.each([
    ['after=x', 'after'],
    ['limit=101', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=1e1', 'limit'],
    ['limit=', 'limit'],
    ['order=up', 'order'],
    ['status=cancelled', 'status'],
    ['status=', 'status'],
    ['operation=delete', 'operation'],
    ['model=%00', 'model'],
    [`model=${'m'.repeat(101)}`, 'model'],
    ['created_after=-1', 'created_after'],
    ['created_after=1.5', 'created_after'],
    ['created_before=999999999999', 'created_before'],
    ['created_before=2026-01-01', 'created_before'],
    ['metadata[]=x', 'metadata'],
    ['metadata[__proto__]=x', 'metadata'],
    ['metadata[a]=%00', 'metadata'],
    [`metadata[a]=${'v'.repeat(513)}`, 'metadata'],
    [Array.from({ length: 17 }, (_, i) => `metadata[k${i}]=v`).join('&'), 'metadata'],
    ['status=failed&status=failed', 'status'],
    ['metadata[a]=x&metadata[a]=y', 'metadata[a]'],
  ])('%s', (query, param) => {
    expect(() => parse(query)).toThrow(expect.objectContaining({ status: 400, param }));
  });
});
