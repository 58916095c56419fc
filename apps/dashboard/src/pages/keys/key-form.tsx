import type { ApiKey } from '@reelgate/contract/admin';
import { SCOPES, type Scope } from '@reelgate/contract/scopes';
import { useForm } from 'react-hook-form';
import { type AnswerOf, admin, useAdmin, useChange } from '../../api/admin.ts';
import { SelectField, TextField } from '../../ui/field.tsx';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { TeamSelect } from '../../ui/team-select.tsx';

interface Form {
  readonly team_id: string;
  readonly name: string;
  readonly kind: ApiKey['kind'];
  readonly scopes: readonly Scope[];
  readonly models: string;
  readonly requests_per_minute: string;
  readonly expires: string;
}

/** What both forms send, as the API takes it. */
function settingsOf(form: Form) {
  const models = form.models
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  return {
    name: form.name.trim(),
    scopes: [...form.scopes],
    allowed_models: models.length > 0 ? models : null,
    requests_per_minute: form.requests_per_minute ? Number(form.requests_per_minute) : null,
    expires_at: form.expires ? new Date(`${form.expires}T23:59:59`).toISOString() : null,
  };
}

/** Makes a key, or changes one. */
export function KeyForm({
  apiKey,
  teamId,
  onClose,
  onCreated,
}: {
  apiKey?: ApiKey;
  teamId?: string | undefined;
  onClose: () => void;
  onCreated?: (created: AnswerOf<'post', '/keys'>) => void;
}) {
  const models = useAdmin('/models');
  const form = useForm<Form>({
    defaultValues: {
      team_id: apiKey?.team.id ?? teamId ?? '',
      name: apiKey?.name ?? '',
      kind: apiKey?.kind ?? 'live',
      scopes: apiKey?.scopes ?? (Object.keys(SCOPES) as Scope[]),
      models: apiKey?.allowed_models?.join(', ') ?? '',
      requests_per_minute: apiKey?.requests_per_minute?.toString() ?? '',
      expires: apiKey?.expires_at?.slice(0, 10) ?? '',
    },
  });
  const create = useChange(
    (form: Form) =>
      admin.post('/keys', { body: { team_id: form.team_id, kind: form.kind, ...settingsOf(form) } }),
    { quiet: true, onDone: (created) => onCreated?.(created) },
  );
  const update = useChange(
    (form: Form) =>
      admin.patch('/keys/{key_id}', {
        params: { key_id: apiKey?.id ?? '' },
        body: { ...settingsOf(form), ...(apiKey && { version: apiKey.version }) },
      }),
    {
      quiet: true,
      done: ({ name }) => `Changed ${name}.`,
      undo: (changed) =>
        apiKey
          ? () =>
              admin.patch('/keys/{key_id}', {
                params: { key_id: apiKey.id },
                body: {
                  name: apiKey.name,
                  scopes: apiKey.scopes,
                  allowed_models: apiKey.allowed_models,
                  requests_per_minute: apiKey.requests_per_minute,
                  expires_at: apiKey.expires_at,
                  version: changed.version,
                },
              })
          : null,
      onDone: onClose,
    },
  );
  const {
    register,
    formState: { errors },
  } = form;
  return (
    <FormDialog
      form={form}
      title={apiKey ? `Change ${apiKey.name}` : 'New API key'}
      description={
        apiKey ? 'Holds on every gateway within seconds.' : 'Its secret is shown once, right after this.'
      }
      action={apiKey ? 'Save' : 'Make the key'}
      onSubmit={(apiKey ? update : create).mutateAsync}
      onClose={onClose}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        {!apiKey && (
          <TeamSelect
            managed
            {...register('team_id', { required: 'Whose key it is' })}
            error={errors.team_id?.message}
          />
        )}
        <TextField
          label="Name"
          maxLength={100}
          placeholder="render farm"
          {...register('name', { validate: (text) => text.trim() !== '' || 'What it is for' })}
          error={errors.name?.message}
        />
        {!apiKey && (
          <SelectField
            label="Kind"
            hint="A test key reaches the simulator, at no price."
            {...register('kind')}
          >
            <option value="live">Live</option>
            <option value="test">Test</option>
          </SelectField>
        )}
        <TextField label="Expires" type="date" hint="Empty: never" {...register('expires')} />
        <TextField
          label="Requests a minute"
          inputMode="numeric"
          placeholder="no limit"
          {...register('requests_per_minute', {
            pattern: { value: /^[1-9]\d{0,6}$/, message: 'A whole number' },
          })}
          error={errors.requests_per_minute?.message}
        />
        <TextField
          label="Models"
          list="models"
          placeholder="all"
          hint="Separated by commas"
          {...register('models')}
        />
        <datalist id="models">
          {models.data?.data.map(({ id }) => (
            <option key={id} value={id} />
          ))}
        </datalist>
      </div>
      <fieldset>
        <legend className="mb-1 font-medium text-sm">Scopes</legend>
        <div className="grid gap-x-4 gap-y-1.5 sm:grid-cols-2">
          {Object.entries(SCOPES).map(([name, label]) => (
            <label key={name} className="flex items-start gap-2 text-sm">
              <input
                type="checkbox"
                value={name}
                className="mt-1 accent-(--accent-ground)"
                {...register('scopes', { validate: (chosen) => chosen.length > 0 || 'At least one' })}
              />
              <span>
                {label} <code className="font-mono text-ink-faint text-xs">{name}</code>
              </span>
            </label>
          ))}
        </div>
        {errors.scopes && <p className="mt-1 text-bad text-xs">{errors.scopes.message}</p>}
      </fieldset>
    </FormDialog>
  );
}
