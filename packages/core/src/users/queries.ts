import { type Queryable, schema } from '@reelgate/db';

const { teamMembers, userAccounts, users } = schema;

/** How the sign-in library calls an account that has a password. */
const PASSWORD_PROVIDER = 'credential';

export async function insertUser(
  db: Queryable,
  row: { id: string; email: string; name: string; role: 'admin' | 'manager' | 'member' },
): Promise<boolean> {
  const rows = await db
    .insert(users)
    // Whoever adds a person vouches for the address.
    .values({ ...row, emailVerified: true })
    .onConflictDoNothing({ target: users.email })
    .returning({ id: users.id });
  return rows.length === 1;
}

export async function insertTeamMembers(
  db: Queryable,
  userId: string,
  teamIds: readonly string[],
): Promise<void> {
  if (teamIds.length === 0) return;
  await db
    .insert(teamMembers)
    .values(teamIds.map((teamId) => ({ teamId, userId })))
    .onConflictDoNothing();
}

export async function insertPassword(db: Queryable, userId: string, hash: string): Promise<void> {
  await db.insert(userAccounts).values({
    id: crypto.randomUUID(),
    userId,
    providerId: PASSWORD_PROVIDER,
    accountId: userId,
    password: hash,
  });
}
