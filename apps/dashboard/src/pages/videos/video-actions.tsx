import type { AdminVideoDetail } from '@reelgate/contract/admin';
import { Archive, Ban, Coins, Lock, MoreHorizontal, RefreshCw, Trash2, Undo2, Unlock } from 'lucide-react';
import { useState } from 'react';
import { admin, useChange } from '../../api/admin.ts';
import { canManage, useSession } from '../../session/session.ts';
import { Ask } from '../../ui/ask.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { formatMoney } from '../../ui/format.ts';
import { Menu, MenuItem, MenuSeparator } from '../../ui/overlay.tsx';
import { SettleForm } from './settle-form.tsx';

type Asked = 'cancel' | 'hold' | 'delete' | 'release' | 'settle';

/** What can be done about this video now. What makes no sense is not offered. */
export function VideoActions({ video }: { video: AdminVideoDetail }) {
  const session = useSession();
  const [asked, setAsked] = useState<Asked | null>(null);
  const params = { video_id: video.id };
  const poll = useChange(() => admin.post('/videos/{video_id}/poll', { params }), {
    done: () => 'The upstream is being asked.',
  });
  const archive = useChange(() => admin.post('/videos/{video_id}/retry-archiving', { params }), {
    done: () => 'It is being archived again.',
  });
  const unhold = useChange(() => admin.post('/videos/{video_id}/unhold', { params }), {
    done: () => 'Retention may have it again.',
  });
  const restore = useChange(() => admin.post('/videos/{video_id}/restore', { params }), {
    done: () => 'It is back.',
  });
  const cancel = useChange(() => admin.post('/videos/{video_id}/cancel', { params }), {
    quiet: true,
    done: () => 'It is cancelled; nothing was spent.',
  });
  const hold = useChange(
    (reason: string) => admin.post('/videos/{video_id}/hold', { params, body: { reason } }),
    { quiet: true, done: () => 'It is kept until the hold ends.' },
  );
  const release = useChange(
    (reason: string) => admin.post('/videos/{video_id}/release', { params, body: { reason } }),
    { quiet: true, done: () => 'The reservation is given back.' },
  );
  const remove = useChange(() => admin.delete('/videos/{video_id}', { params }), {
    quiet: true,
    done: () => 'Its owner no longer sees it.',
    undo: () => () => admin.post('/videos/{video_id}/restore', { params }),
  });

  if (!canManage(session, video.team.id)) return null;
  const isAdmin = session.role === 'admin';
  const deleted = video.delete_requested_at !== null;
  const held = video.cost.state === 'reserved' || video.cost.state === 'parked';
  const close = () => setAsked(null);
  return (
    <>
      {video.state === 'rendering' && (
        <Button busy={poll.isPending} onClick={() => poll.mutate(undefined)}>
          <RefreshCw aria-hidden className="size-3.5" /> Look now
        </Button>
      )}
      {(video.state === 'archiving' || video.quarantined_at !== null) && (
        <Button busy={archive.isPending} onClick={() => archive.mutate(undefined)}>
          <Archive aria-hidden className="size-3.5" /> Archive again
        </Button>
      )}
      {deleted && video.state !== 'purged' && (
        <Button busy={restore.isPending} onClick={() => restore.mutate(undefined)}>
          <Undo2 aria-hidden className="size-3.5" /> Restore
        </Button>
      )}
      <Menu
        trigger={
          <IconButton label="More actions">
            <MoreHorizontal className="size-4" />
          </IconButton>
        }
      >
        {video.state === 'accepted' && (
          <MenuItem onSelect={() => setAsked('cancel')}>
            <Ban className="size-4" /> Cancel…
          </MenuItem>
        )}
        {isAdmin &&
          (video.hold ? (
            <MenuItem onSelect={() => unhold.mutate(undefined)}>
              <Unlock className="size-4" /> End the hold
            </MenuItem>
          ) : (
            <MenuItem onSelect={() => setAsked('hold')}>
              <Lock className="size-4" /> Put on hold…
            </MenuItem>
          ))}
        {isAdmin && held && (
          <>
            <MenuItem onSelect={() => setAsked('settle')}>
              <Coins className="size-4" /> Settle by hand…
            </MenuItem>
            <MenuItem onSelect={() => setAsked('release')}>
              <Undo2 className="size-4" /> Release the reservation…
            </MenuItem>
          </>
        )}
        <MenuSeparator />
        <MenuItem danger disabled={deleted} onSelect={() => setAsked('delete')}>
          <Trash2 className="size-4" /> Delete…
        </MenuItem>
      </Menu>
      <Ask
        open={asked === 'cancel'}
        onClose={close}
        title="Cancel this video?"
        action="Cancel the video"
        danger
        onConfirm={() => cancel.mutateAsync(undefined)}
      >
        It has not been sent yet. Its reservation of {formatMoney(video.cost.estimated_micro_usd)} is given
        back.
      </Ask>
      <Ask
        open={asked === 'hold'}
        onClose={close}
        title="Put it on hold?"
        action="Hold"
        reason
        onConfirm={(reason) => hold.mutateAsync(reason)}
      >
        Neither retention nor its owner's deletion removes its bytes until the hold ends.
      </Ask>
      <Ask
        open={asked === 'release'}
        onClose={close}
        title="Release the reservation?"
        action="Release"
        danger
        reason
        onConfirm={(reason) => release.mutateAsync(reason)}
      >
        {formatMoney(video.cost.estimated_micro_usd)} no longer counts as spent. Do this where the bill of the
        upstream does not have it.
      </Ask>
      <Ask
        open={asked === 'delete'}
        onClose={close}
        title="Delete this video?"
        action="Delete"
        danger
        onConfirm={() => remove.mutateAsync(undefined)}
      >
        Its owner gets 404 at once. Its bytes go when the time to undo is over; what it cost stays spent.
      </Ask>
      {asked === 'settle' && <SettleForm video={video} onClose={close} />}
    </>
  );
}
