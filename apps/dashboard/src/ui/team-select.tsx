import type { ComponentProps } from 'react';
import { useAdmin } from '../api/admin.ts';
import { canManage, useSession } from '../session/session.ts';
import { SelectField } from './field.tsx';

/** A team, of those that one sees; with `managed` of those that one may change. */
export function TeamSelect({
  label = 'Team',
  none = 'Choose…',
  managed = false,
  ...rest
}: Omit<ComponentProps<typeof SelectField>, 'children' | 'label'> & {
  label?: string;
  none?: string;
  managed?: boolean;
}) {
  const session = useSession();
  const teams = useTeams();
  return (
    <SelectField label={label} {...rest}>
      <option value="">{none}</option>
      {teams
        .filter(({ id }) => !managed || canManage(session, id))
        .map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
    </SelectField>
  );
}

/** Above a list: all teams, or one. */
export function TeamFilter({
  value,
  onChange,
}: {
  value: string | undefined;
  onChange: (teamId: string | undefined) => void;
}) {
  return (
    <TeamSelect
      labelHidden
      none="All teams"
      value={value ?? ''}
      onChange={(event) => onChange(event.target.value || undefined)}
    />
  );
}

export function useTeams() {
  return useAdmin('/teams', { query: { limit: 200 } }).data?.data ?? [];
}
