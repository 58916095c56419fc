import { clsx } from 'clsx';
import type { ComponentProps, ReactNode } from 'react';

const LOOKS = {
  primary: 'bg-accent-ground text-white hover:bg-accent-hover border-transparent',
  secondary: 'bg-panel text-ink border-line-strong hover:bg-sunken',
  ghost: 'bg-transparent text-ink-soft border-transparent hover:bg-sunken hover:text-ink',
  danger: 'bg-bad-ground text-white border-transparent hover:opacity-90',
} as const;

export type ButtonLook = keyof typeof LOOKS;

/** Classes of a button, for links that look like one. */
export function buttonClass(look: ButtonLook = 'secondary', small = false): string {
  return clsx(
    'inline-flex shrink-0 items-center justify-center gap-1.5 whitespace-nowrap rounded-md border font-medium transition-colors disabled:opacity-50',
    small ? 'h-7 px-2 text-xs' : 'h-8 px-3 text-sm',
    LOOKS[look],
  );
}

export function Button({
  look = 'secondary',
  small = false,
  busy = false,
  className,
  children,
  ...rest
}: ComponentProps<'button'> & { look?: ButtonLook; small?: boolean; busy?: boolean; children: ReactNode }) {
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled || busy}
      aria-busy={busy || undefined}
      className={clsx(buttonClass(look, small), className)}
    >
      {children}
    </button>
  );
}

/** A button that is an icon; its label is read aloud and shown on hover. */
export function IconButton({
  label,
  className,
  children,
  ...rest
}: ComponentProps<'button'> & { label: string; children: ReactNode }) {
  return (
    <button
      type="button"
      title={label}
      aria-label={label}
      {...rest}
      className={clsx(
        'inline-flex size-8 shrink-0 items-center justify-center rounded-md text-ink-soft transition-colors hover:bg-sunken hover:text-ink disabled:opacity-50',
        className,
      )}
    >
      {children}
    </button>
  );
}
