import { useSuspenseQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { onRecentSignInNeeded } from '../api/client.ts';
import { Dialog } from '../ui/overlay.tsx';
import { sessionQuery, useSession } from './session.ts';
import { Or, PasswordForm, ProviderButton } from './sign-in-forms.tsx';

/** Asks for a sign-in when a change needs a recent one, and lets the change go on where it was. */
export function SignInAgain() {
  const { user } = useSession();
  const { sign_in: offers } = useSuspenseQuery(sessionQuery).data;
  const [isAsking, setAsking] = useState(false);
  const answer = useRef<((signedIn: boolean) => void) | null>(null);
  useEffect(
    () =>
      onRecentSignInNeeded(
        () =>
          new Promise((resolve) => {
            answer.current?.(false);
            answer.current = resolve;
            setAsking(true);
          }),
      ),
    [],
  );
  const end = (signedIn: boolean) => {
    setAsking(false);
    answer.current?.(signedIn);
    answer.current = null;
  };
  return (
    <Dialog
      open={isAsking}
      onOpenChange={(open) => !open && end(false)}
      title="Is it still you?"
      description="Secrets and limits need a sign-in of the last 15 minutes."
    >
      <div className="space-y-4">
        {offers.oidc && (
          <>
            <ProviderButton
              name={offers.oidc.name}
              next={window.location.pathname + window.location.search}
              again
            />
            <p className="text-ink-soft text-sm">It leads back to this page; what is not saved is lost.</p>
          </>
        )}
        {offers.oidc && offers.password && <Or />}
        {offers.password && <PasswordForm email={user.email} onSignedIn={() => end(true)} />}
      </div>
    </Dialog>
  );
}
