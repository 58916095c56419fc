import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, pgTable, primaryKey, text, unique } from 'drizzle-orm/pg-core';
import { at } from './columns.ts';
import { teams } from './teams.ts';

/**
 * People who sign in to the dashboard. The columns up to `updatedAt` are those that the sign-in library (better-auth, in
 * packages/identity) reads and writes by these names; so are the four tables that follow `teamMembers`.
 */
export const users = pgTable(
  'users',
  {
    id: text('id').primaryKey(),
    name: text('name').notNull(),
    /** Lower case. */
    email: text('email').notNull().unique(),
    emailVerified: boolean('email_verified').notNull().default(false),
    image: text('image'),
    createdAt: at('created_at').notNull().default(sql`clock_timestamp()`),
    updatedAt: at('updated_at').notNull().default(sql`clock_timestamp()`),
    /** `admin` is everything; the others are so in the teams they are in. */
    role: text('role').$type<'admin' | 'manager' | 'member'>().notNull().default('member'),
    disabledAt: at('disabled_at'),
    lastSeenAt: at('last_seen_at'),
    version: integer('version').notNull().default(1),
  },
  (t) => [check('users_role', sql`${t.role} in ('admin','manager','member')`)],
);

export const teamMembers = pgTable(
  'team_members',
  {
    teamId: text('team_id')
      .notNull()
      .references(() => teams.id),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    addedAt: at('added_at').notNull().default(sql`clock_timestamp()`),
  },
  (t) => [primaryKey({ columns: [t.teamId, t.userId] }), index('team_members_user').on(t.userId)],
);

/** A signed-in browser. Ends at `expiresAt`, and before that when it has not been used for long. */
export const userSessions = pgTable(
  'user_sessions',
  {
    id: text('id').primaryKey(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** Of no use without the key that signs the cookie. */
    token: text('token').notNull().unique(),
    expiresAt: at('expires_at').notNull(),
    createdAt: at('created_at').notNull().default(sql`clock_timestamp()`),
    updatedAt: at('updated_at').notNull().default(sql`clock_timestamp()`),
    ipAddress: text('ip_address'),
    userAgent: text('user_agent'),
    lastSeenAt: at('last_seen_at').notNull().default(sql`clock_timestamp()`),
    /** When somebody last typed a password or did what their provider asks for; null: it cannot be known. */
    identifiedAt: at('identified_at'),
  },
  (t) => [index('user_sessions_user').on(t.userId)],
);

/** A way in: the hash of a password (`credential`), or a subject of the identity provider. */
export const userAccounts = pgTable(
  'user_accounts',
  {
    id: text('id').primaryKey(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    providerId: text('provider_id').notNull(),
    accountId: text('account_id').notNull(),
    /** The provider's tokens are not kept: nothing is ever asked of it in a person's name. */
    accessToken: text('access_token'),
    refreshToken: text('refresh_token'),
    idToken: text('id_token'),
    accessTokenExpiresAt: at('access_token_expires_at'),
    refreshTokenExpiresAt: at('refresh_token_expires_at'),
    scope: text('scope'),
    password: text('password'),
    createdAt: at('created_at').notNull().default(sql`clock_timestamp()`),
    updatedAt: at('updated_at').notNull().default(sql`clock_timestamp()`),
  },
  (t) => [
    unique('user_accounts_subject').on(t.providerId, t.accountId),
    index('user_accounts_user').on(t.userId),
  ],
);

/** Sign-ins under way at the provider: state, PKCE verifier and nonce, for minutes. */
export const signInVerifications = pgTable(
  'sign_in_verifications',
  {
    id: text('id').primaryKey(),
    identifier: text('identifier').notNull(),
    value: text('value').notNull(),
    expiresAt: at('expires_at').notNull(),
    createdAt: at('created_at').notNull().default(sql`clock_timestamp()`),
    updatedAt: at('updated_at').notNull().default(sql`clock_timestamp()`),
  },
  (t) => [index('sign_in_verifications_identifier').on(t.identifier)],
);

/** How often a sign-in was tried, by address and by account, in the window that began at `startedAt`. */
export const signInAttempts = pgTable('sign_in_attempts', {
  /** A hash: neither addresses nor e-mail addresses are kept. */
  key: text('key').primaryKey(),
  startedAt: at('started_at').notNull().default(sql`clock_timestamp()`),
  count: integer('count').notNull().default(1),
});
