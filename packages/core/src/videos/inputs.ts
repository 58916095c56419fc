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
  /** A file that the team keeps here. Its bytes stay at least until the video has been sent. */
  | {
      readonly kind: 'file';
      readonly field: 'input_reference';
      readonly fileId: string;
      readonly objectKey: string;
      readonly bytes: number;
      readonly sha256: string;
      readonly contentType: string;
      readonly fileName: string;
    }
  | { readonly kind: 'character'; readonly characterId: string }
  /** The source video's own archived file, because the upstream no longer has the source. Its key is of then: it may have moved since. */
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
export type GivenReference = Extract<VideoInput, { kind: 'image_url' }>;

/** A file of the team's that a request names. */
export type NamedFile = Extract<VideoInput, { kind: 'file' }>;

const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/avif': 'avif',
  'image/heic': 'heic',
  'video/mp4': 'mp4',
  'video/quicktime': 'mov',
};

/** A file name made of nothing that the caller wrote. */
export function fileNameOf(field: GivenFile['field'], mediaType: string): string {
  return `${field}.${EXTENSIONS[mediaType] ?? 'bin'}`;
}
