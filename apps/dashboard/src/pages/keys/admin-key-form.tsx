import type { AdminKey } from '@reelgate/contract/admin';
import { useForm } from 'react-hook-form';
import { type AnswerOf, admin, useChange } from '../../api/admin.ts';
import { SelectField, TextField } from '../../ui/field.tsx';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { TeamSelect } from '../../ui/team-select.tsx';

type Created = AnswerOf<'post', '/admin-keys'>;

interface Form {
  readonly name: string;
  readonly role: AdminKey['role'];
  readonly team: string;
}

/** Makes a key for programs that call the Admin API. */
export function AdminKeyForm({
  onClose,
  onCreated,
}: {
  onClose: () => void;
  onCreated: (created: Created) => void;
}) {
  const form = useForm<Form>({
    defaultValues: { name: '', role: 'admin', team: '' },
  });
  const create = useChange(
    ({ name, role, team }: Form) =>
      admin.post('/admin-keys', {
        body: { name: name.trim(), role, team_ids: role === 'admin' || !team ? [] : [team] },
      }),
    { quiet: true, onDone: onCreated },
  );
  const {
    register,
    watch,
    formState: { errors },
  } = form;
  return (
    <FormDialog
      form={form}
      title="New key of the Admin API"
      action="Make the key"
      onSubmit={create.mutateAsync}
      onClose={onClose}
    >
      <TextField
        label="Name"
        placeholder="terraform"
        autoFocus
        {...register('name', { validate: (text) => text.trim() !== '' || 'What it is for' })}
        error={errors.name?.message}
      />
      <SelectField label="Role" {...register('role')}>
        <option value="admin">admin: everything</option>
        <option value="manager">manager: changes one team</option>
        <option value="member">member: reads one team</option>
      </SelectField>
      {watch('role') !== 'admin' && (
        <TeamSelect {...register('team', { required: 'Which team' })} error={errors.team?.message} />
      )}
    </FormDialog>
  );
}
