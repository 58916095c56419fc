import { clsx } from 'clsx';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

const TONES = {
  plain: 'bg-sunken text-ink-soft',
  good: 'bg-good-soft text-good',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
  info: 'bg-info-soft text-info',
  accent: 'bg-accent-soft text-accent',
} as const;

export type Tone = keyof typeof TONES;

/** A state in a word, with an icon where it matters, so that it never rests on colour alone. */
export function Badge({
  tone = 'plain',
  icon: Icon,
  children,
  title,
}: {
  tone?: Tone | undefined;
  icon?: LucideIcon | undefined;
  children: ReactNode;
  title?: string | undefined;
}) {
  return (
    <span
      title={title}
      className={clsx(
        'inline-flex items-center gap-1 whitespace-nowrap rounded px-1.5 py-0.5 font-medium text-xs',
        TONES[tone],
      )}
    >
      {Icon && <Icon aria-hidden className="size-3" strokeWidth={2.25} />}
      {children}
    </span>
  );
}
