import { describe, expect, test } from 'vitest';
import { createAddressPolicy, parseCidrs } from './address.ts';

const judge = createAddressPolicy([]);

describe('without an allow list', () => {
  test.each([
    '93.184.215.14',
    '1.1.1.1',
    '172.15.255.255',
    '172.32.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '192.0.1.0',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '2606:4700:4700::1111',
    '2a00:1450:4001:81b::200e',
    '::ffff:93.184.215.14',
    '::ffff:5db8:d70e',
    '64:ff9b::93.184.215.14',
  ])('%s is public', (address) => {
    expect(judge(address)).toBe('public');
  });

  test.each([
    ['this network', ['0.0.0.0', '0.255.255.255']],
    ['private', ['10.0.0.1', '172.16.0.0', '172.31.255.255', '192.168.0.1']],
    ['carrier NAT', ['100.64.0.0', '100.127.255.255']],
    ['loopback', ['127.0.0.1', '127.255.255.255', '::1']],
    ['link-local and metadata', ['169.254.0.1', '169.254.169.254', 'fe80::1', 'fe80::1%eth0', 'febf::1']],
    ['protocol assignments', ['192.0.0.1', '192.0.0.192', '192.0.0.255']],
    ['documentation', ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1', '3fff:fff::1']],
    ['6to4 relays', ['192.88.99.1']],
    ['benchmarks', ['198.18.0.0', '198.19.255.255', '2001:2::1']],
    ['multicast', ['224.0.0.1', '239.255.255.255', 'ff02::1']],
    ['reserved', ['240.0.0.1', '255.255.255.255', '4000::1', 'e000::1']],
    ['unspecified', ['::']],
    ['IPv4 in IPv6', ['::ffff:127.0.0.1', '::ffff:a9fe:a9fe', '::ffff:10.0.0.1', '::ffff:0:0']],
    ['IPv4-compatible', ['::127.0.0.1', '::7f00:1', '::93.184.215.14', '::10.0.0.1']],
    ['NAT64', ['64:ff9b::7f00:1', '64:ff9b::a9fe:a9fe', '64:ff9b::10.0.0.1', '64:ff9b:1::1', '64:ff9b:2::1']],
    ['6to4', ['2002:7f00:1::', '2002:a9fe:a9fe::1', '2002:5db8:d70e::1']],
    ['teredo', ['2001:0:4136:e378:8000:63bf:3fff:fdd2', '2001::1']],
    ['ORCHID and other special parts of 2001::/23', ['2001:10::1', '2001:20::1', '2001:1::1']],
    ['discard', ['100::1']],
    ['segment routing', ['5f00::1']],
    ['unique local', ['fc00::1', 'fd00:ec2::254', 'fdff::1']],
    ['site-local', ['fec0::1']],
    [
      'no addresses',
      ['', 'localhost', '2130706433', '0x7f000001', '127.1', '0177.0.0.1', '1.1.1.1 ', '1.1.1', '::g'],
    ],
  ])('%s: forbidden', (_range, addresses) => {
    for (const address of addresses) expect([address, judge(address)]).toEqual([address, 'forbidden']);
  });
});

describe('with an allow list', () => {
  const companyJudge = createAddressPolicy(
    parseCidrs(['10.20.0.0/16', '127.0.0.0/8', 'fd12:3456::/32', '64:ff9b:1::/48', '2002::/16']),
    parseCidrs(['10.20.9.0/24', '93.184.0.0/16', 'fd12:3456:9::/48']),
  );

  test.each([
    '10.20.0.1',
    '10.20.255.255',
    '127.0.0.1',
    '::ffff:10.20.0.1',
    'fd12:3456::1',
    '64:ff9b:1::a14:1',
  ])('%s is allowed', (address) => {
    expect(companyJudge(address)).toBe('allowed');
  });

  test.each(['10.21.0.1', '::1', 'fd12:3457::1', '64:ff9b::10.20.0.1', '::10.20.0.1', '192.168.0.1'])(
    '%s is still forbidden',
    (address) => {
      expect(companyJudge(address)).toBe('forbidden');
    },
  );

  test.each(['10.20.9.1', '::ffff:10.20.9.1', '93.184.215.14', '64:ff9b::93.184.215.14', 'fd12:3456:9::1'])(
    '%s is denied though allowed or public',
    (address) => {
      expect(companyJudge(address)).toBe('forbidden');
    },
  );

  test('leaves public addresses public', () => {
    expect(companyJudge('1.1.1.1')).toBe('public');
  });
});

test.each([
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd20:ce::254',
  'fd00:42::42',
  '::ffff:169.254.169.254',
  '64:ff9b::169.254.169.254',
  '64:ff9b:1::a9fe:a9fe',
  '64:ff9b:1:a9fe:a9:fe00::',
  '2002:a9fe:a9fe::1',
  '2001:0:a9fe:a9fe::1',
  '2001:0:4136:e378:8000:63bf:5601:5601',
  '::169.254.169.254',
])('the metadata address %s is forbidden even where everything is allowed', (address) => {
  const everything = createAddressPolicy(parseCidrs(['0.0.0.0/0', '::/0']));
  expect(everything('10.0.0.1')).toBe('allowed');
  expect(everything('2002:a00:1::1')).toBe('allowed');
  expect(everything(address)).toBe('forbidden');
});

test.each(['10.0.0.1', '10.0.0.0/33', 'example.com/8', ''])('"%s" is no range', (cidr) => {
  expect(() => parseCidrs([cidr])).toThrow(/address range/);
});
