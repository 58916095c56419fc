/** What may differ through the gateway. A line that no run needs any more is reported as well. */
export const knownDifferences: readonly {
  /** Of the place, as `step: path`. */
  readonly where: RegExp;
  readonly reason: string;
}[] = [
  {
    where: /[.\]](expires_at)$/,
    reason: 'what the gateway has stored does not expire, so there is no time to tell',
  },
];
