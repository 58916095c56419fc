import { describe, expect, test } from 'vitest';
import { checkImageUrl } from './image-url.ts';

test.each([
  'https://example.com/a.png',
  'http://example.com:8080/a.png?X-Signature=abc%2F',
  'https://8.8.8.8/a.png',
  'https://[2606:4700::1111]/a.png',
  'https://bücher.example/a',
  'https://localhost.example.com/',
])('%s: as it came', (url) => expect(checkImageUrl(url)).toBe(url));

describe('not for an upstream to fetch', () => {
  test.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://0x7f.1/',
    'http://2130706433/',
    'http://0177.0.0.1/',
    'http://0/',
    'http://169.254.169.254/latest/meta-data/',
    'http://10.0.0.1/',
    'http://172.31.255.255/',
    'http://192.168.1.1/',
    'http://100.64.0.1/',
    'http://198.18.0.1/',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'http://[::1]/',
    'http://[::]/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://[::ffff:8.8.8.8]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[fd00::1]/',
    'http://[fe80::1]/',
    'http://[2002:7f00:1::]/',
    'http://[2001:db8::1]/',
    'http://localhost/',
    'http://localhost./',
    'http://LOCALHOST:8080/',
    'http://a.localhost/',
    'http://metadata/',
    'http://metadata.google.internal/',
    'http://printer.local/',
    'http://①②⑦.0.0.1/',
    'http://127。0。0。1/',
  ])('%s', (url) => {
    expect(() => checkImageUrl(url)).toThrow(
      expect.objectContaining({ status: 400, code: 'invalid_image_url', param: 'input_reference' }),
    );
  });
});

describe('no URL of a picture', () => {
  test.each([
    '',
    'x',
    '/a.png',
    '//example.com/a.png',
    'file:///etc/passwd',
    'ftp://example.com/a',
    'javascript:alert(1)',
    'https:example.com',
    'https:///example.com',
    'https://user:pass@example.com/',
    'https://user@example.com/',
    'https://@example.com/',
    'https://example.com\\@127.0.0.1/',
    'https://exa mple.com/',
    'https://example.com/\n',
    'https://example.com/\0',
    'https://',
    `https://example.com/${'a'.repeat(8_200)}`,
  ])('%j', (url) => {
    expect(() => checkImageUrl(url)).toThrow(expect.objectContaining({ code: 'invalid_image_url' }));
  });
});
