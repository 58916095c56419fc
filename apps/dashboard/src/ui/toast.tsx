import { CircleAlert, CircleCheck } from 'lucide-react';
import { Toast as Primitive } from 'radix-ui';
import { type ReactNode, useSyncExternalStore } from 'react';
import { ApiFailure } from '../api/client.ts';
import { Button } from './button.tsx';
import { closeDialogInstead } from './open-dialogs.ts';

interface Notice {
  readonly id: number;
  readonly kind: 'done' | 'failed';
  readonly text: string;
  readonly undo?: (() => void) | undefined;
}

let notices: readonly Notice[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function publish(next: readonly Notice[]): void {
  notices = next;
  for (const tell of listeners) tell();
}

/** Says that something is done; with `undo`, for a while it can be taken back. */
export function tellDone(text: string, undo?: () => void): void {
  publish([...notices.slice(-2), { id: ++lastId, kind: 'done', text, undo }]);
}

/** `problem` is a sentence, or what a request was refused with. */
export function tellFailed(problem: unknown): void {
  const text =
    typeof problem === 'string'
      ? problem
      : problem instanceof ApiFailure
        ? problem.message
        : 'The gateway cannot be reached.';
  publish([...notices.slice(-2), { id: ++lastId, kind: 'failed', text }]);
}

export function Toasts({ children }: { children: ReactNode }) {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => notices,
  );
  return (
    <Primitive.Provider duration={7_000} label="Notice">
      {children}
      {shown.map((notice) => (
        <Primitive.Root
          key={notice.id}
          onEscapeKeyDown={closeDialogInstead}
          onOpenChange={(open) => !open && publish(notices.filter(({ id }) => id !== notice.id))}
          className="arrives flex items-center gap-2.5 rounded-lg border bg-raised px-3.5 py-2.5 text-sm shadow-float"
        >
          {notice.kind === 'done' ? (
            <CircleCheck aria-hidden className="size-4 shrink-0 text-good" />
          ) : (
            <CircleAlert aria-hidden className="size-4 shrink-0 text-bad" />
          )}
          <Primitive.Description className="min-w-0 flex-1">{notice.text}</Primitive.Description>
          {notice.undo && (
            <Primitive.Action asChild altText="Undo">
              <Button small onClick={notice.undo}>
                Undo
              </Button>
            </Primitive.Action>
          )}
        </Primitive.Root>
      ))}
      <Primitive.Viewport className="fixed right-4 bottom-4 z-60 flex w-96 max-w-[calc(100vw-2rem)] flex-col gap-2" />
    </Primitive.Provider>
  );
}
