import { describe, expect, test } from 'vitest';
import { clientAddress, networkOf } from './client-address.ts';

const asked = (remoteAddress: string | undefined, ...forwarded: string[]) => ({
  socket: { remoteAddress },
  rawHeaders: forwarded.flatMap((value) => ['X-Forwarded-For', value]),
});

describe('where a request comes from', () => {
  test.each([
    ['no proxy: the header is not believed', 0, asked('10.0.0.9', '1.1.1.1'), '10.0.0.9'],
    [
      'one proxy: what it added, not what the client wrote',
      1,
      asked('10.0.0.9', '6.6.6.6, 1.1.1.1'),
      '1.1.1.1',
    ],
    ['the client wrote a header of its own', 1, asked('10.0.0.9', '6.6.6.6', '1.1.1.1'), '1.1.1.1'],
    ['two proxies', 2, asked('10.0.0.9', '6.6.6.6, 1.1.1.1, 10.0.0.8'), '1.1.1.1'],
    ['a proxy was bypassed', 2, asked('7.7.7.7', '6.6.6.6'), '7.7.7.7'],
    ['no header', 1, asked('10.0.0.9'), '10.0.0.9'],
    ['no address at all', 1, asked('10.0.0.9', 'unknown, "><script>'), '10.0.0.9'],
    ['IPv4 in IPv6', 0, asked('::ffff:10.0.0.9'), '10.0.0.9'],
    ['IPv6', 0, asked('2001:db8::ab'), '2001:db8::ab'],
    ['a socket that is gone', 0, asked(undefined), ''],
  ])('%s', (_, trusted, incoming, address) => {
    expect(clientAddress(trusted)(incoming)).toBe(address);
  });
});

test.each([
  ['10.0.0.9', '10.0.0.9'],
  ['2001:db8:0:12::ab', '2001:db8:0:12::/64'],
  ['2001:0DB8:0000:0012:1:2:3:4', '2001:db8:0:12::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['', ''],
])('%s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
