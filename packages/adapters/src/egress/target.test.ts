import { expect, test } from 'vitest';
import { createAddressPolicy, parseCidrs } from './address.ts';
import { parseTarget, type Refusal, type TargetPolicy } from './target.ts';

function policyOf(allowed: string[], allowHttp?: boolean): TargetPolicy {
  return { judge: createAddressPolicy(parseCidrs(allowed)), allowsSome: allowed.length > 0, allowHttp };
}

function refusal(url: string, policy: TargetPolicy): Refusal | null {
  const target = parseTarget(url, policy);
  return typeof target === 'string' ? target : null;
}

const strict = policyOf([]);
const company = policyOf(['10.20.0.0/16', '127.0.0.0/8']);

test.each([
  'https://example.com/',
  'https://example.com',
  'https://EXAMPLE.com:443/hook?team=1&x=%40#'.replace('#', ''),
  'https://example.com./hook',
  'https://xn--bcher-kva.example/hook',
  'https://bücher.example/hook',
  'https://93.184.215.14/hook',
  'https://[2606:4700:4700::1111]/hook',
  'https://example.com/a@b',
  'https://example.com/?mail=a@b',
])('%s is taken', (url) => {
  expect(refusal(url, strict)).toBeNull();
});

test.each<[string, Refusal]>([
  // Loopback in every spelling that a URL parser understands.
  ['https://127.0.0.1/', 'address_forbidden'],
  ['https://127.1/', 'address_forbidden'],
  ['https://2130706433/', 'address_forbidden'],
  ['https://0x7f.1/', 'address_forbidden'],
  ['https://0x7f000001/', 'address_forbidden'],
  ['https://0X7F.0x0.0x0.0x1/', 'address_forbidden'],
  ['https://017700000001/', 'address_forbidden'],
  ['https://0177.0.0.01/', 'address_forbidden'],
  ['https://127.0.0.1./', 'address_forbidden'],
  ['https://%31%32%37.0.0.1/', 'address_forbidden'],
  ['https://127%2e0%2e0%2e1/', 'address_forbidden'],
  ['https://１２７.０.０.１/', 'address_forbidden'],
  ['https://127。0。0。1/', 'address_forbidden'],
  ['https://①②⑦.⓪.⓪.①/', 'address_forbidden'],
  ['https://0/', 'address_forbidden'],
  ['https://0.0.0.0/', 'address_forbidden'],
  ['https://[::]/', 'address_forbidden'],
  ['https://[::1]/', 'address_forbidden'],
  ['https://[0:0:0:0:0:0:0:1]/', 'address_forbidden'],
  ['https://[::ffff:127.0.0.1]/', 'address_forbidden'],
  ['https://[::ffff:7f00:1]/', 'address_forbidden'],
  ['https://[::ffff:a9fe:a9fe]/', 'address_forbidden'],
  ['https://[::127.0.0.1]/', 'address_forbidden'],
  ['https://[64:ff9b::7f00:1]/', 'address_forbidden'],
  ['https://[2002:7f00:1::]/', 'address_forbidden'],
  ['https://localhost/', 'address_forbidden'],
  ['https://LOCALHOST./', 'address_forbidden'],
  ['https://localhost../', 'address_forbidden'],
  ['https://a.localhost/', 'address_forbidden'],
  ['https://ⓛocalhost/', 'address_forbidden'],
  // Other ranges that are nobody's receiver.
  ['https://169.254.169.254/latest/meta-data/', 'address_forbidden'],
  ['https://0xA9FEA9FE/', 'address_forbidden'],
  ['https://2852039166/', 'address_forbidden'],
  ['https://10.0.0.1/', 'address_forbidden'],
  ['https://100.64.0.1/', 'address_forbidden'],
  ['https://198.18.0.1/', 'address_forbidden'],
  ['https://192.0.0.192/', 'address_forbidden'],
  ['https://[fc00::1]/', 'address_forbidden'],
  ['https://[fe80::1]/', 'address_forbidden'],
  // Names that no public server has.
  ['https://redis/', 'host_forbidden'],
  ['https://metadata/', 'host_forbidden'],
  ['https://./', 'host_forbidden'],
  // Names hidden behind names.
  ['https://user:pass@example.com/', 'userinfo_forbidden'],
  ['https://user@example.com/', 'userinfo_forbidden'],
  ['https://@example.com/', 'userinfo_forbidden'],
  ['https://:@example.com/', 'userinfo_forbidden'],
  ['https://example.com@127.0.0.1/', 'userinfo_forbidden'],
  ['https://example.com%40127.0.0.1@10.0.0.1/', 'userinfo_forbidden'],
  ['https://h#@127.0.0.1/', 'fragment_forbidden'],
  ['https://example.com/#x', 'fragment_forbidden'],
  ['https://example.com\\@127.0.0.1/', 'url_invalid'],
  ['https:\\\\127.0.0.1/', 'url_invalid'],
  ['https:example.com', 'url_invalid'],
  ['https:/example.com', 'url_invalid'],
  ['https:///example.com', 'url_invalid'],
  ['https:////@127.0.0.1/', 'url_invalid'],
  [' https://example.com/', 'url_invalid'],
  ['https://exam\tple.com/', 'url_invalid'],
  ['https://example.com/\r\nX-Evil: 1', 'url_invalid'],
  ['https://example.com/\u0000', 'url_invalid'],
  ['https://example.com:99999/', 'url_invalid'],
  ['https://[::1/', 'url_invalid'],
  ['https://[fe80::1%25eth0]/', 'url_invalid'],
  ['https://256.256.256.256/', 'url_invalid'],
  ['https://', 'url_invalid'],
  ['', 'url_invalid'],
  ['//example.com/', 'url_invalid'],
  // Other services than a web server.
  ['http://example.com/', 'scheme_forbidden'],
  ['ftp://example.com/', 'scheme_forbidden'],
  ['file:///etc/passwd', 'scheme_forbidden'],
  ['data:text/plain,x', 'scheme_forbidden'],
  ['gopher://127.0.0.1:6379/_FLUSHALL', 'scheme_forbidden'],
  ['javascript:alert(1)', 'scheme_forbidden'],
  ['https://example.com:22/', 'port_forbidden'],
  ['https://example.com:6379/', 'port_forbidden'],
  ['https://example.com:80/', 'port_forbidden'],
  ['https://example.com:8443/', 'port_forbidden'],
  ['https://example.com:0/', 'port_forbidden'],
  ['https://93.184.215.14:8443/', 'port_forbidden'],
  [`https://example.com/${'a'.repeat(2048)}`, 'url_too_long'],
])('%s is refused: %s', (url, reason) => {
  expect(refusal(url, strict)).toBe(reason);
});

