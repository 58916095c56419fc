import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { isForbiddenLiteral, lookupPublic } from './public-address.ts';

it.each([
  'http://127.0.0.1/',
  'http://127.1/',
  'http://0x7f.1/',
  'http://2130706433/',
  'http://0.0.0.0/',
  'http://10.0.0.1/',
  'http://172.16.0.1/',
  'http://192.168.1.1/',
  'http://169.254.169.254/',
  'http://100.64.0.1/',
  'http://[::1]/',
  'http://[::]/',
  'http://[fd00::1]/',
  'http://[fe80::1]/',
  'http://[::ffff:169.254.169.254]/',
  'http://[64:ff9b::7f00:1]/',
])('forbids %s', (url) => {
  expect(isForbiddenLiteral(new URL(url).hostname)).toBe(true);
});

it.each(['http://93.184.216.34/', 'http://[2606:4700::1111]/', 'http://cdn.example.com/'])(
  'leaves %s to the connection',
  (url) => {
    expect(isForbiddenLiteral(new URL(url).hostname)).toBe(false);
  },
);

it('does not resolve a name that leads to a private address', async () => {
  const resolve = promisify((hostname: string, callback: (error: Error | null) => void) =>
    lookupPublic(hostname, {}, callback),
  );
  await expect(resolve('localhost')).rejects.toMatchObject({ code: 'address_forbidden' });
});
