import { sql } from 'drizzle-orm';
import { bigint, index, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { at } from './columns.ts';

/**
 * Who did what, before and after. Append-only and hash-chained: each row's hash covers the one before. Rows are written by the
 * function `record_audit` alone, one at a time, so that ids follow the chain.
 */
export const auditLog = pgTable(
  'audit_log',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    at: at('at').notNull().default(sql`clock_timestamp()`),
    actorKind: text('actor_kind').notNull(),
    actorId: text('actor_id').notNull(),
    actorName: text('actor_name').notNull().default(''),
    ip: text('ip'),
    action: text('action').notNull(),
    target: text('target').notNull(),
    teamId: text('team_id'),
    before: jsonb('before').$type<Record<string, unknown>>(),
    after: jsonb('after').$type<Record<string, unknown>>(),
    reason: text('reason'),
    requestId: text('request_id'),
    prevHash: text('prev_hash'),
    hash: text('hash').notNull(),
  },
  (t) => [
    index('audit_log_target').on(t.target, t.id),
    index('audit_log_actor').on(t.actorId, t.id),
    index('audit_log_team').on(t.teamId, t.id),
    index('audit_log_action').on(t.action, t.id),
    index('audit_log_at').on(t.at),
    index('audit_log_request').on(t.requestId),
  ],
);
