import { statfs } from 'node:fs/promises';
import type { Logger } from '@reelgate/runtime';
import { ApiError } from './errors.ts';

/** How long the answer of the file system is believed, in ms. */
const REMEMBERED_MS = 1_000;
const RETRY_AFTER_SECONDS = 30;

/**
 * A video that is accepted today needs room when it is finished, and a full disk would cost one that is paid for. So nothing new is
 * taken while one of `directories` has fewer than `reserveBytes` left; what is there stays readable.
 */
export function createDiskReserve(options: {
  readonly directories: readonly string[];
  readonly reserveBytes: number;
  readonly log: Logger;
}): { assertRoom(): Promise<void> } {
  const { directories, reserveBytes, log } = options;
  let known: { readonly full: Promise<boolean>; readonly untilMs: number } | undefined;
  let told = false;

  const isFull = async (): Promise<boolean> => {
    const free = await Promise.all(directories.map(freeBytes));
    const least = Math.min(...free);
    const full = least < reserveBytes;
    if (full && !told) log.error('disk.reserve_reached', { freeBytes: least, reserveBytes });
    if (!full && told) log.info('disk.room_again', { freeBytes: least, reserveBytes });
    told = full;
    return full;
  };

  return {
    /** Throws 503, with nothing read and nothing accepted. */
    async assertRoom() {
      if (known === undefined || known.untilMs <= performance.now()) {
        known = { full: isFull(), untilMs: performance.now() + REMEMBERED_MS };
      }
      if (!(await known.full)) return;
      throw new ApiError(503, 'There is no room for new videos at the moment. Please try again later.', {
        type: 'server_error',
        code: 'service_unavailable',
        headers: {
          'x-should-retry': 'true',
          'retry-after': String(RETRY_AFTER_SECONDS),
          'retry-after-ms': String(RETRY_AFTER_SECONDS * 1_000),
        },
      });
    },
  };
}

/** Of the file system that holds `directory`, as far as we may use it. What cannot be asked holds nothing back. */
async function freeBytes(directory: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
