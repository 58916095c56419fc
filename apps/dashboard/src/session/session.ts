import { queryOptions, useSuspenseQuery } from '@tanstack/react-query';
import { api } from '../api/client.ts';

/** Who is signed in, as `GET /auth/session` tells. */
export interface Session {
  readonly user: { readonly id: string; readonly email: string; readonly name: string };
  readonly role: 'admin' | 'manager' | 'member';
  /** The teams of a manager or member; an admin sees all and need not be in one. */
  readonly teams: readonly {
    readonly id: string;
    readonly name: string;
    readonly role: 'manager' | 'member';
  }[];
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

export function canManage(session: Session, teamId: string): boolean {
  return (
    session.role === 'admin' || session.teams.some((team) => team.id === teamId && team.role === 'manager')
  );
}
