/** The error envelope of every answer that is not a success, and what each status can mean. */
import { z } from 'zod';

export const errorBodySchema = z
  .object({
    error: z.object({
      message: z.string().describe('For people. It names what to change, or whom to ask.'),
      type: z
        .string()
        .describe('The kind: `invalid_request_error`, `insufficient_quota`, `requests`, `server_error`.'),
      param: z.string().nullable().describe('The parameter at fault.'),
      code: z
        .string()
        .nullable()
        .describe("For programs. An upstream's own code where it refused the request."),
    }),
  })
  .meta({
    description: 'What is wrong, in the envelope that every SDK reads.',
    examples: [
      {
        error: {
          message: "Missing required parameter: 'prompt'.",
          type: 'invalid_request_error',
          param: 'prompt',
          code: 'missing_required_parameter',
        },
      },
    ],
  });
export type ErrorBody = z.infer<typeof errorBodySchema>;

export interface ErrorStatus {
  readonly description: string;
  readonly example: ErrorBody['error'];
  /** By code: when it is given. */
  readonly codes: Readonly<Record<string, string>>;
}

/** Every status of a refusal. 409 is missing on purpose: the SDKs repeat a request that is answered so. */
export const ERROR_STATUSES = {
  400: {
    example: {
      message: "Missing required parameter: 'prompt'.",
      type: 'invalid_request_error',
      param: 'prompt',
      code: 'missing_required_parameter',
    },
    description: 'The request cannot be served as it is.',
    codes: {
      missing_required_parameter: 'a required parameter is absent',
      invalid_value: 'a value is not allowed, or the model does not offer it',
      invalid_type: 'a value has the wrong type, such as a number for `seconds`',
      invalid_parameter_name: 'the name of a parameter has characters that are not allowed',
      string_above_max_length: 'a text is too long',
      duplicate_parameter: 'a parameter is given twice',
      unsupported_parameter: 'the parameter is not supported here',
      unsupported_operation: "the model's upstream cannot do this",
      unsupported_file_mimetype: 'the file is of another kind than it has to be',
      file_storage_exceeded: "there is no room for the file in the team's storage",
      invalid_json: 'the body is not a JSON object',
      invalid_form: 'the multipart body cannot be read',
      invalid_content_type: 'the Content-Type header cannot be read',
      video_exceeds_quota: 'the video alone is larger than the whole quota',
      not_cancellable: 'the video is under way or has ended',
      webhook_endpoint_unreachable: 'no answer came to a sample event; the message says why',
      webhook_endpoint_disabled: 'the webhook endpoint is switched off',
      upstream_refused: 'the upstream refused the request and named no code of its own',
    },
  },
  401: {
    example: {
      message:
        "You didn't provide an API key. Send it in an Authorization header: 'Authorization: Bearer YOUR_KEY'.",
      type: 'invalid_request_error',
      param: null,
      code: 'invalid_api_key',
    },
    description: 'The API key is missing or not valid.',
    codes: { invalid_api_key: 'no valid key' },
  },
  403: {
    example: {
      message:
        "This API key lacks the scope 'videos:write'. Ask an administrator of Reelgate for a key that has it.",
      type: 'invalid_request_error',
      param: null,
      code: 'missing_scope',
    },
    description: 'The API key is valid and may not do this.',
    codes: {
      missing_scope: 'the message names the scope that the key lacks',
      team_disabled: 'the team of the key is switched off',
      creates_paused: 'new videos of the company, the team or the key are held; the message says why',
    },
  },
  404: {
    example: {
      message: "Video with id 'video_8f2c41d09a7b4e63b5d1c0a9e8f76543' not found.",
      type: 'invalid_request_error',
      param: 'video_id',
      code: 'video_not_found',
    },
    description: 'There is no such thing, or it belongs to another team: both are answered alike.',
    codes: {
      video_not_found: 'no such video',
      character_not_found: 'no such character',
      webhook_endpoint_not_found: 'no such webhook endpoint',
      webhook_delivery_not_found: 'no such delivery',
      event_not_found: 'no such event, or older than what is kept',
      model_not_found: 'no such model, or the key may not use it, or it has no price',
      key_not_found: 'no such API key',
      team_not_found: 'no such team',
      file_not_found: 'no such file',
      video_not_ready: 'the video is not completed yet; `retry-after` says when to look again',
      video_failed: 'the video failed and has no content',
      video_expired: 'the content was lost',
      variant_not_available: 'the video has no such variant',
    },
  },
  408: {
    example: {
      message: 'The request body did not arrive in time.',
      type: 'invalid_request_error',
      param: null,
      code: 'request_timeout',
    },
    description: 'The body did not arrive in time.',
    codes: { request_timeout: 'too slow' },
  },
  413: {
    example: {
      message: 'The request body is larger than 262144 bytes.',
      type: 'invalid_request_error',
      param: null,
      code: 'request_too_large',
    },
    description: 'The body is too large.',
    codes: { request_too_large: 'too many bytes' },
  },
  415: {
    example: {
      message: "Unsupported Content-Type. Send 'application/json' or 'multipart/form-data'.",
      type: 'invalid_request_error',
      param: null,
      code: 'unsupported_content_type',
    },
    description: 'The body is neither JSON nor a multipart form.',
    codes: { unsupported_content_type: 'another Content-Type, or a compressed body' },
  },
  416: {
    example: {
      message: 'The requested range lies outside of the content.',
      type: 'invalid_request_error',
      param: null,
      code: 'range_not_satisfiable',
    },
    description: 'The range lies outside of the content.',
    codes: { range_not_satisfiable: '`content-range` says how long the content is' },
  },
  422: {
    example: {
      message: 'This Idempotency-Key was used for another request before. Use a new key for a new video.',
      type: 'invalid_request_error',
      param: 'Idempotency-Key',
      code: 'idempotency_key_reused',
    },
    description: 'The `Idempotency-Key` belongs to another request.',
    codes: { idempotency_key_reused: 'the same key came with other fields before' },
  },
  429: {
    example: {
      message:
        'Team quota for cost reached: limit 50.00 USD this month, 49.60 USD used, 0.00 USD reserved, this video 0.80 USD. Resets 2026-10-01T00:00:00Z.',
      type: 'insufficient_quota',
      param: null,
      code: 'insufficient_quota',
    },
    description:
      'A quota is used up, or there are too many at once. `x-should-retry: false` says that repeating is useless.',
    codes: {
      insufficient_quota: 'the message names limit, use and reset',
      rate_limit_exceeded: 'try again after `retry-after`',
    },
  },
  500: {
    example: {
      message: 'The server had an error while processing your request.',
      type: 'server_error',
      param: null,
      code: null,
    },
    description: 'Something went wrong here.',
    codes: {},
  },
  502: {
    example: {
      message: 'The upstream of this model does not accept our requests. Tell an administrator of Reelgate.',
      type: 'server_error',
      param: null,
      code: 'upstream_misconfigured',
    },
    description: 'The upstream does not accept us. An administrator has to look at it.',
    codes: { upstream_misconfigured: 'credentials, or a model that the upstream does not have' },
  },
  503: {
    example: {
      message: 'The service is temporarily unavailable. Please try again shortly.',
      type: 'server_error',
      param: null,
      code: 'service_unavailable',
    },
    description: 'Not available for the moment. Where `x-should-retry` is true, nothing was created.',
    codes: {
      service_unavailable: 'try again after `retry-after`',
      overloaded: 'more requests than can be served; lists are refused first, then downloads, creates last',
    },
  },
} as const satisfies Readonly<Record<number, ErrorStatus>>;
export type ErrorStatusCode = keyof typeof ERROR_STATUSES;
