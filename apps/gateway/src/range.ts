/** Conditional and partial requests (RFC 9110), for content whose entity tag is strong and never changes. */

export interface ByteRange {
  /** Inclusive, in bytes. */
  readonly start: number;
  readonly end: number;
}

const SINGLE = /^bytes=\s*(\d*)\s*-\s*(\d*)\s*$/;

/**
 * One range is served; null is the whole: no range, several of them (nobody may have us send more than there is), one that
 * cannot be read, or one that `If-Range` says is of other content.
 */
export function chooseRange(
  header: string | undefined,
  ifRange: string | undefined,
  content: { readonly bytes: number; readonly etag: string },
): ByteRange | 'unsatisfiable' | null {
  if (header === undefined || (ifRange !== undefined && ifRange !== content.etag)) return null;
  const match = SINGLE.exec(header);
  const [, first = '', last = ''] = match ?? [];
  if (first === '' && last === '') return null;
  const end = content.bytes - 1;
  if (first === '') {
    const suffix = Number(last);
    return suffix === 0 || end < 0 ? 'unsatisfiable' : { start: Math.max(0, content.bytes - suffix), end };
  }
  const start = Number(first);
  if (start > end || (last !== '' && Number(last) < start)) return 'unsatisfiable';
  return { start, end: last === '' ? end : Math.min(end, Number(last)) };
}

/** True where `If-None-Match` names this tag: weak comparison, as the standard asks. */
export function matchesEtag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  return ifNoneMatch.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
