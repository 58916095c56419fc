import { type Queryable, schema } from '@reelgate/db';
import { eq } from 'drizzle-orm';

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
