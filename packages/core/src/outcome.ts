/** What a processor says when it is through. To throw means an unexpected failure. */
export type Outcome =
  | { readonly kind: 'done' }
  /** Look again then. A poll that finds a video unfinished is a snooze, not a retry. */
  | { readonly kind: 'snooze'; readonly until: Date }
  | { readonly kind: 'give_up'; readonly reason: string };

export const done: Outcome = { kind: 'done' };
export const snooze = (until: Date): Outcome => ({ kind: 'snooze', until });
export const giveUp = (reason: string): Outcome => ({ kind: 'give_up', reason });
