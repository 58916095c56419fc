import type { AdminEndpoint } from '@reelgate/contract/admin';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useMemo, useState } from 'react';
import { type AnswerOf, LIVE_MS, useAdminList } from '../../api/admin.ts';
import { canManage, useSession } from '../../session/session.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { type ColumnDef, DataTable } from '../../ui/data-table.tsx';
import { EmptyState, ErrorState } from '../../ui/feedback.tsx';
import { SelectField } from '../../ui/field.tsx';
import { formatDuration, formatNumber } from '../../ui/format.ts';
import { PageHeader, Panel } from '../../ui/panel.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { TeamFilter } from '../../ui/team-select.tsx';
import { Ago, NoData } from '../../ui/values.tsx';
import { SecretOnce } from '../keys/secret-once.tsx';
import { DeliveryTable } from './delivery-table.tsx';
import { EndpointForm } from './endpoint-form.tsx';
import { EndpointState } from './endpoint-state.tsx';

const STATES = {
  endpoints: ['enabled', 'disabled_auto', 'disabled_user'],
  deliveries: ['pending', 'delivered', 'exhausted', 'cancelled'],
} as const;

export default function Webhooks() {
  const session = useSession();
  const navigate = useNavigate({ from: '/webhooks' });
  const { tab = 'endpoints', team, state } = useSearch({ from: '/inside/webhooks' });
  const [creating, setCreating] = useState(false);
  const [created, setCreated] = useState<AnswerOf<'post', '/webhook-endpoints'> | null>(null);
  const mayCreate = session.role === 'admin' || session.teams.some(({ id }) => canManage(session, id));
  const states = tab === 'deliveries' ? STATES.deliveries : STATES.endpoints;
  const chosenState = states.find((name) => name === state);
  return (
    <>
      <PageHeader
        title="Webhooks"
        actions={
          <>
            <TeamFilter
              value={team}
              onChange={(next) => void navigate({ search: (before) => ({ ...before, team: next }) })}
            />
            <SelectField
              label="State"
              labelHidden
              value={chosenState ?? ''}
              onChange={(event) =>
                void navigate({ search: (before) => ({ ...before, state: event.target.value || undefined }) })
              }
            >
              <option value="">Every state</option>
              {states.map((name) => (
                <option key={name} value={name}>
                  {name.replace('_', ', ')}
                </option>
              ))}
            </SelectField>
            {mayCreate && (
              <Button look="primary" onClick={() => setCreating(true)}>
                <Plus aria-hidden className="size-4" /> New endpoint
              </Button>
            )}
          </>
        }
      />
      <Tabs
        label="Webhooks"
        current={tab}
        tabs={[
          { id: 'endpoints', label: 'Endpoints' },
          { id: 'deliveries', label: 'Deliveries' },
        ]}
      />
      <Panel flush>
        {tab === 'deliveries' ? (
          <DeliveryTable teamId={team} state={chosenState} />
        ) : (
          <EndpointTable teamId={team} state={chosenState} />
        )}
      </Panel>
      {creating && (
        <EndpointForm
          teamId={team}
          onClose={() => setCreating(false)}
          onCreated={(made) => {
            setCreating(false);
            setCreated(made);
          }}
        />
      )}
      {created && (
        <SecretOnce
          name={created.name ?? created.url}
          secret={created.secret}
          note="Receivers verify with it: client.webhooks.unwrap(body, headers, secret) of any OpenAI SDK."
          withSnippets={false}
          onClose={() => setCreated(null)}
        />
      )}
    </>
  );
}

function EndpointTable({ teamId, state }: { teamId: string | undefined; state: string | undefined }) {
  const navigate = useNavigate();
  const endpoints = useAdminList(
    '/webhook-endpoints',
    { query: { team_id: teamId, state, limit: 100 } },
    { refetchInterval: LIVE_MS },
  );
  const columns = useMemo<ColumnDef<AdminEndpoint>[]>(() => COLUMNS, []);
  if (endpoints.error) return <ErrorState error={endpoints.error} onRetry={endpoints.refetch} />;
  return (
    <DataTable
      label="Webhook endpoints"
      rows={endpoints.rows}
      columns={columns}
      rowId={(endpoint) => endpoint.id}
      rowHeight={52}
      onOpen={(endpoint) =>
        void navigate({ to: '/webhooks/$endpointId', params: { endpointId: endpoint.id } })
      }
      onEnd={endpoints.loadMore}
      empty={
        <EmptyState
          title="No endpoints"
          code="npm run reelgate -- webhook create --team films --url https://films.example.com/hooks"
        >
          A team is told when its videos are ready, by a signed request to a URL of its own.
        </EmptyState>
      }
    />
  );
}

const COLUMNS: ColumnDef<AdminEndpoint>[] = [
  {
    id: 'endpoint',
    header: 'Endpoint',
    cell: ({ row: { original: endpoint } }) => (
      <span className="block max-w-96">
        <span className="flex items-center gap-1.5">
          <Link
            to="/webhooks/$endpointId"
            params={{ endpointId: endpoint.id }}
            className="truncate font-medium underline-offset-4 hover:underline"
          >
            {endpoint.name ?? endpoint.url}
          </Link>
          {endpoint.kind === 'slack' && <Badge tone="info">Slack</Badge>}
        </span>
        <span className="block truncate text-ink-faint text-xs">
          {endpoint.name ? endpoint.url : endpoint.event_types.join(', ')}
        </span>
      </span>
    ),
  },
  {
    id: 'team',
    header: 'Team',
    meta: { narrow: 'beneath' },
    cell: ({ row: { original } }) => original.team.name,
  },
  {
    id: 'state',
    header: 'State',
    meta: { narrow: 'beneath' },
    cell: ({ row: { original } }) => <EndpointState endpoint={original} />,
  },
  {
    id: 'day',
    header: '24 hours',
    meta: { align: 'right', narrow: 'out' },
    cell: ({
      row: {
        original: { deliveries_last_24_hours: sent, failures_last_24_hours: failed },
      },
    }) => (
      <span>
        {formatNumber(sent)}
        {failed > 0 && <span className="text-bad"> · {formatNumber(failed)} failed</span>}
      </span>
    ),
  },
  {
    id: 'p95',
    header: 'p95',
    meta: { align: 'right', narrow: 'out' },
    cell: ({ row: { original } }) =>
      original.p95_ms === null ? <NoData /> : formatDuration(original.p95_ms / 1000),
  },
  {
    id: 'last',
    header: 'Last delivered',
    meta: { align: 'right', narrow: 'out' },
    cell: ({ row: { original } }) => <Ago at={original.last_delivered_at} />,
  },
];
