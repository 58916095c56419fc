import { clsx } from 'clsx';

export interface QuotaBarProps {
  readonly used: number;
  readonly reserved: number;
  /** Null: it only counts. */
  readonly limit: number | null;
  /** What will have been used at the end of the window, as it looks now. */
  readonly forecast?: number | null;
  /** What the bar shows, in words: for those who cannot see it. */
  readonly label: string;
  readonly tall?: boolean;
}

/** Used, then reserved (hatched), then what is left; a tick where the forecast is. Over 80 % it turns amber, at the limit red. */
export function QuotaBar({ used, reserved, limit, forecast, label, tall = false }: QuotaBarProps) {
  const whole = limit ?? Math.max(used + reserved, forecast ?? 0, 1);
  const percent = (amount: number) => `${whole > 0 ? Math.min(100, (amount / whole) * 100) : 100}%`;
  const share = limit === null ? 0 : limit > 0 ? (used + reserved) / limit : 1;
  const colour = share >= 1 ? 'var(--bad)' : share >= 0.8 ? 'var(--warn-mark)' : 'var(--accent)';
  return (
    <div
      role="img"
      aria-label={label}
      title={label}
      className={clsx('relative w-full', tall ? 'h-3' : 'h-1.5')}
    >
      <div className="flex size-full overflow-hidden rounded-full bg-line">
        <div style={{ width: percent(used), background: colour }} />
        <div
          className="hatched"
          style={{ width: percent(reserved), '--hatch': colour } as React.CSSProperties}
        />
      </div>
      {forecast !== undefined && forecast !== null && limit !== null && (
        <div
          className={clsx(
            'absolute -top-0.5 -bottom-0.5 w-0.5 rounded',
            forecast > whole ? 'bg-bad' : 'bg-ink',
          )}
          style={{ left: `calc(${percent(forecast)} - 1px)` }}
        />
      )}
    </div>
  );
}
