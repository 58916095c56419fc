import { useNavigate } from '@tanstack/react-router';
import { Command } from 'cmdk';
import { ArrowRight, EyeOff, Keyboard, Moon, Search, Settings, Users } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { useAdmin } from '../api/admin.ts';
import { setPreferences, usePreferences } from '../preferences/preferences.ts';
import type { Session } from '../session/session.ts';
import { destinationsOf } from './navigation.ts';

interface PaletteProps {
  readonly session: Session;
  readonly onClose: () => void;
  readonly onHelp: () => void;
}

/** Where an id leads, by its prefix. */
const PLACES: readonly [prefix: string, path: (id: string) => string][] = [
  ['video_', (id) => `/videos/${id}`],
  ['team_', (id) => `/teams/${id}`],
  ['key_', (id) => `/keys?q=${id}`],
  ['rg_', (prefix) => `/keys?q=${prefix}`],
  ['whe_', (id) => `/webhooks/${id}`],
  ['req_', (id) => `/audit?request_id=${id}`],
];

/** Pages, teams and switches by name; whatever has an id by its id. */
export default function CommandPalette({ session, onClose, onHelp }: PaletteProps) {
  const navigate = useNavigate();
  const { theme, hidePrompts } = usePreferences();
  const [text, setText] = useState('');
  const teams = useAdmin('/teams', { query: { limit: 200 } });
  const id = text.trim();
  const place = PLACES.find(([prefix]) => id.startsWith(prefix) && id.length > prefix.length + 3);
  const run = (action: () => void) => () => {
    onClose();
    action();
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-50 bg-shade" />
        <Dialog.Content
          aria-describedby={undefined}
          className="arrives fixed inset-x-3 top-[12vh] z-50 mx-auto max-w-xl overflow-hidden rounded-lg border bg-raised shadow-float"
        >
          <Dialog.Title className="sr-only">Go to</Dialog.Title>
          {/* Anew when the teams have come, so that the first match is chosen among all of them. */}
          <Command key={teams.data ? 'complete' : 'pages'} label="Go to" loop>
            <div className="flex items-center gap-2.5 border-b px-4">
              <Search aria-hidden className="size-4 text-ink-faint" />
              <Command.Input
                autoFocus
                value={text}
                onValueChange={setText}
                placeholder="Paste an id, or type a page, a team…"
                className="h-12 flex-1 bg-transparent outline-none placeholder:text-ink-faint"
              />
            </div>
            <Command.List className="max-h-[50vh] overflow-y-auto p-1.5">
              <Command.Empty className="px-3 py-6 text-center text-ink-faint text-sm">
                Nothing of that name.
              </Command.Empty>
              {place && (
                <Item
                  value={id}
                  icon={<ArrowRight className="size-4" />}
                  onSelect={run(() => void navigate({ href: place[1](id) }))}
                >
                  Go to <span className="truncate font-mono text-xs">{id}</span>
                </Item>
              )}
              <Group heading="Pages">
                {destinationsOf(session).map(({ to, label, icon: Icon }) => (
                  <Item
                    key={to}
                    icon={<Icon className="size-4" />}
                    onSelect={run(() => void navigate({ to }))}
                  >
                    {label}
                  </Item>
                ))}
                <Item
                  icon={<Settings className="size-4" />}
                  onSelect={run(() => void navigate({ to: '/settings' }))}
                >
                  Settings
                </Item>
              </Group>
              <Group heading="Teams">
                {teams.data?.data.map((team) => (
                  <Item
                    key={team.id}
                    value={`team ${team.name} ${team.id}`}
                    icon={<Users className="size-4" />}
                    onSelect={run(() => void navigate({ to: '/teams/$teamId', params: { teamId: team.id } }))}
                  >
                    {team.name}
                  </Item>
                ))}
              </Group>
              <Group heading="View">
                <Item
                  icon={<EyeOff className="size-4" />}
                  onSelect={run(() => setPreferences({ hidePrompts: !hidePrompts }))}
                >
                  {hidePrompts ? 'Show prompts' : 'Hide prompts'}
                </Item>
                <Item
                  icon={<Moon className="size-4" />}
                  onSelect={run(() => setPreferences({ theme: theme === 'dark' ? 'light' : 'dark' }))}
                >
                  {theme === 'dark' ? 'Light' : 'Dark'}
                </Item>
                <Item icon={<Keyboard className="size-4" />} onSelect={run(onHelp)}>
                  Keyboard shortcuts
                </Item>
              </Group>
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Group({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <Command.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-ink-faint [&_[cmdk-group-heading]]:text-xs"
    >
      {children}
    </Command.Group>
  );
}

function Item({
  value,
  icon,
  onSelect,
  children,
}: {
  value?: string;
  icon: ReactNode;
  onSelect: () => void;
  children: ReactNode;
}) {
  return (
    <Command.Item
      {...(value !== undefined && { value })}
      onSelect={onSelect}
      className="flex h-9 cursor-pointer items-center gap-2.5 rounded-md px-2.5 text-sm data-[selected=true]:bg-accent-soft"
    >
      <span aria-hidden className="text-ink-faint">
        {icon}
      </span>
      {children}
    </Command.Item>
  );
}
