import { describe, expect, it } from 'vitest';
import type { JsonBody } from '../read-json.ts';
import { createScrub } from '../scrub.ts';
import { classifyAnswer, classifyFailure, failureCode, readRetryAfterMs } from './classify.ts';

const NOW = Date.UTC(2026, 10, 20);
const context = {
  scrub: createScrub({ baseUrl: new URL('https://render.example/v1') }),
  now: NOW,
  prompt: 'A secret product launch',
};
const classify = (status: number, value?: unknown, headers = {}, problem?: JsonBody['problem']) =>
  classifyAnswer({ status, headers, body: { value, ...(problem && { problem }) } }, context);

describe('classifyAnswer', () => {
  it.each([200, 201, 202])('%i with an id is accepted', (status) => {
    expect(classify(status, { id: 'v1', status: 'queued' }, { 'x-request-id': 'req_1' })).toMatchObject({
      kind: 'accepted',
      handle: { id: 'v1' },
      snapshot: { id: 'v1', state: 'queued' },
      requestId: 'req_1',
    });
  });

  it('does not take over a request id that is not one', () => {
    expect(classify(200, { id: 'v1' }, { 'x-request-id': 'a b\u001b' })).not.toHaveProperty('requestId');
  });

  it.each([
    [200, {}],
    [200, { id: '' }],
    [200, { error: { message: 'no' } }],
    [200, undefined],
    [204, undefined],
    [301, undefined],
    [302, undefined],
    [402, { error: { code: 'x' } }],
    [405, undefined],
    [408, undefined],
    [409, { error: { code: 'conflict' } }],
    [418, undefined],
    [500, { id: 'v1', status: 'failed' }],
    [502, undefined],
    [503, undefined],
    [504, undefined],
    [529, undefined],
  ])('%i with %j is unknown', (status, body) => {
    expect(classify(status, body)).toMatchObject({
      kind: 'unknown',
      error: { code: 'upstream_outcome_unknown', httpStatus: status },
    });
  });

  it.each([
    ['video_generation_user_error', 'video_generation_user_error'],
    ['invalid_request_error', 'invalid_request_error'],
    ['BadRequestError', undefined],
    ['sk-abcdef123456', undefined],
    [7, undefined],
  ])('passes on the type %j of a refusal as %j', (type, expected) => {
    const result = classify(400, { error: { code: 'x', message: 'No.', type } });
    expect(result.kind === 'refused' && result.error.type).toBe(expected);
  });

  it.each([400, 404, 413, 415, 422])('%i is refused for good, readable or not', (status) => {
    const refused = { kind: 'refused', retry: 'never', operatorFault: false };
    expect(classify(status, undefined, {}, 'answer_cut')).toMatchObject(refused);
    expect(classify(status, { error: { code: 'odd_value', message: 'No.', param: 'size' } })).toMatchObject({
      ...refused,
      error: { code: 'odd_value', message: 'No.', param: 'size', httpStatus: status },
    });
  });

  it.each([
    [401, { error: { code: 'invalid_api_key', message: 'Incorrect API key provided: sk-abcdef' } }],
    [401, { error: { code: 'content_policy_violation' } }],
    [403, { error: { code: 'unverified', message: 'Organization must be verified' } }],
    [403, undefined],
    [400, { error: { code: 'billing_hard_limit_reached', message: 'Billing hard limit' } }],
    [429, { error: { type: 'insufficient_quota', code: 'insufficient_quota', message: 'org-1a2b3c4d' } }],
    [429, { error: { code: 'spend_limit_reached' } }],
    [400, { error: { type: 'budget_exceeded', code: '400' } }],
  ])('%i with %j is our fault and told in our words', (status, body) => {
    const result = classify(status, body);
    expect(result).toMatchObject({ kind: 'refused', retry: 'later', operatorFault: true });
    expect(result).toHaveProperty('error.message', expect.stringContaining('gateway'));
    expect(result).toHaveProperty('error.code', expect.stringMatching(/^upstream_/));
  });

  it('429 is for later, by the clock of the upstream', () => {
    const body = { error: { message: 'Slow down.', code: 'rate_limit_exceeded' } };
    expect(classify(429, body, { 'retry-after-ms': '1500', 'retry-after': '9' })).toEqual({
      kind: 'refused',
      retry: 'later',
      retryAfterMs: 1500,
      operatorFault: false,
      error: { code: 'rate_limit_exceeded', message: 'Slow down.', httpStatus: 429 },
    });
    expect(classify(429)).not.toHaveProperty('retryAfterMs');
  });

  it.each([
    [400, { error: { code: 'content_policy_violation', message: 'Blocked by our moderation system.' } }],
    [403, { error: { code: 'moderation_blocked', message: 'Blocked by our moderation system.' } }],
  ])('%i passes a content refusal on', (status, body) => {
    expect(classify(status, body)).toMatchObject({
      kind: 'refused',
      retry: 'never',
      operatorFault: false,
      error: { ...body.error, httpStatus: status },
    });
  });

  it.each([
    [{ error: { message: 'Bad.', code: 400 } }, { code: 'invalid_request', message: 'Bad.' }],
    [{ error: 'Bad.' }, { code: 'invalid_request', message: 'Bad.' }],
    [[{ error: { message: 'Bad.', code: 'x' } }], { code: 'x', message: 'Bad.' }],
    [{ detail: 'Bad.' }, { code: 'invalid_request', message: 'Bad.' }],
    [
      { detail: [{ loc: ['body', 'size'], msg: 'Bad.', type: 'missing' }] },
      { message: 'Bad.', param: 'size' },
    ],
    [
      { message: 'Bad.', code: 'a b' },
      { code: 'invalid_request', message: 'Bad.' },
    ],
    [
      { error: { message: 'about A secret product launch' } },
      { message: 'The upstream refused this request.' },
    ],
    ['<html>', { code: 'invalid_request', message: 'The upstream refused this request.' }],
  ])('reads the refusal %j', (body, error) => {
    expect(classify(400, body)).toMatchObject({ kind: 'refused', error });
  });
});

