import { describe, expect, test } from 'vitest';
import { describeSpan, inZone, type LimitState, refusalOf } from './refusal.ts';

const state: LimitState = {
  limitId: 'quota_1',
  scopeKind: 'team',
  scopeId: 'team_1',
  metric: 'cost',
  window: 'month',
  spanSeconds: 0,
  timeZone: 'Europe/Berlin',
  model: null,
  tags: {},
  hard: '500000000',
  soft: null,
  granted: '0',
  reserved: '6400000',
  settled: '493200000',
  amount: '2400000',
  periodStartsAt: '2026-11-01T00:00:00+01:00',
  resetsAt: '2026-11-30T23:00:00+00:00',
  retryAfterSeconds: 1_000,
};

test('a refusal names limit, use, reservation, this video and the reset in the time zone of the organization', () => {
  expect(refusalOf(state)).toMatchObject({
    code: 'insufficient_quota',
    message:
      'Team quota for cost reached: limit 500.00 USD this month, 493.20 USD used, 6.40 USD reserved, this video 2.40 USD. Resets 2026-12-01T00:00:00+01:00 (Europe/Berlin). Ask for more with POST /v1/quota/requests.',
    details: { retryAfterSeconds: 1_000 },
  });
});

test('spend equal to the limit is allowed, and admits nothing more', () => {
  expect(refusalOf({ ...state, settled: '491200000' })).toBeNull();
  expect(refusalOf({ ...state, settled: '491200001' })).not.toBeNull();
});

test("the organization's figures are not shown", () => {
  expect(refusalOf({ ...state, scopeKind: 'org' })?.message).toBe(
    'Organization quota for cost reached: this video 2.40 USD. Resets 2026-12-01T00:00:00+01:00 (Europe/Berlin). Ask an administrator of Reelgate.',
  );
});

test('a limit for some videos says for which', () => {
  expect(refusalOf({ ...state, model: 'sora-2-pro', tags: { campaign: 'spring' } })?.message).toContain(
    'Team quota for cost of model sora-2-pro, campaign=spring reached',
  );
});

test('a leaky window says when there is room again', () => {
  const message = refusalOf({ ...state, window: 'leaky', spanSeconds: 86_400 })?.message;
  expect(message).toContain('limit 500.00 USD in 24 hours,');
  expect(message).toContain('There is room for it again at 2026-12-01T00:00:00+01:00 (Europe/Berlin).');
});

describe('a moment in a time zone', () => {
  test.each([
    ['UTC', '2026-12-01T00:00:00Z'],
    ['America/St_Johns', '2026-11-30T20:30:00-03:30 (America/St_Johns)'],
    ['Pacific/Kiritimati', '2026-12-01T14:00:00+14:00 (Pacific/Kiritimati)'],
    ['Europe/London', '2026-12-01T00:00:00Z (Europe/London)'],
  ])('%s', (zone, text) => expect(inZone(new Date('2026-12-01T00:00:00Z'), zone)).toBe(text));
});

test.each([
  [60, '60 seconds'],
  [3_600, '60 minutes'],
  [7_200, '2 hours'],
  [86_400, '24 hours'],
  [604_800, '7 days'],
  [90, '90 seconds'],
])('%i seconds are %s', (seconds, text) => expect(describeSpan(seconds)).toBe(text));
