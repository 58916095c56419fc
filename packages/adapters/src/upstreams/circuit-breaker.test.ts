import { beforeEach, expect, test } from 'vitest';
import { type CircuitBreaker, createCircuitBreaker } from './circuit-breaker.ts';

let now: number;
let breaker: CircuitBreaker;
beforeEach(() => {
  now = 0;
  breaker = createCircuitBreaker(() => now);
});
const fail = (times: number) => {
  for (let n = 0; n < times; n++) breaker.record(false);
};

test('opens at the tenth failure in half a minute', () => {
  fail(9);
  expect(breaker.allows()).toBe(true);
  now = 31_000;
  fail(9);
  expect(breaker.allows()).toBe(true);
  fail(1);
  expect([breaker.state(), breaker.allows()]).toEqual(['open', false]);
});

test('stays closed while most calls work', () => {
  for (let n = 0; n < 11; n++) breaker.record(true);
  fail(10);
  expect(breaker.state()).toBe('closed');
});

test('lets one probe through, and closes when that works', () => {
  fail(10);
  now = 5_001;
  expect(breaker.state()).toBe('half_open');
  expect([breaker.allows(), breaker.allows()]).toEqual([true, false]);
  breaker.record(true);
  expect([breaker.state(), breaker.allows(), breaker.allows()]).toEqual(['closed', true, true]);
});

test('waits twice as long after each probe that fails, a minute at most', () => {
  fail(10);
  for (const wait of [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]) {
    now += wait - 1;
    expect(breaker.allows()).toBe(false);
    now += 1;
    expect(breaker.allows()).toBe(true);
    breaker.record(false);
  }
});

test('answers of calls that were under way when it opened say nothing of the probe', () => {
  fail(10);
  breaker.record(true);
  expect(breaker.state()).toBe('open');
});
