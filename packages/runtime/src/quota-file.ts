import { Document } from 'yaml';
import { z } from 'zod';
import { parseYaml } from './yaml-file.ts';

/** Amounts are US dollars for cost, else whole numbers; in quotes, so that they stay exact. */
const amountSchema = z
  .union([z.string(), z.int().transform(String)])
  .refine(
    (text) => /^\d{1,12}(\.\d{1,6})?$/.test(text),
    'must be an amount such as "250" or "99.50", in quotes',
  );

const quotaSchema = z
  .strictObject({
    organization: z.literal(true).optional(),
    team: z.string().min(1).optional(),
    key: z.string().min(1).optional(),
    metric: z.enum(['cost', 'seconds', 'videos', 'concurrent']),
    window: z.enum(['month', 'day', 'none', 'leaky']),
    spanSeconds: z.int().min(60).max(31_536_000).optional(),
    model: z.string().min(1).optional(),
    tags: z.record(z.string(), z.string()).optional(),
    hard: amountSchema.optional(),
    soft: amountSchema.optional(),
    thresholds: z.array(z.int().min(1).max(100)).max(10).optional(),
  })
  .refine(
    ({ organization, team, key }) =>
      [organization, team, key].filter((scope) => scope !== undefined).length === 1,
    'must say whose quota it is: exactly one of organization, team and key',
  )
  .refine(({ hard, soft }) => hard !== undefined || soft !== undefined, 'must have a hard or a soft limit');

const fileSchema = z.strictObject({ quotas: z.array(quotaSchema) });

/** A quota as a file says it, by names and not by ids. */
export type QuotaEntry = Readonly<z.output<typeof quotaSchema>>;

/** Checks the text of a file of quotas; the error names every line at fault. `file` is only what it calls it. */
export function parseQuotaFile(text: string, file: string): readonly QuotaEntry[] {
  return parseYaml(text, file, fileSchema).quotas;
}

export function formatQuotaFile(quotas: readonly QuotaEntry[]): string {
  const document = new Document({ quotas });
  document.commentBefore =
    ' The quotas of this deployment: `quota plan` shows what would change, `quota apply` makes it so.\n Amounts are US dollars for cost, else whole numbers.';
  return document.toString({ lineWidth: 0 });
}