test.each([
  'https://10.20.0.1/',
  'https://10.20.0.1:8443/',
  'http://10.20.0.1:3000/hook',
  'http://localhost:3000/hook',
  'http://[::ffff:10.20.0.1]/',
  // What these names stand for is known at the attempt.
  'http://receiver/hook',
  'http://receiver.team.svc:8080/hook',
  'https://example.com:8443/',
])('%s is taken where a company allows its own ranges', (url) => {
  expect(refusal(url, company)).toBeNull();
});

test.each<[string, Refusal]>([
  ['https://10.21.0.1/', 'address_forbidden'],
  ['http://169.254.169.254/', 'address_forbidden'],
  ['http://93.184.215.14/', 'scheme_forbidden'],
  ['https://93.184.215.14:8443/', 'port_forbidden'],
  ['http://user@10.20.0.1/', 'userinfo_forbidden'],
  ['https://./', 'host_forbidden'],
])('%s is refused there all the same: %s', (url, reason) => {
  expect(refusal(url, company)).toBe(reason);
});

test('plain http is the operator’s to forbid and to allow', () => {
  const never = policyOf(['10.20.0.0/16'], false);
  expect(refusal('http://10.20.0.1/', never)).toBe('scheme_forbidden');
  expect(refusal('http://receiver/', never)).toBe('scheme_forbidden');
  expect(refusal('https://10.20.0.1/', never)).toBeNull();
  const anywhere = policyOf([], true);
  expect(refusal('http://example.com/', anywhere)).toBeNull();
  expect(refusal('http://example.com:6379/', anywhere)).toBe('port_forbidden');
  expect(refusal('http://10.20.0.1/', anywhere)).toBe('address_forbidden');
});
