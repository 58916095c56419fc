import { run, type UnixUser } from './command.ts';

/**
 * Who may run Postgres, which refuses to be root: for root the account `nobody`, which every system has; for everyone else
 * nothing needs to change.
 */
export async function unprivilegedUser(): Promise<UnixUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = await Promise.all([run('id', ['-u', 'nobody']), run('id', ['-g', 'nobody'])]);
  return { uid: Number(uid), gid: Number(gid) };
}

/** Whether the user gets as far as this folder: asked of the system, which knows about every parent, ACL and mount option. */
export function canEnter(directory: string, user: UnixUser): Promise<boolean> {
  return run('test', ['-x', directory], { user, cwd: '/' }).then(
    () => true,
    () => false,
  );
}
