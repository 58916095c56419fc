import { type Queryable, schema } from '@reelgate/db';
import { and, desc, eq, isNull, or, sql } from 'drizzle-orm';

const { webhookSecrets } = schema;

/** Whose secret it is: of an endpoint, or of a team for the `webhook_url` of its videos. */
export type SecretHolder = { readonly endpointId: string } | { readonly teamId: string };

const heldBy = (holder: SecretHolder) =>
  'endpointId' in holder
    ? eq(webhookSecrets.endpointId, holder.endpointId)
    : eq(webhookSecrets.teamId, holder.teamId);

const living = or(isNull(webhookSecrets.expiresAt), sql`${webhookSecrets.expiresAt} > clock_timestamp()`);

export async function insertSecret(
  db: Queryable,
  holder: SecretHolder,
  secret: { encrypted: Buffer; hint: string },
): Promise<void> {
  await db.insert(webhookSecrets).values({ ...holder, ...secret });
}

/** Encrypted, newest first. */
export async function listAnySecrets(db: Queryable, holder: SecretHolder): Promise<Buffer[]> {
  const rows = await db
    .select({ encrypted: webhookSecrets.encrypted })
    .from(webhookSecrets)
    .where(and(heldBy(holder), living))
    .orderBy(desc(webhookSecrets.id));
  return rows.map((row) => row.encrypted);
}

/** Takes every secret of a holder away, or leaves each one so many hours at most. */
export async function retireAnySecrets(
  db: Queryable,
  holder: SecretHolder,
  overlapHours: number,
): Promise<void> {
  if (overlapHours === 0) {
    await db.delete(webhookSecrets).where(heldBy(holder));
    return;
  }
  await db
    .update(webhookSecrets)
    .set({
      expiresAt: sql`least(${webhookSecrets.expiresAt}, clock_timestamp() + make_interval(hours => ${overlapHours}::int))`,
    })
    .where(heldBy(holder));
  await db.delete(webhookSecrets).where(and(heldBy(holder), sql`not ${living}`));
}

/** Until when a secret before the newest one signs along; null where none does. */
export async function findAnyOverlap(db: Queryable, holder: SecretHolder): Promise<Date | null> {
  const [row] = await db
    .select({ until: webhookSecrets.expiresAt })
    .from(webhookSecrets)
    .where(and(heldBy(holder), sql`${webhookSecrets.expiresAt} > clock_timestamp()`))
    .orderBy(desc(webhookSecrets.expiresAt))
    .limit(1);
  return row?.until ?? null;
}
