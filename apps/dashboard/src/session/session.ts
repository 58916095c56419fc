import { queryOptions, useSuspenseQuery } from '@tanstack/react-query';
import { api } from '../api/client.ts';

/** Who is signed in, as `GET /auth/session` tells. */
export interface Session {
  readonly user: { readonly id: string; readonly email: string; readonly name: string };
  readonly role: 'admin' | 'manager' | 'member';
  /** What a manager manages and a member sees; an admin sees all and need not be in one. */
  readonly teams: readonly { readonly id: string; readonly name: string }[];
  /** Unix seconds. */
  readonly expires_at: number;
}

/** What the sign-in page offers. */
export interface SignInOptions {
  readonly password: boolean;
  /** The company's identity provider, by the name on its button. */
  readonly oidc: { readonly name: string } | null;
}

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) =>
    api.get<{ session: Session | null; sign_in: SignInOptions }>('/auth/session', {}, signal),
  staleTime: 60_000,
});

/** Below the shell there is one: the router lets nobody in without. */
export function useSession(): Session {
  const { session } = useSuspenseQuery(sessionQuery).data;
  if (!session) throw new Error('There is no session.');
  return session;
}

/** Whether somebody who manages the team may take it back, too: what administrators hold, managers cannot let go. */
export function canRelease(session: Session, puller: { readonly by_admin: boolean } | null): boolean {
  return session.role === 'admin' || puller?.by_admin !== true;
}

export function canManage(session: Session, teamId: string): boolean {
  return (
    session.role === 'admin' ||
    (session.role === 'manager' && session.teams.some((team) => team.id === teamId))
  );
}
