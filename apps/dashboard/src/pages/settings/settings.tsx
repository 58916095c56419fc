import { useSearch } from '@tanstack/react-router';
import { useSession } from '../../session/session.ts';
import { PageHeader } from '../../ui/panel.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { Account } from './account.tsx';
import { OrganizationSettings } from './organization.tsx';
import { People } from './people.tsx';

export default function Settings() {
  const session = useSession();
  const { tab = 'account' } = useSearch({ from: '/inside/settings' });
  const isAdmin = session.role === 'admin';
  return (
    <>
      <PageHeader title="Settings" />
      <Tabs
        label="Settings"
        current={tab}
        tabs={[
          { id: 'account', label: 'Your account' },
          ...(isAdmin
            ? [
                { id: 'organization', label: 'Organization' },
                { id: 'people', label: 'People' },
              ]
            : []),
        ]}
      />
      {tab === 'organization' && isAdmin ? (
        <OrganizationSettings />
      ) : tab === 'people' && isAdmin ? (
        <People />
      ) : (
        <Account />
      )}
    </>
  );
}
