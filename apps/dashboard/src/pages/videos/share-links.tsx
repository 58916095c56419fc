import { Link2 } from 'lucide-react';
import { useState } from 'react';
import { admin, useAdmin, useChange } from '../../api/admin.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { CodeBlock } from '../../ui/copy.tsx';
import { ErrorState } from '../../ui/feedback.tsx';
import { formatDateTime } from '../../ui/format.ts';
import { Dialog } from '../../ui/overlay.tsx';
import { Panel } from '../../ui/panel.tsx';

/** For reviewers without a key: each link shows this one video until it expires or is revoked. */
export function ShareLinks({ videoId, mayShare }: { videoId: string; mayShare: boolean }) {
  const params = { video_id: videoId };
  const links = useAdmin('/videos/{video_id}/share-links', { params });
  const [url, setUrl] = useState<string | null>(null);
  const create = useChange(() => admin.post('/videos/{video_id}/share-links', { params, body: {} }), {
    onDone: (link) => setUrl(link.url),
  });
  const revoke = useChange(
    (id: string) => admin.post('/share-links/{share_link_id}/revoke', { params: { share_link_id: id } }),
    { done: () => 'The link no longer works.' },
  );
  const rows = links.data?.data ?? [];
  return (
    <Panel
      title="Share links"
      actions={
        mayShare && (
          <Button small busy={create.isPending} onClick={() => create.mutate(undefined)}>
            <Link2 aria-hidden className="size-3.5" /> New link
          </Button>
        )
      }
    >
      {links.error ? (
        <ErrorState error={links.error} onRetry={() => void links.refetch()} />
      ) : rows.length === 0 ? (
        <p className="text-ink-soft text-sm">None. A link shows this video without a key, for seven days.</p>
      ) : (
        <ul className="divide-y text-sm">
          {rows.map((link) => {
            const over = link.revoked_at !== null || Date.parse(link.expires_at) < Date.now();
            return (
              <li key={link.id} className="flex items-center gap-2 py-1.5">
                <span className="min-w-0 flex-1 text-ink-soft">
                  By {link.created_by.name}, until {formatDateTime(link.expires_at)}
                </span>
                {over ? (
                  <Badge>{link.revoked_at ? 'revoked' : 'expired'}</Badge>
                ) : (
                  mayShare && (
                    <Button small onClick={() => revoke.mutate(link.id)}>
                      Revoke
                    </Button>
                  )
                )}
              </li>
            );
          })}
        </ul>
      )}
      <Dialog
        open={url !== null}
        onOpenChange={(open) => !open && setUrl(null)}
        title="The link"
        description="Shown only now. Whoever has it can see the video."
      >
        <CodeBlock code={url ?? ''} label="Copy the link" />
      </Dialog>
    </Panel>
  );
}
