import { ERROR_CODES, type ErrorCode, ReelgateError } from '@reelgate/core';
import { describe, expect, test } from 'vitest';
import { ApiError, errorBody, toApiError } from './errors.ts';

const get = { id: 'req_1', creating: false };
const create = { id: 'req_1', creating: true };
const coded = (code: string, message = 'secret detail') => Object.assign(new Error(message), { code });

describe('codes of core', () => {
  test.each<[ErrorCode, number, string]>([
    ['invalid_value', 400, 'invalid_request_error'],
    ['missing_required_parameter', 400, 'invalid_request_error'],
    ['unsupported_parameter', 400, 'invalid_request_error'],
    ['video_exceeds_quota', 400, 'invalid_request_error'],
    ['invalid_api_key', 401, 'invalid_request_error'],
    ['model_not_found', 404, 'invalid_request_error'],
    ['video_not_found', 404, 'invalid_request_error'],
    ['unsupported_operation', 400, 'invalid_request_error'],
    ['not_cancellable', 400, 'invalid_request_error'],
    ['character_not_found', 404, 'invalid_request_error'],
    ['idempotency_key_reused', 422, 'invalid_request_error'],
    ['video_failed', 404, 'invalid_request_error'],
    ['video_expired', 404, 'invalid_request_error'],
    ['variant_not_available', 404, 'invalid_request_error'],
    ['insufficient_quota', 429, 'insufficient_quota'],
    ['rate_limit_exceeded', 429, 'requests'],
    ['service_unavailable', 503, 'server_error'],
  ])('%s: %i', (code, status, type) => {
    const error = toApiError(new ReelgateError(code, 'Why.', { param: 'p' }), create);
    expect(error).toMatchObject({ status, message: 'Why.' });
    expect(errorBody(error)).toEqual({ error: { message: 'Why.', type, param: 'p', code } });
  });

  /** Of the Admin API alone, which no SDK calls. */
  const adminCodes: readonly string[] = ['version_conflict', 'conflict'];

  test.each(ERROR_CODES.filter((code) => !adminCodes.includes(code)))(
    '%s is never answered as 409, which every SDK repeats',
    (code) => {
      expect(toApiError(new ReelgateError(code, 'Why.'), create).status).not.toBe(409);
    },
  );

  test('a video that is not ready: 404 for its content, 400 as what a request is made from', () => {
    expect(toApiError(new ReelgateError('video_not_ready', 'Wait.'), get).status).toBe(404);
    const asSource = new ReelgateError('video_not_ready', 'Wait.', { param: 'video' });
    expect(toApiError(asSource, create)).toMatchObject({ status: 400, param: 'video' });
  });

  test('what may have been done in spite of all is not to be repeated', () => {
    const away = (perhapsDone: boolean) =>
      toApiError(new ReelgateError('service_unavailable', 'Away.', { perhapsDone }), create);
    expect(away(true)).toMatchObject({ status: 503, headers: { 'x-should-retry': 'false' } });
    expect(away(false)).toMatchObject({ status: 503, headers: { 'x-should-retry': 'true' } });
  });

  test('a used-up quota tells SDKs not to try again, and people when to', () => {
    const error = new ReelgateError('insufficient_quota', 'Used up.', { retryAfterSeconds: 86_400 });
    expect(toApiError(error, create).headers).toEqual({
      'x-should-retry': 'false',
      'retry-after': '86400',
      'retry-after-ms': '86400000',
    });
  });

  test('too many at once is worth trying again', () => {
    const error = new ReelgateError('rate_limit_exceeded', 'Later.', { retryAfterSeconds: 5 });
    expect(toApiError(error, create).headers).toEqual({ 'retry-after': '5', 'retry-after-ms': '5000' });
  });

  test.each([
    [400, 400],
    [422, 422],
    [403, 400],
    [409, 400],
    [429, 400],
    [503, 400],
  ])('an upstream that refused with %i: %i, its own code, no retry', (httpStatus, status) => {
    const error = new ReelgateError('upstream_refused', 'No.', {
      upstream: { code: 'content_policy_violation', type: 'video_generation_user_error', httpStatus },
    });
    expect(toApiError(error, create)).toMatchObject({
      status,
      type: 'video_generation_user_error',
      code: 'content_policy_violation',
      headers: { 'x-should-retry': 'false' },
    });
  });
});

describe('what core does not know', () => {
  test('a fixed message with the request id, never that of the error', () => {
    const error = toApiError(new Error('password=hunter2'), get);
    expect(error.status).toBe(500);
    expect(error.message).toContain('req_1');
    expect(error.message).not.toContain('hunter2');
    expect(error.headers).toEqual({});
    expect(toApiError(new Error('x'), create).headers).toEqual({ 'x-should-retry': 'false' });
    expect(toApiError('thrown text', get).status).toBe(500);
  });

  test('its own errors as they are', () => {
    const error = new ApiError(405, 'No.');
    expect(toApiError(error, get)).toBe(error);
  });

  test.each([
    ['no connection', coded('ECONNREFUSED')],
    ['wrapped by the query builder', new Error('Failed query', { cause: coded('57P03') })],
    ['the pool gave up', new Error('timeout exceeded when trying to connect')],
    ['a statement that was rolled back', coded('57014')],
    ['a full disk', new Error('Failed query', { cause: coded('53100') })],
  ])('a database that is away before anything happened, %s: try again', (_, error) => {
    for (const request of [get, create]) {
      expect(toApiError(error, request)).toMatchObject({
        status: 503,
        code: 'service_unavailable',
        headers: { 'x-should-retry': 'true' },
      });
    }
  });

  test.each([
    ['reset', coded('ECONNRESET')],
    ['closed', new Error('Connection terminated unexpectedly')],
    ['terminated', new Error('Failed query', { cause: coded('57P01') })],
  ])('a create whose outcome is unknown, %s: not to be repeated', (_, error) => {
    expect(toApiError(error, create)).toMatchObject({ status: 503, headers: { 'x-should-retry': 'false' } });
    expect(toApiError(error, get)).toMatchObject({ status: 503, headers: { 'x-should-retry': 'true' } });
  });
});
