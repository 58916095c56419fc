import { useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import { clsx } from 'clsx';
import {
  ChevronsUpDown,
  Eye,
  EyeOff,
  Keyboard,
  LogOut,
  Menu as MenuIcon,
  Monitor,
  Moon,
  Search,
  Settings,
  Sun,
  X,
} from 'lucide-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { api, onSignedOut } from '../api/client.ts';
import { setPreferences, usePreferences } from '../preferences/preferences.ts';
import { type Session, sessionQuery, useSession } from '../session/session.ts';
import { SignInAgain } from '../session/sign-in-again.tsx';
import { Badge } from '../ui/badge.tsx';
import { IconButton } from '../ui/button.tsx';
import { Menu, MenuItem, MenuLabel, MenuSeparator } from '../ui/overlay.tsx';
import { tellFailed } from '../ui/toast.tsx';
import { Brand } from './brand.tsx';
import { destinationsOf } from './navigation.ts';
import { ShortcutHelp } from './shortcut-help.tsx';
import { TimeRange } from './time-range.tsx';
import { useShortcuts } from './use-shortcuts.ts';

const CommandPalette = lazy(() => import('./command-palette.tsx'));

/** What is around every page. */
export function Shell() {
  const session = useSession();
  const { hidePrompts } = usePreferences();
  const [open, setOpen] = useState<'palette' | 'help' | 'navigation' | null>(null);
  const close = () => setOpen(null);
  useShortcuts(session, { onPalette: () => setOpen('palette'), onHelp: () => setOpen('help') });
  useSignInAgain();
  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[13.5rem_minmax(0,1fr)]">
      <SignInAgain />
      <a
        href="#content"
        className="sr-only z-60 rounded-md bg-raised px-3 py-2 focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to content
      </a>
      <aside
        className={clsx(
          'border-r bg-sunken max-lg:fixed max-lg:inset-y-0 max-lg:left-0 max-lg:z-40 max-lg:w-64 max-lg:shadow-float',
          open !== 'navigation' && 'max-lg:hidden',
        )}
      >
        <div className="flex h-full flex-col gap-4 p-3 lg:sticky lg:top-0 lg:h-dvh">
          <div className="flex items-center px-1.5 pt-1">
            <Link to="/" className="rounded-md" onClick={close} aria-label="Reelgate, to the overview">
              <Brand />
            </Link>
            <IconButton label="Close navigation" className="ml-auto lg:hidden" onClick={close}>
              <X className="size-4" />
            </IconButton>
          </div>
          <button
            type="button"
            onClick={() => setOpen('palette')}
            className="flex h-8 items-center gap-2 rounded-md border border-line-strong bg-panel px-2.5 text-ink-faint text-sm hover:text-ink"
          >
            <Search aria-hidden className="size-3.5" />
            Go to…
            <kbd className="ml-auto font-sans text-2xs">Ctrl K</kbd>
          </button>
          <nav aria-label="Pages" className="flex flex-col gap-0.5">
            {destinationsOf(session).map(({ to, label, icon: Icon }) => (
              <Link
                key={to}
                to={to}
                onClick={close}
                activeOptions={{ exact: to === '/', includeSearch: false }}
                className="flex h-8 items-center gap-2.5 rounded-md px-2.5 text-ink-soft text-sm hover:bg-line hover:text-ink data-[status=active]:bg-panel data-[status=active]:font-medium data-[status=active]:text-ink data-[status=active]:shadow-[0_0_0_1px_var(--line)]"
              >
                <Icon aria-hidden className="size-4" strokeWidth={1.75} />
                {label}
              </Link>
            ))}
          </nav>
          <div className="mt-auto">
            <Account session={session} onHelp={() => setOpen('help')} />
          </div>
        </div>
      </aside>
      {open === 'navigation' && (
        <button
          type="button"
          aria-label="Close navigation"
          className="fixed inset-0 z-30 bg-shade lg:hidden"
          onClick={close}
        />
      )}
      <div className="min-w-0">
        <header className="sticky top-0 z-20 flex h-12 items-center gap-2 border-b bg-ground/95 px-3 backdrop-blur lg:px-6">
          <IconButton label="Open navigation" className="lg:hidden" onClick={() => setOpen('navigation')}>
            <MenuIcon className="size-4.5" />
          </IconButton>
          <Scope session={session} />
          <div className="ml-auto flex items-center gap-2">
            {hidePrompts && <Badge icon={EyeOff}>Prompts hidden</Badge>}
            <TimeRange />
          </div>
        </header>
        <main id="content" tabIndex={-1} className="mx-auto max-w-[88rem] px-3 py-5 outline-none lg:px-6">
          <Outlet />
        </main>
      </div>
      {open === 'palette' && (
        <Suspense>
          <CommandPalette session={session} onClose={close} onHelp={() => setOpen('help')} />
        </Suspense>
      )}
      <ShortcutHelp open={open === 'help'} onOpenChange={(shown) => setOpen(shown ? 'help' : null)} />
    </div>
  );
}

