import { withoutDirectives } from './behaviour.ts';
import { type CreateRequest, DEFAULT_SECONDS, DEFAULT_SIZE, SIZES } from './body.ts';
import type { UploadedFile } from './form.ts';
import { invalid } from './openai-error.ts';

/** All that is settled about a video when it is asked for. */
export interface VideoOrder extends CreateRequest {
  readonly operation: 'create' | 'remix' | 'edit' | 'extend';
  /** What it was made from: one of the two, or neither for a create. */
  readonly sourceId: string | null;
  readonly sourceFile: UploadedFile | null;
  /** Seconds that are charged: of an extension only what it adds. */
  readonly billedSeconds: number;
  /** How often it has been extended, counted over the sources it extends. */
  readonly extensions: number;
  /** The colours of the picture follow from it; what is made from a video has the video's. */
  readonly seed: string;
}

/** What a remix, an edit or an extension starts from. */
export type Footage = Pick<
  VideoOrder,
  'model' | 'size' | 'sourceId' | 'sourceFile' | 'extensions' | 'seed'
> & {
  readonly seconds: number;
};

const MAX_EXTENSIONS = 6;
const MAX_TOTAL_SECONDS = 120;

export function orderCreate(request: CreateRequest): VideoOrder {
  return {
    ...request,
    operation: 'create',
    sourceId: null,
    sourceFile: null,
    billedSeconds: Number(request.seconds),
    extensions: 0,
    seed: withoutDirectives(request.prompt),
  };
}

export function footageOf({
  id,
  model,
  size,
  seconds,
  extensions,
  seed,
}: VideoOrder & { readonly id: string }): Footage {
  return { model, size, seconds: Number(seconds), sourceId: id, sourceFile: null, extensions, seed };
}

/** A file counts in whole seconds, rounded up. What cannot be read, or is no size of the API, is as for a create. */
export function footageOfFile(file: UploadedFile, model: string): Footage {
  const seconds = file.film === undefined ? Number(DEFAULT_SECONDS) : Math.ceil(file.film.seconds);
  if (seconds > MAX_TOTAL_SECONDS) throw tooLong('video', seconds);
  const size = SIZES.find((each) => each === file.film?.size) ?? DEFAULT_SIZE;
  return { model, size, seconds, sourceId: null, sourceFile: file, extensions: 0, seed: file.sha256 };
}

/** The same film made anew: as long and as large as its source. */
export function orderVariation(operation: 'remix' | 'edit', prompt: string, footage: Footage): VideoOrder {
  const { seconds } = footage;
  return {
    ...made(prompt, footage),
    operation,
    seconds: String(seconds),
    billedSeconds: seconds,
    extensions: 0,
  };
}

/** The source and a segment behind it, as one film. */
export function orderExtension(prompt: string, addedSeconds: number, footage: Footage): VideoOrder {
  const total = footage.seconds + addedSeconds;
  const extensions = footage.extensions + 1;
  if (extensions > MAX_EXTENSIONS) {
    throw invalid('video', `A video can be extended ${MAX_EXTENSIONS} times at most.`);
  }
  if (total > MAX_TOTAL_SECONDS) throw tooLong('seconds', total);
  return {
    ...made(prompt, footage),
    operation: 'extend',
    seconds: String(total),
    billedSeconds: addedSeconds,
    extensions,
  };
}

function made(prompt: string, { model, size, sourceId, sourceFile, seed }: Footage) {
  return { prompt, model, size, sourceId, sourceFile, seed, inputReference: null, characterIds: [] };
}

function tooLong(param: string, seconds: number) {
  return invalid(param, `A video can have ${MAX_TOTAL_SECONDS} seconds at most, not ${seconds}.`);
}
