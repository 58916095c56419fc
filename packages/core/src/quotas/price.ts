/** What one video of a model and size costs, in integer micro-US-dollars. */
export interface PriceTerms {
  readonly perSecondMicroUsd: bigint;
  /** Besides, for each picture that goes along. */
  readonly perImageMicroUsd: bigint;
  /** Besides, for each video. */
  readonly perVideoMicroUsd: bigint;
  /** At least this. */
  readonly minimumMicroUsd: bigint;
}

/** What a video costs, in integer micro-US-dollars. */
export function estimateCost(price: PriceTerms, video: { seconds: number; images: number }): bigint {
  const sum =
    price.perVideoMicroUsd +
    price.perSecondMicroUsd * BigInt(video.seconds) +
    price.perImageMicroUsd * BigInt(video.images);
  return sum > price.minimumMicroUsd ? sum : price.minimumMicroUsd;
}

/** `12.5` US dollars as `12.50`; cents are enough for a person, half a cent rounds up. */
export function formatUsd(microUsd: bigint): string {
  const cents = (microUsd + 5_000n) / 10_000n;
  return `${cents / 100n}.${(cents % 100n).toString().padStart(2, '0')}`;
}
