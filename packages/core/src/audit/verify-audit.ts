import type { Database } from '@reelgate/db';
import { verifyAnyAudit } from './queries.ts';

const AT_ONCE = 5_000;
const SHOWN = 100;

export interface AuditVerdict {
  readonly entries: number;
  /** The last hash: kept elsewhere, it shows that nothing was cut off the end. */
  readonly head: string | null;
  /** Whether the hash that was asked for is that of an entry; true where none was. */
  readonly hasHead: boolean;
  /** The first hundred. */
  readonly broken: readonly { readonly id: number; readonly why: 'changed' | 'does_not_follow' }[];
}

/** Works every hash of the log out again, from the first row to the last. `head`: a last hash of before. */
export async function verifyAudit(ctx: { db: Database }, head?: string): Promise<AuditVerdict> {
  let hasHead = head === undefined;
  const broken: { id: number; why: 'changed' | 'does_not_follow' }[] = [];
  let entries = 0;
  let last: { afterId: number; previous: string | null } = { afterId: 0, previous: null };
  for (;;) {
    const rows = await verifyAnyAudit(ctx.db, last, AT_ONCE);
    for (const row of rows) {
      if (!row.whole) broken.push({ id: row.id, why: 'changed' });
      else if (!row.follows) broken.push({ id: row.id, why: 'does_not_follow' });
    }
    hasHead ||= rows.some(({ hash }) => hash === head);
    entries += rows.length;
    const end = rows.at(-1);
    if (end === undefined || rows.length < AT_ONCE) {
      return { entries, head: end?.hash ?? last.previous, hasHead, broken: broken.slice(0, SHOWN) };
    }
    last = { afterId: end.id, previous: end.hash };
  }
}
