import { useSyncExternalStore } from 'react';

/** What a person chose on this device: looks, never data. */
export interface Preferences {
  readonly theme: 'system' | 'light' | 'dark';
  /** Prompts are blurred, for sharing the screen. */
  readonly hidePrompts: boolean;
}

const KEY = 'reelgate.preferences';
const DEFAULTS: Preferences = { theme: 'system', hidePrompts: false };

let current: Preferences = read();
const listeners = new Set<() => void>();

function read(): Preferences {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Preferences>) };
  } catch {
    return DEFAULTS;
  }
}

export function setPreferences(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  localStorage.setItem(KEY, JSON.stringify(current));
  applyPreferences();
  for (const tell of listeners) tell();
}

/** Puts them on the document; before the first paint as well. */
export function applyPreferences(): void {
  const { classList, dataset } = document.documentElement;
  if (current.theme === 'system') delete dataset.theme;
  else dataset.theme = current.theme;
  classList.toggle('prompts-hidden', current.hidePrompts);
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}
