import { useNavigate } from '@tanstack/react-router';
import { Bookmark, X } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { Popover } from '../../ui/overlay.tsx';

interface View {
  readonly name: string;
  /** The search part of the URL: the URL is the state, so this is all there is to keep. */
  readonly search: string;
}

const KEY = 'reelgate.video-views';

function read(): readonly View[] {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '[]') as View[];
  } catch {
    return [];
  }
}

/** Filters by a name, kept on this device; a URL is what others are given. */
export function SavedViews() {
  const navigate = useNavigate();
  const [views, setViews] = useState(read);
  const keep = (next: readonly View[]) => {
    localStorage.setItem(KEY, JSON.stringify(next));
    setViews(next);
  };
  return (
    <Popover
      label="Views"
      trigger={
        <Button>
          <Bookmark aria-hidden className="size-3.5" /> Views
        </Button>
      }
    >
      {views.length > 0 && (
        <ul className="mb-3">
          {views.map((view) => (
            <li key={view.name} className="flex items-center">
              <button
                type="button"
                className="min-w-0 flex-1 truncate rounded px-2 py-1.5 text-left text-sm hover:bg-sunken"
                onClick={() => void navigate({ to: `/videos${view.search}` as '/videos' })}
              >
                {view.name}
              </button>
              <IconButton
                label={`Forget ${view.name}`}
                onClick={() => keep(views.filter(({ name }) => name !== view.name))}
              >
                <X className="size-3.5" />
              </IconButton>
            </li>
          ))}
        </ul>
      )}
      <form
        className="flex items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          const name = String(new FormData(event.currentTarget).get('name') ?? '').trim();
          if (!name) return;
          keep([...views.filter((view) => view.name !== name), { name, search: window.location.search }]);
          event.currentTarget.reset();
        }}
      >
        <TextField label="Keep what is shown as" name="name" maxLength={40} className="flex-1" />
        <Button type="submit">Keep</Button>
      </form>
    </Popover>
  );
}
