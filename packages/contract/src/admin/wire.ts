/** Shapes that every resource of the Admin API uses, so that money, times and pages are the same thing everywhere. */
import { z } from 'zod';

/** Names of what the document calls by name; everything else stands where it is used. */
export const adminSchemas = z.registry<{ id: string }>();

/** The same schema, by this name in the document. */
export function named<T extends z.ZodType>(id: string, schema: T): T {
  adminSchemas.add(schema, { id });
  return schema;
}

/** Money, exact at any size: a decimal string of millionths of a US dollar, never negative. JSON numbers are refused. */
export const amountOfMoneySchema = z
  .string()
  .regex(/^\d{1,18}$/, { error: 'expected a decimal string of at most 18 digits' })
  .meta({ description: 'Millionths of a US dollar, as a decimal string.', examples: ['4250000'] });

/** What a quota counts, exact: millionths of a US dollar for `cost`, else a plain number. */
export const quantitySchema = z
  .string()
  .regex(/^\d{1,18}$/, { error: 'expected a decimal string of at most 18 digits' })
  .meta({
    description:
      'A decimal string: millionths of a US dollar for `cost`, else seconds, videos or requests. Never negative.',
    examples: ['250000000'],
  });

/** A moment: UTC with milliseconds. */
export const timeSchema = z.iso
  .datetime()
  .meta({ description: 'A moment in UTC (ISO 8601).', examples: ['2026-11-02T09:30:00.000Z'] });

/** A moment that a caller names; any offset. */
export const givenTimeSchema = z.iso
  .datetime({ offset: true })
  .refine(isInDatabaseYears, 'expected a moment of the years 1 to 9999')
  .meta({ description: 'A moment (ISO 8601, with an offset).', examples: ['2026-11-02T00:00:00+01:00'] });

/** A day of the organization's calendar. */
export const daySchema = z.iso
  .date()
  .meta({ description: "A day in the organization's time zone.", examples: ['2026-11-02'] });

export const idSchema = z.string().min(1).max(200);

/** A thing that a row belongs to, with what people call it. */
export const nameOfSchema = z.object({ id: z.string(), name: z.string() });

/** Who holds new videos of a team or a key. */
export const brakePullerSchema = named(
  'BrakePuller',
  z.object({
    name: z.string().describe('Of a person or an admin key, or what else it was.'),
    by_admin: z
      .boolean()
      .describe('An administrator of all teams did it, and only one of them can take it back.'),
  }),
);

export const nameSchema = z
  .string()
  .trim()
  .min(1)
  .max(100)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  .regex(/^[^\u0000-\u001f\u007f]*$/, { error: 'No control characters.' });

export const reasonSchema = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .meta({ description: 'Why. Kept in the audit log.', examples: ['Launch week of the spring campaign'] });

/** The version that the change was made to; refused with 409 where somebody else was faster. */
export const versionSchema = z
  .int()
  .min(1)
  .meta({ description: 'The `version` that you have seen. Another one meanwhile is refused with 409.' });

/** A number as a query spells it: no sign, no fraction, no exponent. */
const queryInteger = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number);

export const booleanQuerySchema = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .pipe(z.boolean());

/** Several values of one parameter, separated by commas: `status=queued,failed`. */
export function listed<T extends z.ZodType<unknown, string>>(item: T) {
  return z
    .string()
    .min(1)
    .max(2_000)
    .transform((text) => text.split(','))
    .pipe(z.array(item).min(1).max(100));
}

export const pageQuery = {
  after: idSchema.optional().describe('The `last_id` of the page before.'),
  limit: queryInteger
    .pipe(z.int().min(1).max(200))
    .optional()
    .meta({ description: 'How many to show.', default: 50 }),
};

/** The most rows that a page has, and how many where nothing is said. */
export const PAGE = { max: 200, default: 50 } as const;

/** One page. `total` counts all that match, where that is cheap to know. */
export function pageOf<T extends z.ZodType>(id: string, item: T) {
  return named(
    id,
    z.object({
      object: z.literal('list'),
      data: z.array(item),
      first_id: z.string().nullable(),
      last_id: z.string().nullable().describe('Give it as `after` to get the next page.'),
      has_more: z.boolean(),
      total: z.int().min(0).optional().describe('How many there are on all pages.'),
    }),
  );
}

export const periodQuery = {
  from: givenTimeSchema.optional().describe('From this moment on. The beginning of the month where absent.'),
  to: givenTimeSchema.optional().describe('Before this moment. Now where absent.'),
};

/** What an action answers that has nothing else to say. */
export const doneSchema = named(
  'Done',
  z.object({ object: z.literal('done'), id: z.string().describe('What it was done to.') }),
);

/** In UTC, which the offset may carry into a year that Postgres does not read. */
function isInDatabaseYears(text: string): boolean {
  const year = new Date(text).getUTCFullYear();
  return year >= 1 && year <= 9_999;
}
