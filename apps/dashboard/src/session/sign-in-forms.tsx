import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { api, failureText } from '../api/client.ts';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';

/** Leaves for the company's provider, which leads back to `next`; `again` makes it ask although it still knows who it is. */
export function ProviderButton({
  name,
  next,
  again = false,
}: {
  name: string;
  next: string;
  again?: boolean;
}) {
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const begin = () => {
    setBusy(true);
    api
      .post<{ url: string }>('/auth/oidc', { next, again })
      .then(({ url }) => window.location.assign(url))
      .catch((error: unknown) => {
        setBusy(false);
        setFailure(failureText(error));
      });
  };
  return (
    <>
      <Button look="secondary" className="w-full" busy={busy} onClick={begin}>
        <KeyRound aria-hidden className="size-3.5" /> Continue with {name}
      </Button>
      {failure && (
        <p role="alert" className="text-bad text-sm">
          {failure}
        </p>
      )}
    </>
  );
}

interface PasswordFormProps {
  /** Whose password; asked for where absent. */
  readonly email?: string;
  readonly onSignedIn: () => void;
}

export function PasswordForm({ email, onSignedIn }: PasswordFormProps) {
  const { register, handleSubmit, formState, setError } = useForm({
    defaultValues: { email: email ?? '', password: '' },
  });
  const submit = handleSubmit(async (credentials) => {
    try {
      await api.post('/auth/sign-in', credentials);
      onSignedIn();
    } catch (error) {
      setError('root', { message: failureText(error) });
    }
  });
  return (
    <form className="space-y-3" onSubmit={(event) => void submit(event)} noValidate>
      <TextField
        label="E-mail"
        type="email"
        autoComplete="username"
        required
        readOnly={email !== undefined}
        {...register('email', { required: 'Your e-mail address' })}
        error={formState.errors.email?.message}
      />
      <TextField
        label="Password"
        type="password"
        autoComplete="current-password"
        autoFocus={email !== undefined}
        required
        {...register('password', { required: 'Your password' })}
        error={formState.errors.password?.message}
      />
      {formState.errors.root && (
        <p role="alert" className="text-bad text-sm">
          {formState.errors.root.message}
        </p>
      )}
      <Button type="submit" look="primary" className="w-full" busy={formState.isSubmitting}>
        Sign in
      </Button>
    </form>
  );
}

/** Between two ways to sign in. */
export function Or() {
  return (
    <div aria-hidden className="flex items-center gap-3 text-ink-faint text-xs">
      <span className="h-px flex-1 bg-line" /> or <span className="h-px flex-1 bg-line" />
    </div>
  );
}
