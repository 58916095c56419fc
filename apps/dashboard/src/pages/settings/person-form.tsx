import type { User } from '@reelgate/contract/admin';
import { useForm } from 'react-hook-form';
import { admin, useChange } from '../../api/admin.ts';
import { SelectField, TextField } from '../../ui/field.tsx';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { useTeams } from '../../ui/team-select.tsx';

interface Form {
  readonly email: string;
  readonly name: string;
  readonly role: User['role'];
  readonly team_ids: string[];
}

/** Adds somebody, or changes what they may. */
export function PersonForm({
  user,
  onClose,
  onCreated,
}: {
  user: User | null;
  onClose: () => void;
  onCreated: (created: { name: string; password: string | null }) => void;
}) {
  const teams = useTeams();
  const form = useForm<Form>({
    defaultValues: {
      email: user?.email ?? '',
      name: user?.name ?? '',
      role: user?.role ?? 'member',
      team_ids: user?.teams.map(({ id }) => id) ?? [],
    },
  });
  const save = useChange(
    async (form: Form) => {
      const name = form.name.trim();
      const team_ids = form.role === 'admin' ? [] : [...form.team_ids];
      if (user) {
        await admin.patch('/users/{user_id}', {
          params: { user_id: user.id },
          body: { name, role: form.role, team_ids, version: user.version },
        });
        return null;
      }
      return await admin.post('/users', {
        body: { email: form.email.trim(), name, role: form.role, team_ids },
      });
    },
    {
      quiet: true,
      done: (created) => (created ? `${created.name} can sign in.` : 'Saved.'),
      onDone: (created) => (created ? onCreated(created) : onClose()),
    },
  );
  const {
    register,
    watch,
    formState: { errors },
  } = form;
  return (
    <FormDialog
      form={form}
      title={user ? `Change ${user.name}` : 'Add a person'}
      action={user ? 'Save' : 'Add'}
      onSubmit={save.mutateAsync}
      onClose={onClose}
    >
      {!user && (
        <TextField
          label="E-mail"
          type="email"
          autoFocus
          {...register('email', {
            pattern: { value: /^\S+@\S+$/, message: 'An e-mail address' },
            required: 'An e-mail address',
          })}
          error={errors.email?.message}
        />
      )}
      <TextField
        label="Name"
        maxLength={100}
        {...register('name', { validate: (text) => text.trim() !== '' || 'A name' })}
        error={errors.name?.message}
      />
      <SelectField label="Role" {...register('role')}>
        <option value="member">member: sees its teams, may ask for more</option>
        <option value="manager">manager: changes its teams</option>
        <option value="admin">admin: everything</option>
      </SelectField>
      {watch('role') !== 'admin' && (
        <fieldset>
          <legend className="mb-1 font-medium text-sm">Teams</legend>
          <div className="grid max-h-48 grid-cols-2 gap-1.5 overflow-y-auto rounded-md border p-2.5">
            {teams.map(({ id, name }) => (
              <label key={id} className="flex items-center gap-2 text-sm">
                <input
                  type="checkbox"
                  value={id}
                  className="accent-(--accent-ground)"
                  {...register('team_ids')}
                />
                <span className="truncate">{name}</span>
              </label>
            ))}
          </div>
        </fieldset>
      )}
    </FormDialog>
  );
}
