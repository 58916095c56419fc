import { describe, expect, it } from 'vitest';
import { createScrub } from './scrub.ts';

const scrub = createScrub({
  apiKey: 'Zq81LmNoPrStUvWx-secret-tail',
  baseUrl: new URL('https://render.internal.example/v1'),
});

describe('scrub', () => {
  it.each([
    ['Your request was rejected by the safety system.'],
    ["Invalid value: '12'. Supported values are: '4', '6', and '8'."],
    ['Inpaint image must match the requested width and height'],
    ['The parameter token_limit_exceeded at 1280x720 (default)'],
  ])('passes on a plain sentence: %s', (text) => {
    expect(scrub(text, 'fallback')).toBe(text);
  });

  it.each([
    ['the key', 'Bad key Zq81LmNoPrStUvWx-secret-tail'],
    ['the key in other case', 'Bad key ZQ81LMNOPRSTUVWX-SECRET-TAIL'],
    ['its head', 'Incorrect key Zq81LmNo…'],
    ['its tail', 'Incorrect key ending in ret-tail'],
    ['a starred key', 'Incorrect API key provided: abc*****xyz'],
    ['a key of another form', 'Incorrect API key provided: sk-proj-abcdef'],
    ['a bearer token', 'header was Bearer abc'],
    ['the host', 'upstream render.internal.example is full'],
    ['an organization', 'Organization org-3fk29dkA must be verified'],
    ['an e-mail address', 'Contact ops@example.com'],
    ['an address', 'connect 10.2.3.4 refused'],
    ['an IPv6 address', 'connect [fd00::12] refused'],
    ['a path', 'cannot open /models/wan/config.json'],
    ['a stack', 'Traceback (most recent call last)'],
    ['a source line', 'failed in pipeline.py:311'],
    ['markup', '<!DOCTYPE html><title>502</title>'],
    ['nothing', ' \n '],
    ['no text', { text: 'x' }],
    ['nothing but a link', 'https://render.internal.example/v1/videos'],
  ])('gives way to our own words at %s', (_, text) => {
    expect(scrub(text, 'fallback')).toBe('fallback');
  });

  it('cuts links out of a text that is otherwise fit', () => {
    expect(scrub('Too many requests. See https://platform.example.com/docs?org=abc for limits.', 'x')).toBe(
      'Too many requests. See for limits.',
    );
  });

  it('makes one bounded line', () => {
    expect(scrub('a\r\n\u001b[31mb\u202e c', 'x')).toBe('a [31mb c');
    expect(scrub('word '.repeat(10_000), 'x')).toHaveLength(500);
  });

  it('does not repeat what is hidden, cut or reflowed', () => {
    const prompt = 'A secret product\nlaunch on the moon, seen from far away at night';
    expect(scrub('Prompt "a secret product launch on the moon, seen…" was refused', 'x', [prompt])).toBe('x');
    expect(scrub('The prompt was refused', 'x', ['The prompt', undefined])).toBe('The prompt was refused');
  });

  it('takes a one-word host for a host only where it stands as one', () => {
    const local = createScrub({ baseUrl: new URL('http://video:8000/v1') });
    expect(local('The video is too long.', 'x')).toBe('The video is too long.');
    expect(local("HTTPConnectionPool(host='video', port=8000)", 'x')).toBe('x');
    expect(local('cannot reach video:8000', 'x')).toBe('x');
  });
});
