import { useNavigate, useSearch } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useAdminList } from '../../api/admin.ts';
import { canManage, useSession } from '../../session/session.ts';
import { Button } from '../../ui/button.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import { EmptyState, ErrorState } from '../../ui/feedback.tsx';
import { SelectField } from '../../ui/field.tsx';
import { PageHeader, Panel } from '../../ui/panel.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import { ShowMore } from '../../ui/show-more.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { TeamFilter } from '../../ui/team-select.tsx';
import { AdminKeys } from './admin-keys.tsx';
import { KEY_STATES, keyColumns, type Shown } from './key-columns.tsx';
import { KeyForm } from './key-form.tsx';
import { SecretOnce } from './secret-once.tsx';

export default function Keys() {
  const session = useSession();
  const { tab = 'keys' } = useSearch({ from: '/inside/keys' });
  const isAdmin = session.role === 'admin';
  const [creating, setCreating] = useState(false);
  const [shown, setShown] = useState<Shown | null>(null);
  const { team } = useSearch({ from: '/inside/keys' });
  const mayCreate = isAdmin || session.teams.some(({ id }) => canManage(session, id));
  return (
    <>
      <PageHeader
        title="Keys"
        actions={
          tab === 'keys' && (
            <>
              <Filters />
              {mayCreate && (
                <Button look="primary" onClick={() => setCreating(true)}>
                  <Plus aria-hidden className="size-4" /> New key
                </Button>
              )}
            </>
          )
        }
      />
      {isAdmin && (
        <Tabs
          label="Kinds of keys"
          current={tab}
          tabs={[
            { id: 'keys', label: 'API keys of teams' },
            { id: 'admin', label: 'Keys of the Admin API' },
          ]}
        />
      )}
      {tab === 'admin' && isAdmin ? <AdminKeys /> : <KeyTable onSecret={setShown} />}
      {creating && (
        <KeyForm
          teamId={team}
          onClose={() => setCreating(false)}
          onCreated={(created) => {
            setCreating(false);
            setShown({ created });
          }}
        />
      )}
      {shown && (
        <SecretOnce
          name={shown.created.name}
          secret={shown.created.secret}
          note={shown.note}
          onClose={() => setShown(null)}
        />
      )}
    </>
  );
}

function Filters() {
  const navigate = useNavigate({ from: '/keys' });
  const { q = '', state = '', team } = useSearch({ from: '/inside/keys' });
  return (
    <>
      <TeamFilter
        value={team}
        onChange={(next) => void navigate({ search: (before) => ({ ...before, team: next }) })}
      />
      <SelectField
        label="State"
        labelHidden
        value={state}
        onChange={(event) =>
          void navigate({ search: (before) => ({ ...before, state: event.target.value || undefined }) })
        }
      >
        <option value="">Every state</option>
        {Object.keys(KEY_STATES).map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </SelectField>
      <SearchField
        label="Name or prefix"
        value={q}
        onSearch={(text) =>
          void navigate({ search: (before) => ({ ...before, q: text || undefined }), replace: true })
        }
      />
    </>
  );
}

function KeyTable({ onSecret }: { onSecret: (shown: Shown) => void }) {
  const { q, state, team } = useSearch({ from: '/inside/keys' });
  const keys = useAdminList('/keys', {
    query: { q: q || undefined, state: state || undefined, team_id: team || undefined, limit: 100 },
  });
  const columns = useMemo(() => keyColumns(onSecret), [onSecret]);
  const isFiltered = Boolean(q || state || team);
  if (keys.error) return <ErrorState error={keys.error} onRetry={keys.refetch} />;
  return (
    <Panel flush>
      <DataTable
        label="API keys"
        rows={keys.rows}
        columns={columns}
        rowId={(key) => key.id}
        rowHeight={48}
        onEnd={keys.loadMore}
        footer={<ShowMore list={keys} />}
        empty={
          isFiltered ? (
            <EmptyState title="No key matches" />
          ) : (
            <EmptyState title="No keys yet" code="npm run reelgate -- key create --team films">
              A team's programs call <code>/v1</code> with a key. Make one here or by the command line.
            </EmptyState>
          )
        }
      />
    </Panel>
  );
}
