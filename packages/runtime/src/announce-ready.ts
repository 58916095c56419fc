/** Tells the process that started this one, if it listens, that we serve now: `{ type: 'ready', ...info }`. */
export function announceReady(
  info: Readonly<Record<string, string | number | readonly string[]>> = {},
): void {
  process.send?.({ type: 'ready', ...info });
}
