import type { Readable } from 'node:stream';
import type { Variant } from '@reelgate/contract';

/** Makes the stills that an upstream does not offer. */
export interface VariantMaker {
  /** `video` is a whole MP4. Resolves to the still's bytes (small: under a few MiB). Throws where the video cannot be decoded. */
  make(
    variant: Exclude<Variant, 'video'>,
    video: Readable,
    signal?: AbortSignal,
  ): Promise<{ readonly body: Buffer; readonly contentType: string }>;
}
