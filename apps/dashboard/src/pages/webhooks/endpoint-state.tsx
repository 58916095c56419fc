import type { AdminEndpoint } from '@reelgate/contract/admin';
import { CircleAlert, CircleCheck, CirclePause, TriangleAlert } from 'lucide-react';
import { Badge } from '../../ui/badge.tsx';
import { formatDateTime } from '../../ui/format.ts';

/** Whether it is told anything, and whether what it is told arrives. */
export function EndpointState({ endpoint }: { endpoint: AdminEndpoint }) {
  if (endpoint.state === 'disabled_auto') {
    return (
      <Badge
        tone="bad"
        icon={CircleAlert}
        title="It failed for too long. It stays so until somebody enables it."
      >
        Disabled: it kept failing
      </Badge>
    );
  }
  if (endpoint.state === 'disabled_user') return <Badge icon={CirclePause}>Disabled</Badge>;
  if (endpoint.failing_since) {
    return (
      <Badge
        tone="warn"
        icon={TriangleAlert}
        title={`${endpoint.consecutive_failures} failures in a row since ${formatDateTime(endpoint.failing_since)}`}
      >
        Failing
      </Badge>
    );
  }
  return (
    <Badge tone="good" icon={CircleCheck}>
      Enabled
    </Badge>
  );
}
