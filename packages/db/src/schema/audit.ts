import { sql } from 'drizzle-orm';
import { bigint, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { at } from './columns.ts';

/** Who did what, before and after. Append-only and hash-chained: each row's hash covers the one before. */
export const auditLog = pgTable('audit_log', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  at: at('at').notNull().default(sql`clock_timestamp()`),
  actorKind: text('actor_kind').notNull(),
  actorId: text('actor_id').notNull(),
  ip: text('ip'),
  action: text('action').notNull(),
  target: text('target').notNull(),
  before: jsonb('before'),
  after: jsonb('after'),
  requestId: text('request_id'),
  prevHash: text('prev_hash'),
  hash: text('hash').notNull(),
});
