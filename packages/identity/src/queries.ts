import { createHash } from 'node:crypto';
import { type Queryable, schema } from '@reelgate/db';
import { and, eq, ne, sql } from 'drizzle-orm';

const { signInAttempts, teamMembers, teams, users, userSessions } = schema;

/** How often `last_seen_at` is written at most. */
const TOUCH_SECONDS = 60;
/** For how long that somebody was asked says that it is still the same person who sits there. */
const RECENT_SECONDS = 15 * 60;

/**
 * Whose session this is, if it may still be used: not over, used within `idleSeconds`, of a person who may sign in. Notes that
 * it was used.
 */
export async function useSession(db: Queryable, token: string, idleSeconds: number) {
  const [found] = await db
    .select({
      sessionId: userSessions.id,
      userId: users.id,
      email: users.email,
      name: users.name,
      role: users.role,
      expiresAt: userSessions.expiresAt,
      signedInRecently: sql<boolean>`coalesce(${userSessions.identifiedAt} > clock_timestamp() - make_interval(secs => ${RECENT_SECONDS}), false)`,
      isStale: sql<boolean>`${userSessions.lastSeenAt} < clock_timestamp() - make_interval(secs => ${TOUCH_SECONDS})`,
      teams: sql<{ id: string; name: string }[]>`coalesce((
        select jsonb_agg(jsonb_build_object('id', ${teams.id}, 'name', ${teams.name}) order by ${teams.name})
          from ${teamMembers} join ${teams} on ${teams.id} = ${teamMembers.teamId}
         where ${teamMembers.userId} = ${users.id}), '[]')`,
    })
    .from(userSessions)
    .innerJoin(users, eq(users.id, userSessions.userId))
    .where(
      and(
        eq(userSessions.token, token),
        sql`${userSessions.expiresAt} > clock_timestamp()`,
        sql`${userSessions.lastSeenAt} > clock_timestamp() - make_interval(secs => ${idleSeconds})`,
        sql`${users.disabledAt} is null`,
      ),
    );
  if (found?.isStale) {
    await db
      .update(userSessions)
      .set({ lastSeenAt: sql`clock_timestamp()` })
      .where(eq(userSessions.id, found.sessionId));
    await db.update(users).set({ lastSeenAt: sql`clock_timestamp()` }).where(eq(users.id, found.userId));
  }
  return found ?? null;
}

/** Somebody was asked who they are: at that moment, in Unix seconds by the clock of whoever asked, or just now. Never later than now. */
export async function noteIdentified(
  db: Queryable,
  sessionId: string,
  atSeconds: number | 'now',
): Promise<void> {
  const at =
    atSeconds === 'now'
      ? sql`clock_timestamp()`
      : sql`least(clock_timestamp(), to_timestamp(${atSeconds}::float8))`;
  await db.update(userSessions).set({ identifiedAt: at }).where(eq(userSessions.id, sessionId));
}

/** Ends the sessions of a person; all, or all but one. */
export async function endSessions(db: Queryable, userId: string, exceptToken?: string): Promise<void> {
  await db
    .delete(userSessions)
    .where(
      and(
        eq(userSessions.userId, userId),
        exceptToken === undefined ? undefined : ne(userSessions.token, exceptToken),
      ),
    );
}

export async function isDisabled(db: Queryable, userId: string): Promise<boolean> {
  const [found] = await db.select({ disabledAt: users.disabledAt }).from(users).where(eq(users.id, userId));
  return found?.disabledAt != null;
}

/** Counts one more try of `subject` and tells for how many seconds it must wait; 0: it may go on. */
export async function countAttempt(
  db: Queryable,
  subject: string,
  limit: { readonly attempts: number; readonly windowSeconds: number },
): Promise<number> {
  const key = createHash('sha256').update(subject).digest('base64url');
  const begins = sql`${signInAttempts.startedAt} < clock_timestamp() - make_interval(secs => ${limit.windowSeconds})`;
  const [row] = await db
    .insert(signInAttempts)
    .values({ key })
    .onConflictDoUpdate({
      target: signInAttempts.key,
      set: {
        count: sql`case when ${begins} then 1 else ${signInAttempts.count} + 1 end`,
        startedAt: sql`case when ${begins} then clock_timestamp() else ${signInAttempts.startedAt} end`,
      },
    })
    .returning({
      count: signInAttempts.count,
      waitSeconds: sql<number>`ceil(extract(epoch from ${signInAttempts.startedAt} + make_interval(secs => ${limit.windowSeconds}) - clock_timestamp()))::int`,
    });
  return row && row.count > limit.attempts ? Math.max(1, row.waitSeconds) : 0;
}

/** Forgets the tries of an account once somebody has got in. */
export async function forgetAttempts(db: Queryable, subject: string): Promise<void> {
  const key = createHash('sha256').update(subject).digest('base64url');
  await db.delete(signInAttempts).where(eq(signInAttempts.key, key));
}
