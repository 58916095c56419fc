import type { Price } from '@reelgate/contract/admin';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Plus, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { useAdmin, useAdminList } from '../../api/admin.ts';
import { useSession } from '../../session/session.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { type ColumnDef, DataTable } from '../../ui/data-table.tsx';
import { EmptyState, ErrorState } from '../../ui/feedback.tsx';
import { SelectField } from '../../ui/field.tsx';
import { formatDateTime } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';
import { Ago, Money, NoData } from '../../ui/values.tsx';
import { PriceForm, type Unpriced } from './price-form.tsx';

const TONES = { current: 'good', future: 'info', past: 'plain' } as const;

const COLUMNS: ColumnDef<Price>[] = [
  {
    id: 'model',
    header: 'Model',
    cell: ({ row: { original } }) => <span className="whitespace-nowrap">{original.model}</span>,
  },
  {
    id: 'size',
    header: 'Size',
    meta: { narrow: 'beneath' },
    cell: ({ row: { original } }) => original.size.replace('x', ' × '),
  },
  {
    id: 'second',
    header: 'A second',
    meta: { align: 'right' },
    cell: ({ row: { original } }) => <Money value={original.per_second_micro_usd} />,
  },
  {
    id: 'image',
    header: 'A picture',
    meta: { align: 'right', narrow: 'out' },
    cell: ({ row: { original } }) =>
      original.per_image_micro_usd === '0' ? (
        <NoData title="Nothing" />
      ) : (
        <Money value={original.per_image_micro_usd} />
      ),
  },
  {
    id: 'minimum',
    header: 'At least',
    meta: { align: 'right', narrow: 'out' },
    cell: ({ row: { original } }) =>
      original.minimum_micro_usd === '0' ? (
        <NoData title="No minimum" />
      ) : (
        <Money value={original.minimum_micro_usd} />
      ),
  },
  {
    id: 'state',
    header: 'State',
    cell: ({ row: { original } }) => <Badge tone={TONES[original.state]}>{original.state}</Badge>,
  },
  {
    id: 'from',
    header: 'From',
    meta: { align: 'right', narrow: 'out' },
    cell: ({ row: { original } }) => (
      <span title={formatDateTime(original.valid_from)}>
        <Ago at={original.valid_from} />
      </span>
    ),
  },
  {
    id: 'until',
    header: 'Until',
    meta: { align: 'right', narrow: 'out' },
    cell: ({ row: { original } }) => <Ago at={original.valid_until} />,
  },
];

/** The price book: rows are added, never changed, so that every video's price can be looked up for ever. */
export function Prices({ missing }: { missing: readonly Unpriced[] }) {
  const session = useSession();
  const navigate = useNavigate({ from: '/upstreams' });
  const { model } = useSearch({ from: '/inside/upstreams' });
  const models = useAdmin('/models');
  const prices = useAdminList('/prices', { query: { model: model || undefined, limit: 200 } });
  const [setting, setSetting] = useState<Partial<Unpriced> | null>(null);
  const isAdmin = session.role === 'admin';
  return (
    <div className="space-y-3">
      {missing.length > 0 && (
        <section className="rounded-lg border bg-warn-soft px-4 py-3 text-sm text-warn">
          <h2 className="flex items-center gap-2 font-semibold">
            <TriangleAlert aria-hidden className="size-4" /> Offered without a price, and so refused
          </h2>
          <ul className="mt-2 flex flex-wrap gap-2">
            {missing.map((one) => (
              <li key={`${one.model} ${one.size}`}>
                {isAdmin ? (
                  <Button small onClick={() => setSetting(one)}>
                    {one.model}, {one.size}
                  </Button>
                ) : (
                  `${one.model}, ${one.size}`
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
      <Panel
        flush
        title="Price book"
        note="A video keeps the price that it was accepted under"
        actions={
          <>
            <SelectField
              label="Model"
              labelHidden
              value={model ?? ''}
              onChange={(event) =>
                void navigate({ search: (before) => ({ ...before, model: event.target.value || undefined }) })
              }
            >
              <option value="">All models</option>
              {models.data?.data.map(({ id }) => (
                <option key={id} value={id}>
                  {id}
                </option>
              ))}
            </SelectField>
            {isAdmin && (
              <Button look="primary" onClick={() => setSetting({ ...(model && { model }) })}>
                <Plus aria-hidden className="size-4" /> New price
              </Button>
            )}
          </>
        }
      >
        {prices.error ? (
          <ErrorState error={prices.error} onRetry={prices.refetch} />
        ) : (
          <DataTable
            label="Prices"
            rows={prices.rows}
            columns={COLUMNS}
            rowId={(price) => price.id}
            onEnd={prices.loadMore}
            empty={
              <EmptyState title="No prices">Nothing can be made: what has no price is refused.</EmptyState>
            }
          />
        )}
      </Panel>
      {setting && (
        <PriceForm initial={setting} models={models.data?.data ?? []} onClose={() => setSetting(null)} />
      )}
    </div>
  );
}
