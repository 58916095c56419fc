import { admin, useAdminList, useChange } from '../../api/admin.ts';
import { useSession } from '../../session/session.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../ui/feedback.tsx';
import { formatQuantity } from '../../ui/format.ts';
import { Panel } from '../../ui/panel.tsx';
import { Ago } from '../../ui/values.tsx';

/** What a team was given on top of its limits, and until when. */
export function Grants({ teamId }: { teamId: string }) {
  const session = useSession();
  const grants = useAdminList('/grants', { query: { team_id: teamId, limit: 50 } });
  const end = useChange((id: string) => admin.post('/grants/{grant_id}/end', { params: { grant_id: id } }), {
    done: () => 'The grant has ended.',
  });
  return (
    <Panel flush title="Grants">
      {grants.error ? (
        <ErrorState error={grants.error} onRetry={grants.refetch} />
      ) : grants.rows === undefined ? (
        <SkeletonRows rows={3} />
      ) : grants.rows.length === 0 ? (
        <EmptyState small title="None">
          More for a time, on top of a limit. It ends by itself.
        </EmptyState>
      ) : (
        <ul className="divide-y">
          {grants.rows.map((grant) => (
            <li key={grant.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2 text-sm">
              <span className="font-medium">+{formatQuantity(grant.metric, grant.amount)}</span>
              <span className="min-w-0 flex-1 basis-40 truncate text-ink-soft" title={grant.reason}>
                {grant.reason}
              </span>
              <span className="text-ink-faint text-xs">by {grant.created_by.name}</span>
              {grant.state === 'active' ? (
                <>
                  <Badge tone="good">
                    <span>
                      ends <Ago at={grant.ends_at} />
                    </span>
                  </Badge>
                  {session.role === 'admin' && (
                    <Button small onClick={() => end.mutate(grant.id)} busy={end.isPending}>
                      End
                    </Button>
                  )}
                </>
              ) : (
                <Badge>
                  ended <Ago at={grant.ends_at} />
                </Badge>
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
