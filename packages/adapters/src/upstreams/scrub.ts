/** Returns `text` where it is fit for a caller's eyes, else `fallback`. `hidden` are further strings that it must not repeat. */
export type Scrub = (text: unknown, fallback: string, hidden?: readonly (string | undefined)[]) => string;

const MAX_LENGTH = 500;
/** Nothing beyond this is looked at. */
const MAX_INPUT = 4_000;
/** Parts of a credential this long are as telling as the whole: services echo keys with the middle starred out. */
const KEY_PART = 8;
/** A shorter prompt inside an error text is more likely a word of the sentence. */
const MIN_HIDDEN = 12;

const URLS = /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>)\]]+/gi;

const SUSPICIOUS: readonly RegExp[] = [
  // credentials
  /\b(?:sk|rk|pk|rg)[-_][A-Za-z0-9*._-]{6,}/i,
  /\b(?:api|key|token)[-_=:](?=[a-z._-]*[\d*])[a-z0-9*._-]{6,}/i,
  /\bbearer\s+\S/i,
  /\beyJ[A-Za-z0-9_-]{8,}/,
  /\w\*{3}/,
  /\bAKIA[A-Z0-9]{8,}/,
  // accounts
  /\b(?:org|proj|acct|workspace|tenant)[-_](?=[A-Za-z]*\d)[A-Za-z0-9]{4,}/i,
  /\b[\w.+-]{1,64}@[\w-]{1,63}\.\w/,
  // machines
  /\b\d{1,3}(?:\.\d{1,3}){3}\b/,
  /\[[0-9a-f:]*::[0-9a-f:]*\]/i,
  /(?:^|[\s"'(=:])\/(?:app|data|etc|home|mnt|models|opt|root|srv|tmp|usr|var|workspace)\//,
  /\bTraceback\b|\bFile "|\.(?:cpp|cu|go|js|py|rs|ts):\d/,
  // markup
  /<[a-z!/]/i,
];

/**
 * An upstream's own words are shown to a caller only where nothing in them points at the upstream: one suspicion and the
 * whole text gives way to a sentence of ours. Plain links are cut out, since harmless refusals often carry one.
 */
export function createScrub(upstream: { apiKey?: string | undefined; baseUrl: URL }): Scrub {
  const secrets = spellings(upstream.baseUrl.hostname.toLowerCase());
  const apiKey = upstream.apiKey?.toLowerCase();
  if (apiKey) secrets.push(apiKey);
  if (apiKey && apiKey.length >= 2 * KEY_PART)
    secrets.push(apiKey.slice(0, KEY_PART), apiKey.slice(-KEY_PART));

  return (text, fallback, hidden = []) => {
    if (typeof text !== 'string') return fallback;
    const clean = text
      .slice(0, MAX_INPUT)
      .replace(URLS, '')
      .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
      .trim();
    if (clean === '') return fallback;
    const lower = clean.toLowerCase();
    const repeats = (secret: string) => lower.includes(secret);
    if (secrets.some(repeats) || SUSPICIOUS.some((pattern) => pattern.test(clean))) return fallback;
    const prompts = hidden.filter(
      (part) => part !== undefined && part.trim().length >= MIN_HIDDEN,
    ) as string[];
    if (prompts.some((prompt) => repeats(foldPrompt(prompt)))) return fallback;
    return clean.length <= MAX_LENGTH ? clean : `${clean.slice(0, MAX_LENGTH - 1)}…`;
  };
}

/** A host without a dot is often a plain word, such as a service called `video`; only where it stands as a host is it one. */
function spellings(host: string): string[] {
  return /[.:]/.test(host) || host === 'localhost'
    ? [host]
    : [`${host}:`, `'${host}'`, `"${host}"`, `@${host}`];
}

/** The beginning of a prompt, folded as the text is: a service that cuts a long prompt still shows its start. */
function foldPrompt(prompt: string): string {
  return prompt
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
    .trim()
    .slice(0, 40)
    .toLowerCase();
}
