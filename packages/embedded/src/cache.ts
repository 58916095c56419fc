import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where downloads are kept between starts, by the XDG rule. The only setting this package reads from the environment. */
export function cacheDirectory(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'reelgate');
}
