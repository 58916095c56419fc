import { Link } from '@tanstack/react-router';
import { clsx } from 'clsx';

/** The name of a team, which leads to its page. */
export function TeamLink({
  team,
  className,
}: {
  team: { readonly id: string; readonly name: string };
  className?: string;
}) {
  return (
    <Link
      to="/teams/$teamId"
      params={{ teamId: team.id }}
      className={clsx('underline-offset-4 hover:underline', className)}
    >
      {team.name}
    </Link>
  );
}
