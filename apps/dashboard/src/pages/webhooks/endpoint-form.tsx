import type { AdminEndpoint } from '@reelgate/contract/admin';
import { DEFAULT_EVENT_TYPES, EVENT_TYPES } from '@reelgate/contract/event-types';
import { useForm } from 'react-hook-form';
import { type AnswerOf, admin, useChange } from '../../api/admin.ts';
import { SelectField, TextField } from '../../ui/field.tsx';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { TeamSelect } from '../../ui/team-select.tsx';

interface Form {
  readonly team_id: string;
  readonly name: string;
  readonly url: string;
  readonly kind: AdminEndpoint['kind'];
  readonly event_types: readonly string[];
}

/** Registers an endpoint, or changes one. */
export function EndpointForm({
  endpoint,
  teamId,
  onClose,
  onCreated,
}: {
  endpoint?: AdminEndpoint;
  teamId?: string | undefined;
  onClose: () => void;
  onCreated?: (created: AnswerOf<'post', '/webhook-endpoints'>) => void;
}) {
  const form = useForm<Form>({
    defaultValues: {
      team_id: endpoint?.team.id ?? teamId ?? '',
      name: endpoint?.name ?? '',
      url: endpoint?.url ?? '',
      kind: endpoint?.kind ?? 'standard',
      event_types: endpoint?.event_types ?? [...DEFAULT_EVENT_TYPES],
    },
  });
  const create = useChange(
    ({ team_id, kind, ...form }: Form) =>
      admin.post('/webhook-endpoints', {
        body: { team_id, kind: kind === 'slack' ? 'slack' : 'standard', ...settingsOf(form) },
      }),
    { quiet: true, onDone: (created) => onCreated?.(created) },
  );
  const update = useChange(
    (form: Form) =>
      admin.patch('/webhook-endpoints/{endpoint_id}', {
        params: { endpoint_id: endpoint?.id ?? '' },
        body: { ...settingsOf(form), ...(endpoint && { version: endpoint.version }) },
      }),
    { quiet: true, done: () => 'The endpoint is changed.', onDone: onClose },
  );
  const {
    register,
    formState: { errors },
  } = form;
  return (
    <FormDialog
      form={form}
      title={endpoint ? 'Change the endpoint' : 'New webhook endpoint'}
      description={endpoint ? endpoint.url : 'Its signing secret is shown once, right after this.'}
      action={endpoint ? 'Save' : 'Register it'}
      onSubmit={(endpoint ? update : create).mutateAsync}
      onClose={onClose}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        {!endpoint && (
          <>
            <TeamSelect
              managed
              {...register('team_id', { required: 'Whose endpoint it is' })}
              error={errors.team_id?.message}
            />
            <SelectField label="Kind" {...register('kind')}>
              <option value="standard">Signed webhook</option>
              <option value="slack">Slack message</option>
            </SelectField>
          </>
        )}
        <TextField
          label="Name"
          maxLength={100}
          placeholder="production"
          className="sm:col-span-2"
          {...register('name')}
        />
        <TextField
          label="URL"
          type="url"
          placeholder="https://films.example.com/hooks"
          className="sm:col-span-2"
          {...register('url', { required: 'Where to post' })}
          error={errors.url?.message}
        />
      </div>
      <fieldset>
        <legend className="mb-1 font-medium text-sm">Events</legend>
        <div className="grid gap-x-4 gap-y-1.5 sm:grid-cols-2">
          {EVENT_TYPES.map((type) => (
            <label key={type} className="flex items-start gap-2 text-sm">
              <input
                type="checkbox"
                value={type}
                className="mt-1 accent-(--accent-ground)"
                {...register('event_types', { validate: (chosen) => chosen.length > 0 || 'At least one' })}
              />
              <code className="font-mono text-xs leading-5">{type}</code>
            </label>
          ))}
        </div>
        {errors.event_types && <p className="mt-1 text-bad text-xs">{errors.event_types.message}</p>}
      </fieldset>
    </FormDialog>
  );
}

function settingsOf({ name, url, event_types }: Pick<Form, 'name' | 'url' | 'event_types'>) {
  return { name: name.trim() || null, url: url.trim(), event_types: [...event_types] };
}
