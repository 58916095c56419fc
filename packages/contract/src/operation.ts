/** What there is to say of a public operation, and what most of them share. */
import type { z } from 'zod';
import type { ErrorStatusCode } from './errors.ts';
import type { Scope } from './scopes.ts';

export interface ApiOperation {
  readonly method: 'get' | 'post' | 'delete';
  /** Under `/v1` and `/openai/v1`. */
  readonly path: string;
  readonly operationId: string;
  readonly tag: 'Videos' | 'Characters' | 'Files' | 'Models' | 'Usage' | 'Webhooks';
  /** What a key must be allowed; null: any key of a team will do. */
  readonly scope: Scope | null;
  readonly summary: string;
  readonly description: string;
  /** Not part of the original API. */
  readonly beyondOriginal?: true;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: { readonly json?: z.ZodType; readonly form?: z.ZodType };
  /** What 200 carries: an object, a file of one of these media types, or a stream of server-sent events. */
  readonly answer:
    | { readonly json: z.ZodType }
    | { readonly files: readonly string[] }
    | { readonly events: z.ZodType };
  readonly answerHeaders: z.ZodObject;
  readonly errors: readonly ErrorStatusCode[];
  /**
   * A command for a shell with $REELGATE_URL and $REELGATE_API_KEY, and $VIDEO_ID, $CHARACTER_ID, $FILE_ID, $QUOTA_ID, $MODEL, $WEBHOOK_ENDPOINT_ID,
   * $EVENT_ID and $DELIVERY_ID where it names them; it may read `frame.png` and `clip.mp4`.
   */
  readonly example: string;
}

export const ANY = [400, 401, 403, 429, 500, 503] as const;
export const BODY = [...ANY, 408, 413, 415] as const;
export const CREATE = [...BODY, 404, 422, 502] as const;

export const curl = (path: string, ...options: readonly string[]) =>
  [`curl -sS "$REELGATE_URL/v1${path}"`, '-H "Authorization: Bearer $REELGATE_API_KEY"', ...options].join(
    ' \\\n  ',
  );
export const JSON_TYPE = '-H "Content-Type: application/json"';
