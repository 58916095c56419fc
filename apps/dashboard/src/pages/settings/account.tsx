import { useForm } from 'react-hook-form';
import { ApiFailure, api } from '../../api/client.ts';
import { setPreferences, usePreferences } from '../../preferences/preferences.ts';
import { useSession } from '../../session/session.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { SelectField, Switch, TextField } from '../../ui/field.tsx';
import { formatDateTime } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';
import { tellDone, tellFailed } from '../../ui/toast.tsx';

export function Account() {
  const session = useSession();
  const { theme, hidePrompts } = usePreferences();
  const signOutEverywhere = () =>
    api
      .post('/auth/sign-out-everywhere')
      .then(() => window.location.assign('/sign-in'))
      .catch(tellFailed);
  return (
    <div className="grid grid-cols-1 gap-3 lg:grid-cols-2">
      <Panel title="You">
        <dl className="grid grid-cols-[6rem_1fr] gap-y-2 text-sm">
          <dt className="text-ink-faint">Name</dt>
          <dd>{session.user.name}</dd>
          <dt className="text-ink-faint">E-mail</dt>
          <dd className="break-all">{session.user.email}</dd>
          <dt className="text-ink-faint">Role</dt>
          <dd>
            <Badge tone="accent">{session.role}</Badge>
          </dd>
          <dt className="text-ink-faint">Teams</dt>
          <dd>
            {session.role === 'admin'
              ? 'all'
              : session.teams.map(({ name }) => name).join(', ') || 'none yet'}
          </dd>
          <dt className="text-ink-faint">Session</dt>
          <dd>ends {formatDateTime(session.expires_at)}, or after an hour without use</dd>
        </dl>
        <Button className="mt-4" onClick={() => void signOutEverywhere()}>
          Sign out everywhere
        </Button>
      </Panel>
      <Panel title="This device">
        <div className="space-y-4">
          <SelectField
            label="Appearance"
            value={theme}
            onChange={(event) => setPreferences({ theme: event.target.value as typeof theme })}
          >
            <option value="system">As the system</option>
            <option value="light">Light</option>
            <option value="dark">Dark</option>
          </SelectField>
          <Switch
            label="Hide prompts, for sharing the screen"
            checked={hidePrompts}
            onCheckedChange={(checked) => setPreferences({ hidePrompts: checked })}
          />
        </div>
      </Panel>
      <PasswordPanel />
    </div>
  );
}

interface PasswordForm {
  readonly current_password: string;
  readonly new_password: string;
}

function PasswordPanel() {
  const session = useSession();
  const { register, handleSubmit, formState, setError, reset } = useForm<PasswordForm>();
  const submit = handleSubmit(async (form) => {
    try {
      await api.post('/auth/password', form);
      reset();
      tellDone('Your password is changed. Other browsers are signed out.');
    } catch (error) {
      const failure = error instanceof ApiFailure ? error : null;
      setError(failure?.param === 'current_password' ? 'current_password' : 'root', {
        message: failure?.message ?? 'The gateway cannot be reached.',
      });
    }
  });
  return (
    <Panel title="Password" note="For those who sign in with one">
      <form className="space-y-3" onSubmit={(event) => void submit(event)}>
        <input type="hidden" autoComplete="username" value={session.user.email} readOnly />
        <TextField
          label="Current password"
          type="password"
          autoComplete="current-password"
          {...register('current_password', { required: 'Your password until now' })}
          error={formState.errors.current_password?.message}
        />
        <TextField
          label="New password"
          type="password"
          autoComplete="new-password"
          hint="At least 12 characters"
          {...register('new_password', { minLength: { value: 12, message: 'At least 12 characters' } })}
          error={formState.errors.new_password?.message}
        />
        {formState.errors.root && (
          <p role="alert" className="text-bad text-sm">
            {formState.errors.root.message}
          </p>
        )}
        <Button type="submit" busy={formState.isSubmitting}>
          Change the password
        </Button>
      </form>
    </Panel>
  );
}
