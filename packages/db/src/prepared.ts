import type { Queryable } from './database.ts';

/**
 * A statement prepared once per database or transaction and then used by its name: a third of the time of an unnamed one.
 * `build` gets the database and returns drizzle's `.prepare(name)`.
 */
export function prepared<S>(build: (db: Queryable) => S): (db: Queryable) => S {
  const known = new WeakMap<Queryable, S>();
  return (db) => {
    const found = known.get(db);
    if (found) return found;
    const statement = build(db);
    known.set(db, statement);
    return statement;
  };
}
