import { useSuspenseQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { api, failureText } from '../api/client.ts';
import { sessionQuery } from '../session/session.ts';
import { Brand } from '../shell/brand.tsx';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';

/** Where one may go on; the gateway has the same rule. */
const NEXT =
  /^\/(?:(?:videos|library|teams|keys|webhooks|upstreams|audit|settings)(?:\/[\w-]+)*)?(?:\?[\w=&.,:%+-]*)?$/;

/** What the identity provider's answer can end with, in words; anything else gets the last. */
const FAILURES: Readonly<Record<string, string>> = {
  access_denied: 'The sign-in was cancelled.',
  user_disabled: 'This account is disabled. Ask an administrator.',
  state_mismatch: 'The sign-in took too long or was begun in another browser. Try again.',
  please_restart_the_process: 'The sign-in took too long. Try again.',
};

export default function SignIn() {
  const { next, error, expired } = useSearch({ from: '/sign-in' });
  const { sign_in: offers, session } = useSuspenseQuery(sessionQuery).data;
  const goOn = next !== undefined && NEXT.test(next) ? next : '/';
  if (session) window.location.replace(goOn);
  const notice = error
    ? (FAILURES[error] ?? 'The sign-in did not succeed. Try again, or ask an administrator.')
    : expired
      ? 'Your session has ended. Sign in to go on.'
      : null;
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center gap-6 p-4">
      <Brand />
      <div className="w-full max-w-sm rounded-lg border bg-panel p-6">
        <h1 className="mb-4 font-semibold text-lg">Sign in</h1>
        {notice && (
          <p
            role={error ? 'alert' : 'status'}
            className="mb-4 rounded-md bg-warn-soft px-3 py-2 text-sm text-warn"
          >
            {notice}
          </p>
        )}
        <div className="space-y-4">
          {offers.oidc && <ProviderButton name={offers.oidc.name} next={goOn} />}
          {offers.oidc && offers.password && (
            <div aria-hidden className="flex items-center gap-3 text-ink-faint text-xs">
              <span className="h-px flex-1 bg-line" /> or <span className="h-px flex-1 bg-line" />
            </div>
          )}
          {offers.password && <PasswordForm next={goOn} />}
        </div>
      </div>
      <a href="/docs" className="text-ink-soft text-sm underline-offset-4 hover:underline">
        API reference
      </a>
    </main>
  );
}

function ProviderButton({ name, next }: { name: string; next: string }) {
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const begin = () => {
    setBusy(true);
    api
      .post<{ url: string }>('/auth/oidc', { next })
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

function PasswordForm({ next }: { next: string }) {
  const { register, handleSubmit, formState, setError } = useForm<{ email: string; password: string }>();
  const submit = handleSubmit(async (credentials) => {
    try {
      await api.post('/auth/sign-in', credentials);
      window.location.assign(next);
    } catch (error) {
      setError('root', {
        message: failureText(error),
      });
    }
  });
  return (
    <form className="space-y-3" onSubmit={(event) => void submit(event)} noValidate>
      <TextField
        label="E-mail"
        type="email"
        autoComplete="username"
        required
        {...register('email', { required: 'Your e-mail address' })}
        error={formState.errors.email?.message}
      />
      <TextField
        label="Password"
        type="password"
        autoComplete="current-password"
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
