import { clsx } from 'clsx';
import { AlertTriangle, RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiFailure } from '../api/client.ts';
import { Button } from './button.tsx';
import { CodeBlock } from './copy.tsx';

/** Grey bars in the place of what is being fetched. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={clsx('skeleton h-4', className)} />;
}

export function SkeletonRows({ rows = 6 }: { rows?: number }) {
  return (
    <div role="status" aria-label="Loading" className="space-y-3 p-4">
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bars without identity
        <div key={index} className="flex gap-4">
          <Skeleton className="w-1/4" />
          <Skeleton className="w-1/6" />
          <Skeleton className="flex-1" />
          <Skeleton className="w-16" />
        </div>
      ))}
    </div>
  );
}

/** Nothing there yet: what would be, and the line that makes the first. */
export function EmptyState({
  title,
  children,
  code,
  action,
  small = false,
}: {
  title: string;
  children?: ReactNode;
  code?: string;
  action?: ReactNode;
  /** Beside other things, where it should not be what one sees first. */
  small?: boolean;
}) {
  return (
    <div
      className={clsx(
        'mx-auto flex max-w-xl flex-col items-center px-4 text-center',
        small ? 'gap-1 pt-2 pb-5' : 'gap-3 py-10',
      )}
    >
      <p className={clsx('font-medium', small && 'text-sm')}>{title}</p>
      {children && <div className="text-ink-soft text-sm">{children}</div>}
      {code && <CodeBlock code={code} />}
      {action}
    </div>
  );
}

/** What went wrong in the API's own words, with the id that finds it in the log. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const failure = error instanceof ApiFailure ? error : null;
  return (
    <div role="alert" className="m-4 flex items-start gap-3 rounded-md bg-bad-soft p-3 text-bad text-sm">
      <AlertTriangle aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0">
        <p className="break-words">{failure?.message ?? 'The gateway cannot be reached.'}</p>
        {failure?.requestId && <p className="font-mono text-2xs">{failure.requestId}</p>}
      </div>
      {onRetry && (
        <Button small className="ml-auto" onClick={onRetry}>
          <RotateCw aria-hidden className="size-3" /> Try again
        </Button>
      )}
    </div>
  );
}
