import type { Readable } from 'node:stream';

/** What goes along with a prompt, as the row keeps it. Uploads lie in the object store, so that any process can send them. */
export type VideoInput =
  | {
      readonly kind: 'upload';
      readonly field: 'input_reference' | 'video';
      readonly objectKey: string;
      readonly bytes: number;
      readonly sha256: string;
      readonly contentType: string;
      readonly fileName: string;
    }
  | { readonly kind: 'image_url'; readonly url: string }
  | { readonly kind: 'file_id'; readonly fileId: string }
  | { readonly kind: 'character'; readonly characterId: string }
  /** The source video's own archived file, because the upstream no longer has the source. */
  | { readonly kind: 'archived_source'; readonly objectKey: string; readonly bytes: number };

/** A file as a caller sent it, not yet stored. */
export interface GivenFile {
  readonly field: 'input_reference' | 'video';
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  /** By its bytes where they tell, else as the caller said. */
  readonly contentType: string;
  /** Made by us; never the caller's text. */
  readonly fileName: string;
  /** Of an MP4 that says so. */
  readonly video?: { readonly seconds: number; readonly size: string | null } | undefined;
  open(): Readable;
}

/** A picture that is not a file. */
export type GivenReference = Extract<VideoInput, { kind: 'image_url' | 'file_id' }>;
