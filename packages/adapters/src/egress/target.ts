import { isIP } from 'node:net';
import type { AddressVerdict } from './address.ts';

/** Why a URL or the address behind it may not be used; short codes for the record of an attempt. */
export type Refusal =
  | 'url_invalid'
  | 'url_too_long'
  | 'scheme_forbidden'
  | 'userinfo_forbidden'
  | 'fragment_forbidden'
  | 'port_forbidden'
  | 'host_forbidden'
  | 'own_server_forbidden'
  | 'address_forbidden';

export interface Target {
  readonly url: URL;
  /** A name, or a canonical address without brackets. */
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
}

export interface TargetPolicy {
  readonly judge: (address: string) => AddressVerdict;
  /** Whether the operator allowed any private address at all. */
  readonly allowsSome: boolean;
  /** `true`: http anywhere; `false`: nowhere; undefined: only towards allowed addresses. */
  readonly allowHttp: boolean | undefined;
  /** Public addresses are right at any port, not only at that of their scheme. */
  readonly anyPort?: boolean | undefined;
  /** Whether a server of our own is what would be reached. */
  readonly isOurs?: ((target: Target, addresses: readonly string[]) => Promise<boolean>) | undefined;
}

const MAX_URL_LENGTH = 2048;

/** Form, scheme, port and literal address. What a name stands for is known only when it is resolved, at each attempt. */
export function parseTarget(text: string, policy: TargetPolicy): Target | Refusal {
  if (text.length > MAX_URL_LENGTH) return 'url_too_long';
  // The URL parser drops or rewrites these; two readers of one text must not see two hosts.
  if (/[\p{Cc}\s\\]/u.test(text)) return 'url_invalid';
  const url = URL.parse(text);
  if (!url) return 'url_invalid';
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'scheme_forbidden';
  // The parser also takes `https:/host` and `https:host`, and finds the name behind any number of slashes.
  if (!/^https?:\/\/[^/]/i.test(text)) return 'url_invalid';
  if (url.username !== '' || url.password !== '' || authority(text).includes('@'))
    return 'userinfo_forbidden';
  if (text.includes('#')) return 'fragment_forbidden';

  const target = targetOf(url);
  return refusalOfHost(target, policy) ?? target;
}

/** `url` is http or https. */
export function targetOf(url: URL): Target {
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  return { url, host: url.hostname.replace(/^\[|\]$/g, ''), port, secure };
}

/** Whether this target may be reached at an address of that kind. */
export function refusalAt(target: Target, verdict: AddressVerdict, policy: TargetPolicy): Refusal | null {
  if (verdict === 'forbidden') return 'address_forbidden';
  if (verdict === 'allowed') return target.secure || policy.allowHttp !== false ? null : 'scheme_forbidden';
  if (!target.secure && policy.allowHttp !== true) return 'scheme_forbidden';
  return policy.anyPort || target.port === (target.secure ? 443 : 80) ? null : 'port_forbidden';
}

/** What a literal address and the form of a name say against it. */
export function refusalOfHost(target: Target, policy: TargetPolicy): Refusal | null {
  if (isIP(target.host)) return refusalAt(target, policy.judge(target.host), policy);
  const name = target.host.replace(/\.+$/, '');
  if (name === '') return 'host_forbidden';
  if (name === 'localhost' || name.endsWith('.localhost')) {
    return refusalAt(target, policy.judge('127.0.0.1'), policy);
  }
  const asPublic = name.includes('.') ? refusalAt(target, 'public', policy) : 'host_forbidden';
  // The name may turn out to stand for an allowed address, for which any port is right.
  return asPublic && policy.allowsSome ? refusalAt(target, 'allowed', policy) : asPublic;
}

/** What stands between the slashes: the parser forgets an empty name and password. */
function authority(text: string): string {
  return text.split(/[/?#]/)[2] ?? '';
}
