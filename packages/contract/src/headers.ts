/** Headers that mean something to a caller. Their names are lower case, as Node has them. */
import { z } from 'zod';

const preferSchema = z
  .string()
  .max(200)
  .meta({
    description:
      'With `wait=N` (RFC 7240) the answer is held back until the video has ended, for N seconds at most. Other preferences are ignored.',
    examples: ['wait=30'],
    'x-reelgate': true,
  });

export const waitHeadersSchema = z.object({ prefer: preferSchema.optional() });

export const createHeadersSchema = z.object({
  'idempotency-key': z
    .string()
    .min(1)
    .max(255)
    .optional()
    .meta({
      description:
        'A name for this request, of your own choice. The same request with the same key makes one video, however often it is sent.',
      examples: ['order-1042-teaser'],
      'x-reelgate': true,
    }),
  prefer: preferSchema.optional(),
  'x-reelgate-reuse': z.literal('true').optional().meta({
    description:
      "The team's finished video of the very same request will do: where there is one it is the answer, at no cost, with `x-reelgate-replayed: true`.",
    'x-reelgate': true,
  }),
});

export const rangeHeadersSchema = z.object({
  range: z
    .string()
    .optional()
    .meta({
      description: 'One range of bytes (RFC 9110).',
      examples: ['bytes=0-1048575'],
      'x-reelgate': true,
    }),
  'if-range': z.string().optional().meta({ 'x-reelgate': true }),
  'if-none-match': z
    .string()
    .optional()
    .meta({ description: 'An `etag` from before; 304 where it still fits.', 'x-reelgate': true }),
});

const digits = z.string().regex(/^\d+$/);

/** Of every answer. */
export const responseHeadersSchema = z.object({
  'x-request-id': z.string().min(1).describe('Name it when you ask for help.'),
  'openai-version': z.literal('2020-10-01').optional().describe('Of the API that this is.'),
  'openai-organization': z.string().optional().describe('The team that the key belongs to.'),
  'openai-processing-ms': digits.optional().describe('Milliseconds until the answer began.'),
  'x-ratelimit-limit-requests': digits
    .optional()
    .describe('Requests per minute, of the tighter one where both the key and its team have a limit.'),
  'x-ratelimit-remaining-requests': digits.optional().describe('How many of them are left at this moment.'),
  'x-ratelimit-reset-requests': z
    .string()
    .regex(/^(\d+m)?\d+(\.\d+)?(s|ms)$/)
    .optional()
    .describe('When all of them are there again, such as `12ms`, `1.5s` or `1m0s`.'),
  'ratelimit-policy': z
    .string()
    .optional()
    .meta({
      description:
        'Every limit on requests, as the IETF writes it: how many (`q`) in how many seconds (`w`).',
      examples: ['"key";q=60;w=60, "team";q=600;w=60'],
      'x-reelgate': true,
    }),
  ratelimit: z
    .string()
    .optional()
    .meta({
      description: 'Where each of them stands: how many are left (`r`), and seconds to the reset (`t`).',
      examples: ['"key";r=59;t=1, "team";r=420;t=18'],
      'x-reelgate': true,
    }),
});

export const videoHeadersSchema = responseHeadersSchema.extend({
  'openai-poll-after-ms': digits
    .optional()
    .describe(
      'When to look again, in milliseconds; absent once the video has ended. The polling helpers of the SDKs obey it.',
    ),
});

const quotaHeaders = {
  'x-reelgate-quota-scope': z.enum(['org', 'team', 'key']).optional().meta({
    description:
      'Whose limit this is about: the one that refused, or of your own the one that is nearest to its end.',
    'x-reelgate': true,
  }),
  'x-reelgate-quota-metric': z.enum(['cost', 'seconds', 'videos', 'concurrent']).optional(),
  'x-reelgate-quota-window': z.enum(['month', 'day', 'none', 'leaky']).optional(),
  'x-reelgate-quota-limit': digits.optional().meta({
    description: 'Millionths of a US dollar for cost, else a plain number.',
    'x-reelgate': true,
  }),
  'x-reelgate-quota-remaining': digits.optional(),
  'x-reelgate-quota-reset': digits.optional().meta({ description: 'Unix seconds.', 'x-reelgate': true }),
};

export const createdHeadersSchema = videoHeadersSchema.extend({
  ...quotaHeaders,
  'x-reelgate-replayed': z.literal('true').optional().meta({
    description: 'The request had been accepted before; this is the video of that time.',
    'x-reelgate': true,
  }),
});

export const contentHeadersSchema = responseHeadersSchema.extend({
  etag: z.string().describe('Names the content; it never changes.'),
  'accept-ranges': z.literal('bytes'),
  'content-disposition': z.string().optional(),
  'content-range': z.string().optional().describe('Which bytes these are, for a part.'),
});

export const errorHeadersSchema = responseHeadersSchema.extend({
  'retry-after': digits.optional().describe('Seconds after which trying again can help.'),
  'retry-after-ms': digits.optional().describe('The same in milliseconds, for the SDKs.'),
  'x-should-retry': z
    .enum(['true', 'false'])
    .optional()
    .describe('Overrides what an SDK would conclude from the status.'),
  ...quotaHeaders,
});
