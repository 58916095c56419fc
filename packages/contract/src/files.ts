/** Files that a team keeps here to start videos from: the part of the original's Files API that makes `file_id` work. */
import { z } from 'zod';
import { LIST_ORDERS, unixSecondsSchema } from './videos.ts';

/** What the SDKs can say. Here it is kept and filtered by, and means nothing else. */
export const FILE_PURPOSES = ['assistants', 'batch', 'fine-tune', 'vision', 'user_data', 'evals'] as const;
export const filePurposeSchema = z.enum(FILE_PURPOSES);

/** Reelgate's own id: `file-` and at least 128 random bits. */
export const FILE_ID_PATTERN = /^file-[A-Za-z0-9]{22,64}$/;

export const FILE_LIMITS = {
  /** In UTF-16 units. */
  fileNameMaxLength: 255,
  /** Of `expires_after`, in seconds. */
  expiresAfterMin: 3_600,
  expiresAfterMax: 2_592_000,
  listMax: 10_000,
} as const;

const EXAMPLE = {
  id: 'file-6c1f0a9be8d74325a1b2c3d4e5f60718',
  object: 'file',
  bytes: 120_431,
  created_at: 1_790_000_000,
  filename: 'frame.png',
  purpose: 'vision',
  status: 'processed',
} as const;

export const fileSchema = z
  .object({
    id: z.string().regex(FILE_ID_PATTERN),
    object: z.literal('file'),
    bytes: z.int().min(1),
    created_at: unixSecondsSchema,
    expires_at: unixSecondsSchema.optional().describe('Absent where it stays until it is deleted.'),
    filename: z.string().describe('As it was sent, without folders.'),
    purpose: filePurposeSchema,
    status: z
      .literal('processed')
      .describe('Always the same, because a file can be used as soon as it is here.'),
  })
  .meta({ description: 'A file of your team.', examples: [EXAMPLE] });
export type FileObject = z.infer<typeof fileSchema>;

export const fileListSchema = z
  .object({
    object: z.literal('list'),
    data: z.array(fileSchema),
    first_id: z.string().nullable(),
    last_id: z.string().nullable().describe('Give it as `after` to get the next page.'),
    has_more: z.boolean(),
  })
  .meta({
    description: 'One page of files.',
    examples: [
      { object: 'list', data: [EXAMPLE], first_id: EXAMPLE.id, last_id: EXAMPLE.id, has_more: false },
    ],
  });
export type FileList = z.infer<typeof fileListSchema>;

export const fileDeletedSchema = z
  .object({ id: z.string(), object: z.literal('file'), deleted: z.literal(true) })
  .meta({
    description: 'Says that a file is gone.',
    examples: [{ id: EXAMPLE.id, object: 'file', deleted: true }],
  });

const expiresAfterSchema = z
  .strictObject({
    anchor: z.literal('created_at'),
    seconds: z
      .string()
      .regex(/^\d+$/)
      .describe(`From ${FILE_LIMITS.expiresAfterMin} (an hour) to ${FILE_LIMITS.expiresAfterMax} (30 days).`),
  })
  .describe('When the file goes by itself. Without it, a file stays until it is deleted.');

export const createFileFormSchema = z
  .looseObject({
    file: z.file().describe('A JPEG, PNG or WebP picture, or an MP4 video.'),
    purpose: filePurposeSchema.describe(
      '`vision` for a picture to start videos from. Kept, and never acted on.',
    ),
    expires_after: expiresAfterSchema.optional(),
  })
  .meta({ description: 'A file to keep.' });

/** A number as a query spells it: no sign, no fraction, no exponent. */
const queryInteger = z.string().regex(/^\d+$/).transform(Number);

export const listFilesQuerySchema = z.object({
  after: z.string().optional().describe('The id that the page before ended with.'),
  limit: queryInteger
    .pipe(z.int().min(0).max(FILE_LIMITS.listMax))
    .optional()
    .meta({ description: 'How many files to show.', default: FILE_LIMITS.listMax }),
  order: z.enum(LIST_ORDERS).optional().meta({ description: 'By time of creation.', default: 'desc' }),
  purpose: z.string().optional().describe('Only files with this purpose.'),
});
