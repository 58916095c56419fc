import { z } from 'zod';

const count = z.int().min(0);
const word = z.union([z.string(), z.number().transform(String)]).pipe(z.string().min(1).max(400));
const httpStatus = z.int().min(400).max(599);

/** About the answer to one request. */
const requestShape = {
  drop: z.boolean(),
  refuse: httpStatus,
  refuse_code: word,
  refuse_type: word,
  refuse_message: word,
  rate_limited: z.boolean(),
  retry_after: count,
  delay_ms: count,
  answer: z.union([z.enum(['rst', 'fin', 'hang', 'cut']), httpStatus]),
  cut_answer_at: count,
  strict_references: z.boolean(),
};

/** About the life of a video: settled when it is created. */
const lifeShape = {
  render_ms: count,
  fail: word,
  fail_message: word,
  fail_details: z.record(z.string(), z.json()),
  stuck: z.boolean(),
  expires_s: count,
  expires_at_null: z.boolean(),
  list_lag_s: z.number().min(0),
  progress_noise: z.boolean(),
  status_word: word,
  clock_skew_s: z.int(),
  price_micro_usd_per_second: count,
  charge_failed: z.boolean(),
};

/** About the bytes of a video. */
const contentShape = {
  cut_at: count,
  lengthless: z.boolean(),
  bytes_per_second: z.int().min(1),
  wrong_bytes: z.boolean(),
  html_200: z.boolean(),
  only_video: z.boolean(),
  changing_etag: z.boolean(),
  redirect_loop: z.boolean(),
  content_bytes: count,
  content_padding_bytes: count,
};

/** What may be commanded; README.md tells what each does. What is absent is as the real service was. */
export const behaviourSchema = z.strictObject({ ...requestShape, ...lifeShape, ...contentShape }).partial();
export type Behaviour = z.output<typeof behaviourSchema>;

const requestSchema = z.object(requestShape).partial();
const lifeSchema = z.object(lifeShape).partial();
const contentSchema = z.object(contentShape).partial();

/** The part that stays with a video for all its life. */
export function lifeAndContentOf(behaviour: Behaviour): Behaviour {
  return { ...lifeSchema.parse(behaviour), ...contentSchema.parse(behaviour) };
}

export function lifeOf(behaviour: Behaviour): Behaviour {
  return lifeSchema.parse(behaviour);
}

/** The part that a request about an existing video takes from the defaults of the moment. */
export function requestAndContentOf(behaviour: Behaviour): Behaviour {
  return { ...requestSchema.parse(behaviour), ...contentSchema.parse(behaviour) };
}

const DIRECTIVE = /\[\[sim\b([^\]]*)\]\]/g;
const ASSIGNMENT = /([a-z_0-9]+)(?:=(?:"([^"]*)"|(\S+)))?/g;

/** The keys of `[[sim key=value flag …]]` in a prompt. Throws a ZodError for one that does not exist. */
export function parseDirectives(prompt: string): Behaviour {
  const found: Record<string, unknown> = {};
  for (const [, inside = ''] of prompt.matchAll(DIRECTIVE)) {
    for (const [, key = '', quoted, plain] of inside.matchAll(ASSIGNMENT)) {
      found[key] = quoted ?? (plain === undefined ? true : literal(plain));
    }
  }
  return behaviourSchema.parse(found);
}

/** The prompt as it is to be drawn. */
export function withoutDirectives(prompt: string): string {
  return prompt.replaceAll(DIRECTIVE, ' ').replaceAll(/\s+/g, ' ').trim();
}

function literal(value: string): unknown {
  if (value === 'true' || value === 'false') return value === 'true';
  return /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}
