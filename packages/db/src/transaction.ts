import { AsyncLocalStorage } from 'node:async_hooks';
import type { Database, Queryable } from './database.ts';

interface Scope {
  readonly tx: Queryable;
  readonly afterCommit: (() => unknown)[];
}

const scopes = new AsyncLocalStorage<Scope>();

/** True inside `transaction`. Ports refuse to be called there: a transaction never waits for the outside. */
export function insideTransaction(): boolean {
  return scopes.getStore() !== undefined;
}

/**
 * Runs `work` in one short transaction. Inside another one it joins that, so that verbs compose.
 * What `afterCommit` is given runs once the outermost transaction is committed, and never if it is rolled back.
 */
export async function transaction<T>(
  db: Database,
  work: (tx: Queryable, afterCommit: (effect: () => unknown) => void) => Promise<T>,
): Promise<T> {
  const open = scopes.getStore();
  if (open) return await work(open.tx, (effect) => open.afterCommit.push(effect));
  const afterCommit: Scope['afterCommit'] = [];
  const result = await db.transaction(async (tx) => {
    const scope: Scope = { tx: tx as unknown as Queryable, afterCommit };
    return await scopes.run(scope, () => work(scope.tx, (effect) => afterCommit.push(effect)));
  });
  for (const effect of afterCommit) await effect();
  return result;
}

/** For work that is one single statement, which needs no transaction around it: no round trips to begin and to commit one. */
export async function singleStatement<T>(
  db: Database,
  work: (tx: Queryable, afterCommit: (effect: () => unknown) => void) => Promise<T>,
): Promise<T> {
  if (insideTransaction()) return await transaction(db, work);
  const afterCommit: Scope['afterCommit'] = [];
  const result = await work(db, (effect) => afterCommit.push(effect));
  for (const effect of afterCommit) await effect();
  return result;
}