describe('classifyFailure', () => {
  it.each([
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'UND_ERR_CONNECT_TIMEOUT',
    'CERT_HAS_EXPIRED',
    'ECONNRESET',
  ])('%s before a connection stood is not sent', (code) => {
    expect(classifyFailure(Object.assign(new Error('x'), { code }), false).kind).toBe('not_sent');
  });

  it.each(['ECONNRESET', 'UND_ERR_SOCKET', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'EPIPE'])(
    '%s after that is unknown',
    (code) => {
      expect(classifyFailure(Object.assign(new Error('x'), { code }), true).kind).toBe('unknown');
    },
  );

  it('tells no more than a code', () => {
    const error = new Error('getaddrinfo ENOTFOUND render.example');
    expect(JSON.stringify(classifyFailure(Object.assign(error, { code: 'ENOTFOUND' }), false))).not.toContain(
      'render.example',
    );
    expect(failureCode(new DOMException('x', 'TimeoutError'))).toBe('TimeoutError');
    expect(failureCode('render.example')).toBe('error');
  });
});

it.each([
  [{ 'retry-after-ms': '250' }, 250],
  [{ 'retry-after': '2' }, 2_000],
  [{ 'retry-after': new Date(NOW + 30_000).toUTCString() }, 30_000],
  [{ 'retry-after': new Date(NOW - 30_000).toUTCString() }, 0],
  [{ 'retry-after': '99999999' }, 86_400_000],
  [{ 'retry-after': '-1' }, 0],
  [{ 'retry-after': 'soon' }, undefined],
  [{}, undefined],
])('readRetryAfterMs %j', (headers, expected) => {
  expect(readRetryAfterMs(headers, NOW)).toBe(expected);
});
