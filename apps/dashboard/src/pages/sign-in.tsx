import { useSuspenseQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { sessionQuery } from '../session/session.ts';
import { Or, PasswordForm, ProviderButton } from '../session/sign-in-forms.tsx';
import { Brand } from '../shell/brand.tsx';

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
          {offers.oidc && offers.password && <Or />}
          {offers.password && <PasswordForm onSignedIn={() => window.location.assign(goOn)} />}
        </div>
      </div>
      <a href="/docs" className="text-ink-soft text-sm underline-offset-4 hover:underline">
        API reference
      </a>
    </main>
  );
}
