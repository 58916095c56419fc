import type { Quota } from '@reelgate/contract/admin';
import { useQuery } from '@tanstack/react-query';
import { CircleAlert } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { admin, useChange } from '../../api/admin.ts';
import { failureText } from '../../api/client.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { formatDate, formatQuantity, moneyToText, parseMoney } from '../../ui/format.ts';
import { Dialog } from '../../ui/overlay.tsx';
import { QuotaBar } from '../../ui/quota-bar.tsx';
import { amountField } from './amounts.ts';

type Limit = Pick<Quota, 'id' | 'metric' | 'window' | 'hard' | 'version'> & {
  readonly scope: { readonly name: string };
};

/** Changes a limit, and shows before what the change would do. */
export function LimitEditor({ quota, onClose }: { quota: Limit; onClose: () => void }) {
  const isMoney = quota.metric === 'cost';
  const [text, setText] = useState(quota.hard === null ? '' : isMoney ? moneyToText(quota.hard) : quota.hard);
  const hard =
    text.trim() === ''
      ? null
      : isMoney
        ? parseMoney(text)
        : /^\d{1,12}$/.test(text.trim())
          ? text.trim()
          : null;
  const isWrong = text.trim() !== '' && hard === null;
  const tried = useDeferredValue(hard);
  const preview = useQuery({
    queryKey: ['admin', 'preview', quota.id, tried],
    queryFn: () =>
      admin.post('/quotas/{quota_id}/preview', { params: { quota_id: quota.id }, body: { hard: tried } }),
    enabled: !isWrong,
    placeholderData: (before) => before,
  });
  const save = useChange(
    () =>
      admin.patch('/quotas/{quota_id}', {
        params: { quota_id: quota.id },
        body: { hard, version: quota.version },
      }),
    {
      quiet: true,
      done: () =>
        `The limit of ${quota.scope.name} is ${hard === null ? 'off' : formatQuantity(quota.metric, hard)}.`,
      undo: (changed) => () =>
        admin.patch('/quotas/{quota_id}', {
          params: { quota_id: quota.id },
          body: { hard: quota.hard, version: changed.version },
        }),
      onDone: onClose,
    },
  );
  const effect = preview.data;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Limit of ${quota.scope.name}`}
      description={`${quota.metric} per ${quota.window === 'none' ? 'lifetime' : quota.window}`}
    >
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isWrong) save.mutate(undefined);
        }}
      >
        <TextField
          {...amountField(quota.metric)}
          label="Hard limit"
          hint="Empty: it only counts and never refuses."
          inputMode="decimal"
          autoFocus
          value={text}
          onChange={(event) => setText(event.target.value)}
          error={isWrong ? 'An amount, such as 250 or 12.50' : undefined}
        />
        <section
          aria-live="polite"
          aria-label="What this would do"
          className="min-h-24 rounded-md bg-sunken p-3 text-sm"
        >
          {effect && !isWrong ? (
            <div className="space-y-2">
              <QuotaBar
                tall
                used={Number(effect.used)}
                reserved={Number(effect.reserved)}
                limit={effect.hard === null ? null : Number(effect.hard)}
                label={`${formatQuantity(quota.metric, effect.used)} used, ${formatQuantity(quota.metric, effect.reserved)} reserved`}
              />
              <p>
                {effect.left === null
                  ? 'Nothing is refused any more.'
                  : `${formatQuantity(quota.metric, effect.left)} would be left${effect.runs_out_at ? `, until about ${formatDate(effect.runs_out_at)} as it goes` : ''}.`}
              </p>
              {effect.over && (
                <p className="flex items-center gap-1.5 text-bad">
                  <CircleAlert aria-hidden className="size-4" />
                  More than that is used already: nothing new is accepted until the reset. What runs goes on.
                </p>
              )}
              {effect.would_have_refused > 0 && (
                <p className="text-warn">
                  {effect.would_have_refused} of this period's videos would not have fitted.
                </p>
              )}
            </div>
          ) : (
            <p className="text-ink-faint">What this would do is shown here.</p>
          )}
        </section>
        {save.error && (
          <p role="alert" className="text-bad text-sm">
            {failureText(save.error)}
          </p>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={isWrong} busy={save.isPending}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
