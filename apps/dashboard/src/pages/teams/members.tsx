import type { Team } from '@reelgate/contract/admin';
import { UserMinus } from 'lucide-react';
import { useState } from 'react';
import { admin, useAdmin, useChange } from '../../api/admin.ts';
import { canManage, useSession } from '../../session/session.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/feedback.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Panel } from '../../ui/panel.tsx';

/** Who is in a team. */
export function Members({ team }: { team: Team }) {
  const session = useSession();
  const params = { team_id: team.id };
  const members = useAdmin('/teams/{team_id}/members', { params });
  const add = (userId: string) =>
    admin.post('/teams/{team_id}/members', { params, body: { user_id: userId } });
  const remove = useChange(
    (member: { user_id: string; name: string }) =>
      admin.delete('/teams/{team_id}/members/{user_id}', { params: { ...params, user_id: member.user_id } }),
    {
      done: (_, { name }) => `${name} is no longer in ${team.name}.`,
      undo:
        (_, { user_id }) =>
        () =>
          add(user_id),
    },
  );
  return (
    <Panel flush title="Members">
      {members.error ? (
        <ErrorState error={members.error} onRetry={() => void members.refetch()} />
      ) : !members.data ? (
        <SkeletonRows rows={3} />
      ) : members.data.data.length === 0 ? (
        <EmptyState small title="Nobody yet">
          Members see the team’s videos and figures, and may ask for more.
        </EmptyState>
      ) : (
        <ul className="divide-y">
          {members.data.data.map((member) => (
            <li key={member.user_id} className="flex items-center gap-3 px-4 py-1.5 text-sm">
              <span className="min-w-0 flex-1">
                <span className="block truncate">{member.name}</span>
                <span className="block truncate text-ink-faint text-xs">{member.email}</span>
              </span>
              <Badge tone={member.role === 'member' ? 'plain' : 'accent'}>{member.role}</Badge>
              {canManage(session, team.id) && (
                <IconButton label={`Remove ${member.name}`} onClick={() => remove.mutate(member)}>
                  <UserMinus className="size-4" />
                </IconButton>
              )}
            </li>
          ))}
        </ul>
      )}
      {session.role === 'admin' && members.data && (
        <AddMember known={members.data.data.map(({ user_id }) => user_id)} add={add} teamName={team.name} />
      )}
    </Panel>
  );
}

function AddMember({
  known,
  add,
  teamName,
}: {
  known: readonly string[];
  add: (userId: string) => Promise<unknown>;
  teamName: string;
}) {
  const users = useAdmin('/users', { query: { limit: 200 } });
  const [chosen, setChosen] = useState('');
  const change = useChange(add, {
    done: () => `Added to ${teamName}.`,
    onDone: () => setChosen(''),
  });
  const others = users.data?.data.filter(({ id, disabled }) => !disabled && !known.includes(id)) ?? [];
  if (others.length === 0) return null;
  return (
    <form
      className="flex gap-2 border-t px-4 py-2.5"
      onSubmit={(event) => {
        event.preventDefault();
        if (chosen) change.mutate(chosen);
      }}
    >
      <SelectField
        label="Person"
        labelHidden
        className="flex-1"
        value={chosen}
        onChange={(event) => setChosen(event.target.value)}
      >
        <option value="">Add somebody…</option>
        {others.map(({ id, name, email }) => (
          <option key={id} value={id}>
            {name} ({email})
          </option>
        ))}
      </SelectField>
      <Button type="submit" disabled={!chosen} busy={change.isPending}>
        Add
      </Button>
    </form>
  );
}
