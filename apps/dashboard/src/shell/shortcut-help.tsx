import { useSession } from '../session/session.ts';
import { Dialog } from '../ui/overlay.tsx';
import { destinationsOf } from './navigation.ts';

export function ShortcutHelp({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const session = useSession();
  const keys = [
    ['Ctrl K', 'Go anywhere: paste an id, type a name'],
    ['/', 'Search this page'],
    ['j, k', 'Next row, previous row'],
    ['Enter', 'Open the row'],
    ['Esc', 'Close'],
    ['?', 'This list'],
    ...destinationsOf(session).map(({ key, label }) => [`g ${key}`, label] as const),
  ] as const;
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Keyboard">
      <dl className="grid grid-cols-[6rem_1fr] gap-y-2 text-sm">
        {keys.map(([key, what]) => (
          <div key={key} className="contents">
            <dt>
              {key.split(' ').map((part) => (
                <kbd
                  key={part}
                  className="mr-1 rounded border border-line-strong bg-sunken px-1.5 py-0.5 font-sans text-xs"
                >
                  {part}
                </kbd>
              ))}
            </dt>
            <dd className="text-ink-soft">{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
