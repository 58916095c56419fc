import { createHash } from 'node:crypto';
import type { Operation } from '@reelgate/contract';

export interface FingerprintInput {
  readonly teamId: string;
  readonly operation: Operation;
  readonly upstreamModel: string;
  readonly prompt: string;
  readonly seconds: number;
  readonly size: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** What else makes two requests differ: source, file digests, references, characters, metadata. */
  readonly rest: unknown;
}

/**
 * `visible` covers what an upstream's list shows again and so recognizes a create whose answer was lost; `full` covers
 * everything that makes two requests the same for a caller. Taken from parsed values: an SDK's retry has another boundary
 * each time, so bytes on the wire say nothing.
 */
export function fingerprints(input: FingerprintInput): { full: string; visible: string } {
  const seen = [input.operation, input.upstreamModel, String(input.seconds), input.size, input.prompt];
  return {
    visible: digest(seen),
    full: digest([...seen, input.teamId, canonical(input.params), canonical(input.rest)]),
  };
}

function digest(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** JSON with sorted keys at every level. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}
