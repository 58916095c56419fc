import type { Readable } from 'node:stream';
import type { Operation, Variant } from '@reelgate/contract';

/** A file that goes along with a job. Read when the job is sent, perhaps more than once, perhaps by another process. */
export interface UpstreamFile {
  /** The form field that carries it. */
  readonly field: 'input_reference' | 'video';
  readonly fileName: string;
  readonly contentType: string;
  readonly bytes: number;
  open(): Promise<Readable>;
}

/** A job as every upstream understands it; never the caller's own request. */
export interface UpstreamJob {
  readonly operation: Operation;
  /** The upstream's own model name. */
  readonly model: string;
  readonly prompt: string;
  /** Of what is to be made: for an extension the added segment. */
  readonly seconds: number;
  /** `<width>x<height>` in pixels. */
  readonly size: string;
  /** Fields that Reelgate does not interpret, forwarded as they came. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly files: readonly UpstreamFile[];
  /** Where the picture is not a file: a URL for the upstream to fetch. */
  readonly reference?: { readonly imageUrl: string };
  /** The video it is made from, at the same account. Absent for a create, and where the video goes along as a file. */
  readonly source?: UpstreamHandle;
  /** The upstream's own ids of the characters in it. */
  readonly characterIds: readonly string[];
}

/** Chosen by the adapter at submit and never replaced. `id` is the upstream's own id; the rest is the adapter's business. */
export type UpstreamHandle = { readonly id: string } & Readonly<Record<string, unknown>>;

export interface UpstreamError {
  readonly code: string;
  /** Safe to show to the caller: no credential, URL or account of the upstream. */
  readonly message: string;
  readonly httpStatus?: number;
  /** Of a refusal, such as `image_generation_user_error`. */
  readonly type?: string;
  readonly param?: string;
  /** What else a failed render's error says, such as `type`; as safe as the message. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The code of a refusal because the account cannot pay: no other create of it would be taken. */
export const OUT_OF_CREDIT = 'upstream_out_of_credit';

/** What one create request proved. Anything that does not prove one of the others is `unknown`. */
export type SubmitResult =
  | {
      readonly kind: 'accepted';
      readonly handle: UpstreamHandle;
      readonly snapshot: UpstreamVideo;
      readonly requestId?: string;
    }
  /** The upstream said no: nothing exists there, nothing was charged. `retry: 'later'` is a rate limit or an empty account. */
  | {
      readonly kind: 'refused';
      readonly error: UpstreamError;
      readonly retry: 'never' | 'later';
      readonly retryAfterMs?: number;
      /** True where the fault is ours (credential, account), not the caller's. */
      readonly operatorFault: boolean;
    }
  /** The request provably never reached the upstream. */
  | { readonly kind: 'not_sent'; readonly error: UpstreamError }
  /** The upstream may have the job and may charge for it. Never to be repeated blindly. */
  | { readonly kind: 'unknown'; readonly error: UpstreamError };

export type CharacterResult =
  | { readonly kind: 'created'; readonly id: string }
  | Exclude<SubmitResult, { readonly kind: 'accepted' }>;

/** An upstream's view of one video, in our words. */
export interface UpstreamVideo {
  readonly id: string;
  readonly state: 'queued' | 'running' | 'succeeded' | 'failed';
  /** 0 to 100 where the upstream tells it. */
  readonly progress?: number;
  readonly createdAt?: Date;
  readonly completedAt?: Date;
  readonly expiresAt?: Date;
  readonly error?: UpstreamError;
  /** What a list shows of the request; lets an unresolved create be recognized. */
  readonly visible: {
    readonly model?: string;
    readonly seconds?: string;
    readonly size?: string;
    readonly prompt?: string;
  };
}

export type PollResult =
  | { readonly kind: 'seen'; readonly video: UpstreamVideo; readonly pollAfterMs?: number }
  /** The upstream says that it knows no such video. Not yet a verdict: see `upstream_lost`. */
  | { readonly kind: 'missing' }
  /** Nothing was learned: transport error, 429, 5xx. Never ends a job. */
  | { readonly kind: 'unavailable'; readonly reason: string; readonly retryAfterMs?: number };

export type ListResult =
  | { readonly kind: 'page'; readonly videos: readonly UpstreamVideo[]; readonly next?: string }
  | { readonly kind: 'unavailable'; readonly reason: string };

/** What is left of a body that broke off. */
export interface ContentRest {
  readonly fromByte: number;
  readonly etag: string;
}

export type OpenResult =
  | {
      readonly kind: 'stream';
      readonly body: Readable;
      /** Bytes, where the upstream announced them. */
      readonly contentLength?: number;
      readonly contentType?: string;
      /** A strong validator: two bodies with the same one are the same, byte for byte. */
      readonly etag?: string;
    }
  /** The upstream does not have it (404, 410): perhaps not yet, perhaps no more. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'unavailable'; readonly reason: string; readonly retryAfterMs?: number };

/** `erased` also where it was gone already. */
export type EraseResult =
  | { readonly kind: 'erased' }
  | { readonly kind: 'unavailable'; readonly reason: string };

/** One account of one service that renders videos. */
export interface VideoUpstream {
  /** Equals `upstream_accounts.id`. */
  readonly accountId: string;
  readonly capabilities: {
    readonly operations: ReadonlySet<Operation>;
    /** Whether it knows characters. */
    readonly characters: boolean;
    /** Whether edit and extend take a file instead of an id. */
    readonly videoUploads: boolean;
    /** Variants that it serves; the others are made from the video. */
    readonly variants: ReadonlySet<Variant>;
    /** `list` answers, newest first. */
    readonly lists: boolean;
    /** How long finished content stays, in ms, where `expires_at` is not told. */
    readonly contentLifeMs: number;
    /** Shortest useful time between two looks at one video, in ms. */
    readonly pollIntervalMs: number;
    /** Whether a render that fails is charged. */
    readonly chargesOnFailure: boolean;
    /** Whether a render that the upstream has lost counts as charged. */
    readonly chargesOnLoss: boolean;
    /** Its copy of a video is erased once the video is stored here. */
    readonly erasesStored: boolean;
  };
  /** Sends one create, once: no retry inside, not tied to any caller's connection. Never throws. */
  submit(job: UpstreamJob, options: { readonly submissionId: string }): Promise<SubmitResult>;
  /** Makes a character from a short video. One request, no retry. Never throws. */
  createCharacter(character: {
    readonly name: string;
    readonly video: UpstreamFile;
  }): Promise<CharacterResult>;
  /** Never throws. */
  poll(handle: UpstreamHandle, signal?: AbortSignal): Promise<PollResult>;
  /** One page of everything the account has, newest first; `after` is the `next` of the page before. Never throws. */
  list(options: { readonly after?: string; readonly signal?: AbortSignal }): Promise<ListResult>;
  /**
   * Opens one variant's bytes; with `rest` those from an offset on, provided that it is still the body with that validator, else
   * it is `unavailable`. An error after that is an error of the stream. Never throws.
   */
  open(
    handle: UpstreamHandle,
    variant: Variant,
    options?: { readonly signal?: AbortSignal; readonly rest?: ContentRest },
  ): Promise<OpenResult>;
  /** Makes the upstream forget a video. Never throws. */
  erase(handle: UpstreamHandle): Promise<EraseResult>;
}

/** The account that a row names, or undefined where the configuration no longer has it. */
export type UpstreamDirectory = (accountId: string) => VideoUpstream | undefined;
