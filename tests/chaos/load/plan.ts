/** What callers are going to ask for, all of it drawn before anything starts: the same seed, the same wishes. */
import type { Random } from '../random.ts';

export type Operation = 'create' | 'create with a picture' | 'remix' | 'edit' | 'extend';

export interface Wish {
  readonly no: number;
  readonly team: number;
  readonly operation: Operation;
  /** With what the upstream is to do to it. */
  readonly prompt: string;
  readonly seconds: '4' | '8';
  readonly withKey: boolean;
  /** When its owner deletes it; null for never. */
  readonly deleted: 'at once' | 'under way' | 'at the end' | null;
  readonly downloaded: boolean;
}

const AMBIGUOUS = ['answer=rst', 'answer=fin', 'answer=502', 'answer=504', 'answer=500', 'answer=cut'];

export interface PlanOptions {
  readonly videos: number;
  readonly teams: number;
  /** Of creates whose answer is lost. */
  readonly ambiguous?: number;
  /** Upstreams that take a create and never answer hold it for a minute. */
  readonly hangs?: boolean;
}

export function planWishes(random: Random, options: PlanOptions): Wish[] {
  const { videos, teams, ambiguous = 0.2, hangs = false } = options;
  const wishes: Wish[] = [];
  while (wishes.length < videos) {
    const no = wishes.length;
    const commands: string[] = [];
    if (random.chance(ambiguous))
      commands.push(hangs && random.chance(0.05) ? 'answer=hang' : random.pick(AMBIGUOUS));
    else if (random.chance(0.03)) commands.push('refuse=400');
    if (random.chance(0.05)) commands.push(random.pick(['fail=moderation', 'fail=processing_error']));
    if (random.chance(0.1)) commands.push('progress_noise');
    if (random.chance(0.1)) commands.push(`list_lag_s=${random.between(1, 4)}`);
    if (random.chance(0.05)) commands.push('expires_at_null');
    if (random.chance(0.05)) commands.push('expires_s=240');
    if (random.chance(0.1)) commands.push(`delay_ms=${random.between(200, 4_000)}`);
    const wish: Wish = {
      no,
      team: random.between(0, teams - 1),
      operation: random.weighted<Operation>([
        [60, 'create'],
        [12, 'create with a picture'],
        [12, 'remix'],
        [8, 'edit'],
        [8, 'extend'],
      ]),
      prompt: `wish ${no} of ${random.between(0, 1e9)}${commands.length > 0 ? ` [[sim ${commands.join(' ')}]]` : ''}`,
      seconds: random.chance(0.8) ? '4' : '8',
      withKey: random.chance(0.5),
      deleted: random.weighted([
        [90, null],
        [3, 'at once'],
        [4, 'under way'],
        [3, 'at the end'],
      ]),
      downloaded: random.chance(0.3),
    };
    wishes.push(wish);
    // Twins: nothing but their order tells which of two equal videos is whose.
    if (wish.operation === 'create' && random.chance(0.04) && wishes.length < videos) {
      wishes[no] = { ...wish, deleted: null };
      wishes.push({ ...wish, no: no + 1, deleted: null });
    }
  }
  return wishes;
}
