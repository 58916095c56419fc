import { useSearch } from '@tanstack/react-router';
import { useAdmin } from '../../api/admin.ts';
import { useSession } from '../../session/session.ts';
import { PageHeader } from '../../ui/panel.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { Models } from './models.tsx';
import { Orphans } from './orphans.tsx';
import { Parked } from './parked.tsx';
import { Prices } from './prices.tsx';
import { UpstreamList } from './upstream-list.tsx';

/** Who renders, at what price, and what nobody can explain. Members see models and prices only. */
export default function Upstreams() {
  const session = useSession();
  const isAdmin = session.role === 'admin';
  const search = useSearch({ from: '/inside/upstreams' });
  const coverage = useAdmin('/prices/coverage');
  const orphans = useAdmin('/orphans', { query: { state: 'seen', limit: 1 } }, { enabled: isAdmin });
  const parked = useAdmin('/parked-reservations', { query: { limit: 1 } }, { enabled: isAdmin });
  const tabs = [
    ...(isAdmin ? [{ id: 'upstreams', label: 'Upstreams' }] : []),
    { id: 'models', label: 'Models' },
    { id: 'prices', label: 'Prices', count: coverage.data?.missing.length },
    ...(isAdmin
      ? [
          { id: 'orphans', label: 'Orphans', count: orphans.data?.total },
          { id: 'parked', label: 'Parked', count: parked.data?.total },
        ]
      : []),
  ];
  const tab = tabs.find(({ id }) => id === search.tab)?.id ?? tabs[0]?.id ?? 'models';
  return (
    <>
      <PageHeader title="Upstreams and prices" />
      <Tabs label="Upstreams and prices" tabs={tabs} current={tab} />
      {tab === 'upstreams' && <UpstreamList />}
      {tab === 'models' && <Models />}
      {tab === 'prices' && <Prices missing={coverage.data?.missing ?? []} />}
      {tab === 'orphans' && <Orphans />}
      {tab === 'parked' && <Parked />}
    </>
  );
}
