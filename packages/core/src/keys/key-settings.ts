import { SCOPES, type Scope } from '@reelgate/contract';
import { type Queryable, readClock } from '@reelgate/db';
import { ReelgateError } from '../errors.ts';

const MAX_NAME = 100;
const MAX_PER_MINUTE = 1_000_000;

/** What of a key its administrators decide. */
export interface KeySettings {
  /** What it is called in lists. */
  readonly name: string;
  /** Null: everything that a key of its kind can do. */
  readonly scopes: readonly Scope[] | null;
  /** Names of models; null: every one. A name may be there before its model is. */
  readonly models: readonly string[] | null;
  readonly requestsPerMinute: number | null;
  readonly expiresAt: Date | null;
}

/** What is left out is not meant. */
export type GivenSettings = { readonly [Setting in keyof KeySettings]?: KeySettings[Setting] | undefined };

/** As the audit log keeps them. */
export function settingsOf(
  key: { readonly [Setting in keyof KeySettings]: unknown },
): Record<string, unknown> {
  const { name, scopes, models, requestsPerMinute, expiresAt } = key;
  return { name, scopes, models, requestsPerMinute, expiresAt };
}

/** Throws `invalid_value` for what no key can have. What is left out is not judged. */
export async function checkSettings(db: Queryable, settings: GivenSettings): Promise<void> {
  const { name, scopes, models, requestsPerMinute, expiresAt } = settings;
  if (name !== undefined && (name.trim() === '' || name.length > MAX_NAME)) {
    throw invalid('name', `The name of a key has 1 to ${MAX_NAME} characters.`);
  }
  const unknown = scopes?.find((scope) => !Object.hasOwn(SCOPES, scope));
  if (unknown !== undefined) {
    throw invalid('scopes', `There is no scope '${unknown}'. There are: ${Object.keys(SCOPES).join(', ')}.`);
  }
  if (scopes?.length === 0)
    throw invalid('scopes', 'A key without any scope could do nothing. Leave scopes out for all of them.');
  if (models?.length === 0)
    throw invalid('models', 'A key without any model could make nothing. Leave models out for all of them.');
  if (
    requestsPerMinute != null &&
    !(Number.isInteger(requestsPerMinute) && requestsPerMinute >= 1 && requestsPerMinute <= MAX_PER_MINUTE)
  ) {
    throw invalid(
      'requests_per_minute',
      `Requests per minute are a whole number from 1 to ${MAX_PER_MINUTE}.`,
    );
  }
  if (expiresAt != null && !(expiresAt > (await readClock(db)))) {
    throw invalid('expires_at', 'A key cannot expire in the past.');
  }
}

function invalid(param: string, message: string): ReelgateError {
  return new ReelgateError('invalid_value', message, { param });
}
