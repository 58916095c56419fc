/** Column shapes that every slice uses, so that a time or an amount of money is the same thing everywhere. */
import { bigint, timestamp } from 'drizzle-orm/pg-core';

/** A moment, always from the database's clock (`clock_timestamp()`). */
export const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/** Money in integer micro-US-dollars. */
export const microUsd = (name: string) => bigint(name, { mode: 'bigint' });

/** A count of bytes; exact up to 2^53. */
export const byteCount = (name: string) => bigint(name, { mode: 'number' });
