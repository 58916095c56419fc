import { randomBytes } from 'node:crypto';
import type { UpstreamJob } from '@reelgate/core/ports';

export type Field = readonly [name: string, value: string];

const MAX_DEPTH = 8;
const OWN_FIELDS = new Set(['model', 'prompt', 'seconds', 'size']);
/**
 * Fields that name a file or an address. Some servers read a text in them as a path on their own disk, or fetch it from
 * inside their network; so a caller's text never travels there.
 */
const REFERENCE =
  /^((input|image|video|audio|reference)_)?(reference|image|video|audio|url|path|file)s?(_(url|path|id)s?)?(\[|$)/i;

/** The name of a parameter that must not travel as a plain field, if there is one. */
export function findUnsendable(params: UpstreamJob['params']): string | undefined {
  return Object.keys(params).find((name) => REFERENCE.test(name) || depthOf(params[name]) > MAX_DEPTH);
}

/** Every field of a create, in order. Structures are spelled as the official SDKs spell them: `key[inner]`, `key[]`. */
export function formFields(job: UpstreamJob): Field[] {
  const params = Object.entries(job.params).filter(([name]) => !OWN_FIELDS.has(name));
  return [
    ['model', job.model],
    ['prompt', job.prompt],
    ['seconds', String(job.seconds)],
    ['size', job.size],
    ...params.flatMap(([name, value]) => spell(name, value)),
  ];
}

/**
 * A whole multipart/form-data body. Own code because the standard `FormData` rewrites every line break of a value to CRLF:
 * the prompt that is rendered would not be the prompt that was sent, nor could a lost create be recognized by it.
 */
export function encodeForm(fields: readonly Field[]): {
  readonly contentType: string;
  readonly body: Buffer;
} {
  // 128 random bits: no value can contain it.
  const boundary = `reelgate-${randomBytes(16).toString('hex')}`;
  const parts = fields.map(
    ([name, value]) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${escapeName(name)}"\r\n\r\n${value}\r\n`,
  );
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.from(`${parts.join('')}--${boundary}--\r\n`, 'utf8'),
  };
}

function spell(name: string, value: unknown): Field[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => spell(`${name}[]`, item));
  if (typeof value === 'object') {
    return Object.entries(value).flatMap(([key, inner]) => spell(`${name}[${key}]`, inner));
  }
  return [[name, String(value)]];
}

function escapeName(name: string): string {
  return name.replace(/["\r\n]/g, (character) => encodeURIComponent(character));
}

/** Stops counting just beyond the limit, so that no nesting can exhaust the stack. */
function depthOf(value: unknown, depth = 0): number {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return depth;
  return Object.values(value).reduce<number>(
    (most, inner) => Math.max(most, depthOf(inner, depth + 1)),
    depth,
  );
}