function Scope({ session }: { session: Session }) {
  const text =
    session.role === 'admin'
      ? 'All teams'
      : session.teams.map(({ name }) => name).join(', ') || 'No team yet';
  return <p className="truncate text-ink-soft text-sm max-sm:hidden">{text}</p>;
}

function Account({ session, onHelp }: { session: Session; onHelp: () => void }) {
  const navigate = useNavigate();
  const { theme, hidePrompts } = usePreferences();
  const signOut = () =>
    api
      .post('/auth/sign-out')
      .then(() => window.location.assign('/sign-in'))
      .catch(tellFailed);
  return (
    <Menu
      trigger={
        <button
          type="button"
          className="flex w-full items-center gap-2.5 rounded-md px-1.5 py-1.5 text-left hover:bg-line"
        >
          <span
            aria-hidden
            className="flex size-7 shrink-0 items-center justify-center rounded-full bg-accent-soft font-semibold text-accent text-xs"
          >
            {session.user.name.slice(0, 1).toUpperCase()}
          </span>
          <span className="min-w-0 flex-1">
            <span className="sr-only">Account of </span>
            <span className="block truncate font-medium text-sm">{session.user.name}</span>
            <span className="block truncate text-ink-faint text-xs">{session.role}</span>
          </span>
          <ChevronsUpDown aria-hidden className="size-3.5 text-ink-faint" />
        </button>
      }
    >
      <MenuLabel>{session.user.email}</MenuLabel>
      <MenuItem onSelect={() => void navigate({ to: '/settings' })}>
        <Settings className="size-4" /> Settings
      </MenuItem>
      <MenuItem onSelect={() => setPreferences({ hidePrompts: !hidePrompts })}>
        {hidePrompts ? <Eye className="size-4" /> : <EyeOff className="size-4" />}
        {hidePrompts ? 'Show prompts' : 'Hide prompts'}
      </MenuItem>
      <MenuItem onSelect={onHelp}>
        <Keyboard className="size-4" /> Keyboard
      </MenuItem>
      <MenuSeparator />
      {(
        [
          ['system', Monitor, 'As the system'],
          ['light', Sun, 'Light'],
          ['dark', Moon, 'Dark'],
        ] as const
      ).map(([name, Icon, label]) => (
        <MenuItem key={name} onSelect={() => setPreferences({ theme: name })}>
          <Icon className="size-4" /> {label}
          {theme === name && <span className="ml-auto text-ink-faint text-xs">on</span>}
        </MenuItem>
      ))}
      <MenuSeparator />
      <MenuItem onSelect={() => void signOut()}>
        <LogOut className="size-4" /> Sign out
      </MenuItem>
    </Menu>
  );
}

/** A session that has ended leads to the sign-in page, and from there back to this page. */
function useSignInAgain(): void {
  const client = useQueryClient();
  useEffect(
    () =>
      onSignedOut(() => {
        const { pathname, search } = window.location;
        client.removeQueries({ queryKey: sessionQuery.queryKey });
        window.location.assign(`/sign-in?expired=true&next=${encodeURIComponent(pathname + search)}`);
      }),
    [client],
  );
}
