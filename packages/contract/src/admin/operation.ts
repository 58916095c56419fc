import type { z } from 'zod';

/** From the least to the most: reads its teams; changes its teams; everything. */
export const ADMIN_ROLES = ['member', 'manager', 'admin'] as const;
export type AdminRole = (typeof ADMIN_ROLES)[number];

export type AdminTag =
  | 'Me'
  | 'Overview'
  | 'Organization'
  | 'Teams'
  | 'Users'
  | 'Keys'
  | 'Quotas'
  | 'Prices'
  | 'Models'
  | 'Upstreams'
  | 'Videos'
  | 'Orphans'
  | 'Webhooks'
  | 'Usage'
  | 'Ledger'
  | 'Audit';

/** One operation of the Admin API. Router, document, reference page and tests are made from these. */
export interface AdminOperation {
  readonly method: 'get' | 'post' | 'patch' | 'put' | 'delete';
  /** Under `/admin/v1`, with `{names}` in it. */
  readonly path: string;
  readonly tag: AdminTag;
  readonly summary: string;
  readonly description?: string;
  /** The least that may. A manager's and a member's answers cover their own teams only; another team's things are 404. */
  readonly role: AdminRole;
  /** Of a POST that changes nothing, such as a preview: leaves no trace in the audit log. */
  readonly reads?: true;
  /** Of what hands out secrets or raises limits: a person must have signed in within the last 15 minutes. Keys are not asked. */
  readonly recentSignIn?: true;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** What success carries: JSON, a table whose columns are the keys of one row, or a file of one of these media types. */
  readonly answer:
    | { readonly json: z.ZodType }
    | { readonly csv: z.ZodObject }
    | { readonly files: readonly string[] };
}

export type AdminOperations = Readonly<Record<string, AdminOperation>>;
