import { expect, it } from 'vitest';
import {
  behaviourSchema,
  lifeAndContentOf,
  lifeOf,
  parseDirectives,
  requestAndContentOf,
  withoutDirectives,
} from './behaviour.ts';

it('reads numbers, words, quoted words and flags from a prompt', () => {
  const prompt =
    'A boat [[sim render_ms=500 stuck fail=moderation]] on [[sim fail_message="not this" lengthless=false]]';
  expect(parseDirectives(prompt)).toEqual({
    render_ms: 500,
    stuck: true,
    fail: 'moderation',
    fail_message: 'not this',
    lengthless: false,
  });
  expect(withoutDirectives(prompt)).toBe('A boat on');
});

it('reads nothing from other brackets', () => {
  expect(parseDirectives('[sim stuck] [[simple stuck]] [[other]]')).toEqual({});
});

it.each(['[[sim typo=1]]', '[[sim render_ms=soon]]', '[[sim refuse=200]]', '[[sim answer=later]]'])(
  'does not let %s pass',
  (prompt) => {
    expect(() => parseDirectives(prompt)).toThrow();
  },
);

it('reads a numeric status and a numeric word alike', () => {
  expect(parseDirectives('[[sim answer=502 refuse_code=1001]]')).toEqual({
    answer: 502,
    refuse_code: '1001',
  });
});

it('knows for every key whether it is about a request, a life, or content', () => {
  const everything = Object.fromEntries(Object.keys(behaviourSchema.shape).map((key) => [key, undefined]));
  const request = Object.keys(everything).filter((key) => !(key in lifeAndContentOf(everything)));
  expect(request).toContain('refuse');
  expect(Object.keys(requestAndContentOf(everything))).toEqual(expect.arrayContaining(request));
  expect(Object.keys(requestAndContentOf(everything))).not.toEqual(expect.arrayContaining(['render_ms']));
  expect(Object.keys(lifeOf(everything))).toContain('render_ms');
});
