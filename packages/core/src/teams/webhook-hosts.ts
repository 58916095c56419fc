import { ReelgateError } from '../errors.ts';

const MAX_HOSTS = 50;
const MAX_LENGTH = 253;

/**
 * Which hosts the `webhook_url` of a single video may name, as URLs have them: `hooks.example.com`, or `*.example.com` for every name
 * below. Throws `invalid_value` for what can be neither.
 */
export function normalizeWebhookHosts(given: readonly string[]): string[] {
  if (given.length > MAX_HOSTS) throw invalid(`there may be at most ${MAX_HOSTS}`);
  return [...new Set(given.map(normalize))];
}

/** `hostname` is from the URL parser. */
export function isAllowedWebhookHost(hosts: readonly string[], hostname: string): boolean {
  return hosts.some((host) => (host.startsWith('*.') ? hostname.endsWith(host.slice(1)) : hostname === host));
}

function normalize(given: string): string {
  const text = given.trim();
  const isPattern = text.startsWith('*.');
  const bare = isPattern ? text.slice(2) : text;
  const hostname = /^[^\s\p{Cc}*/\\?#@]+$/u.test(bare) ? URL.parse(`https://${bare}/`)?.hostname : undefined;
  const isAddress = hostname !== undefined && /^([\d.]+|\[.*\])$/.test(hostname);
  const hasPort = /:\d*$/.test(bare) && !bare.endsWith(']');
  if (
    !hostname ||
    hasPort ||
    hostname.endsWith('.') ||
    hostname.length > MAX_LENGTH ||
    (isPattern && isAddress)
  ) {
    throw invalid(`'${given.slice(0, 80)}' is not a host such as hooks.example.com or *.example.com`);
  }
  return isPattern ? `*.${hostname}` : hostname;
}

function invalid(why: string): ReelgateError {
  return new ReelgateError('invalid_value', `Invalid 'webhook_hosts': ${why}.`, { param: 'webhook_hosts' });
}
