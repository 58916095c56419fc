import { type Queryable, schema } from '@reelgate/db';
import { and, eq, sql } from 'drizzle-orm';
import type { TeamScope } from '../context.ts';

const { teamMembers, teams, userAccounts, users, userSessions } = schema;

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

export interface UserView {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly role: 'admin' | 'manager' | 'member';
  readonly disabled: boolean;
  readonly teams: readonly { readonly id: string; readonly name: string }[];
  readonly createdAt: Date;
  readonly lastSeenAt: Date | null;
  readonly version: number;
}

export interface UserFilter {
  readonly ids?: readonly string[] | undefined;
  /** Part of the name or address. */
  readonly search?: string | undefined;
  readonly role?: string | undefined;
  readonly teamId?: string | undefined;
  readonly disabled?: boolean | undefined;
}

/** By address, from the one after `afterEmail` on. */
export async function listUserViews(
  db: Queryable,
  filter: UserFilter,
  page: { readonly afterEmail: string | null; readonly limit: number },
): Promise<UserView[]> {
  const { ids, search, role, teamId, disabled } = filter;
  const like = search === undefined ? null : `%${search.replaceAll(/[\\%_]/g, '\\$&')}%`;
  return await db
    .select({
      id: users.id,
      email: users.email,
      name: users.name,
      role: users.role,
      disabled: sql<boolean>`${users.disabledAt} is not null`,
      // Written out, because drizzle leaves the table out of the names of columns here.
      teams: sql<{ id: string; name: string }[]>`coalesce((
        select jsonb_agg(jsonb_build_object('id', t.id, 'name', t.name) order by t.name)
          from team_members m join teams t on t.id = m.team_id where m.user_id = users.id), '[]')`,
      createdAt: users.createdAt,
      lastSeenAt: users.lastSeenAt,
      version: users.version,
    })
    .from(users)
    .where(
      and(
        ids === undefined ? undefined : sql`${users.id} = any(${sql.param([...ids])}::text[])`,
        like === null ? undefined : sql`(${users.name} ilike ${like} or ${users.email} ilike ${like})`,
        role === undefined ? undefined : sql`${users.role} = ${role}`,
        teamId === undefined
          ? undefined
          : sql`exists (select 1 from team_members m where m.user_id = users.id and m.team_id = ${teamId})`,
        disabled === undefined ? undefined : sql`(${users.disabledAt} is not null) = ${disabled}`,
        page.afterEmail === null ? undefined : sql`${users.email} > ${page.afterEmail}`,
      ),
    )
    .orderBy(users.email)
    .limit(page.limit);
}

/** Nobody changes it, and no two change who the admins are, until the end of the transaction. */
export async function lockUser(db: Queryable, id: string) {
  await db.execute(sql`select pg_advisory_xact_lock(hashtextextended('administrators', 0))`);
  const [row] = await db.select().from(users).where(eq(users.id, id)).for('update');
  return row ?? null;
}

export async function countAdmins(db: Queryable): Promise<number> {
  return await db.$count(users, sql`${users.role} = 'admin' and ${users.disabledAt} is null`);
}

export async function changeUser(
  db: Queryable,
  id: string,
  changes: { name?: string | undefined; role?: UserView['role'] | undefined; disabled?: boolean | undefined },
): Promise<void> {
  const { name, role, disabled } = changes;
  await db
    .update(users)
    .set({
      version: sql`${users.version} + 1`,
      updatedAt: sql`clock_timestamp()`,
      ...(name !== undefined && { name }),
      ...(role !== undefined && { role }),
      ...(disabled !== undefined && {
        disabledAt: disabled ? sql`coalesce(${users.disabledAt}, clock_timestamp())` : null,
      }),
    })
    .where(eq(users.id, id));
}

export async function replaceTeams(db: Queryable, userId: string, teamIds: readonly string[]): Promise<void> {
  await db.delete(teamMembers).where(eq(teamMembers.userId, userId));
  await insertTeamMembers(db, userId, teamIds);
}

export async function listTeamIds(db: Queryable, userId: string): Promise<string[]> {
  const rows = await db
    .select({ id: teamMembers.teamId })
    .from(teamMembers)
    .where(eq(teamMembers.userId, userId))
    .orderBy(teamMembers.teamId);
  return rows.map(({ id }) => id);
}

/** Which of these there are. */
export async function listKnownTeams(db: Queryable, teamIds: readonly string[]): Promise<string[]> {
  const rows = await db
    .select({ id: teams.id })
    .from(teams)
    .where(sql`${teams.id} = any(${sql.param([...teamIds])}::text[])`);
  return rows.map(({ id }) => id);
}

export async function deleteSessions(db: Queryable, userId: string): Promise<void> {
  await db.delete(userSessions).where(eq(userSessions.userId, userId));
}

export interface MemberView {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  readonly role: UserView['role'];
  readonly addedAt: Date;
}

/** Empty where the team is not in the scope. */
export async function listMembers(db: Queryable, scope: TeamScope, teamId: string): Promise<MemberView[]> {
  if (scope !== 'all' && !scope.includes(teamId)) return [];
  return await db
    .select({
      userId: users.id,
      email: users.email,
      name: users.name,
      role: users.role,
      addedAt: teamMembers.addedAt,
    })
    .from(teamMembers)
    .innerJoin(users, eq(users.id, teamMembers.userId))
    .where(eq(teamMembers.teamId, teamId))
    .orderBy(users.email);
}

/** False where it was not one. */
export async function deleteMember(db: Queryable, teamId: string, userId: string): Promise<boolean> {
  const rows = await db
    .delete(teamMembers)
    .where(and(eq(teamMembers.teamId, teamId), eq(teamMembers.userId, userId)))
    .returning({ userId: teamMembers.userId });
  return rows.length === 1;
}
