import { type Queryable, schema } from '@reelgate/db';
import { eq, sql } from 'drizzle-orm';

const { organizations, teams } = schema;

/** There is one organization per deployment, and this is its id. */
const ORGANIZATION_ID = 'org';

export async function upsertOrganization(db: Queryable, name: string): Promise<void> {
  await db.insert(organizations).values({ id: ORGANIZATION_ID, name }).onConflictDoNothing();
}

export async function insertTeam(db: Queryable, row: { id: string; name: string }): Promise<boolean> {
  const rows = await db
    .insert(teams)
    .values({ ...row, organizationId: ORGANIZATION_ID })
    .onConflictDoNothing({ target: teams.name })
    .returning({ id: teams.id });
  return rows.length === 1;
}

export async function findTeamByName(db: Queryable, name: string) {
  const [row] = await db.select({ id: teams.id, name: teams.name }).from(teams).where(eq(teams.name, name));
  return row ?? null;
}

export type TeamRow = typeof teams.$inferSelect;

/** What is left out stays; a team that is switched off again keeps the time of the first. */
export async function changeTeam(
  db: Queryable,
  id: string,
  { disabled, requestsPerMinute }: { disabled?: boolean; requestsPerMinute?: number | null },
): Promise<TeamRow | null> {
  const [row] = await db
    .update(teams)
    .set({
      // Something must be set, or there would be no statement.
      name: sql`${teams.name}`,
      ...(requestsPerMinute !== undefined && { requestsPerMinute }),
      ...(disabled !== undefined && {
        disabledAt: disabled ? sql`coalesce(${teams.disabledAt}, clock_timestamp())` : null,
      }),
    })
    .where(eq(teams.id, id))
    .returning();
  return row ?? null;
}
