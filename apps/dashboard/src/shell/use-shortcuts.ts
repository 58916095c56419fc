import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import type { Session } from '../session/session.ts';
import { dialogIsOpen, isTyping } from '../ui/data-table.tsx';
import { destinationsOf } from './navigation.ts';

/** How long after `g` the next key may come. */
const SEQUENCE_MS = 1_200;

/** The keys that work on every page; those of a table are its own. */
export function useShortcuts(session: Session, does: { onPalette: () => void; onHelp: () => void }): void {
  const navigate = useNavigate();
  const goUntil = useRef(0);
  const current = useRef(does);
  current.current = does;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key === 'k') {
        event.preventDefault();
        current.current.onPalette();
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event) || dialogIsOpen()) return;
      if (event.timeStamp < goUntil.current) {
        goUntil.current = 0;
        const destination = destinationsOf(session).find(({ key }) => key === event.key);
        if (destination) {
          // Before a table takes `k` for itself.
          event.preventDefault();
          event.stopImmediatePropagation();
          void navigate({ to: destination.to });
        }
      } else if (event.key === 'g') {
        goUntil.current = event.timeStamp + SEQUENCE_MS;
      } else if (event.key === '?') {
        current.current.onHelp();
      } else if (event.key === '/') {
        const search = document.querySelector<HTMLElement>('[data-search]');
        event.preventDefault();
        if (search) search.focus();
        else current.current.onPalette();
      }
    };
    window.addEventListener('keydown', onKey, { capture: true });
    return () => window.removeEventListener('keydown', onKey, { capture: true });
  }, [navigate, session]);
}
