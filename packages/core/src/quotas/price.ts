/** What a video costs, in integer micro-US-dollars. */
export function estimateCost(perSecondMicroUsd: bigint, seconds: number): bigint {
  return perSecondMicroUsd * BigInt(seconds);
}

/** `12.5` US dollars as `12.50`; cents are enough for a person, half a cent rounds up. */
export function formatUsd(microUsd: bigint): string {
  const cents = (microUsd + 5_000n) / 10_000n;
  return `${cents / 100n}.${(cents % 100n).toString().padStart(2, '0')}`;
}
