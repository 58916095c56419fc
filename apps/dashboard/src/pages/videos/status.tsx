import type { AdminVideo } from '@reelgate/contract/admin';
import {
  Archive,
  CircleAlert,
  CircleCheck,
  CircleHelp,
  CircleX,
  Clock,
  Film,
  type LucideIcon,
  Send,
  Trash2,
} from 'lucide-react';
import { Badge, type Tone } from '../../ui/badge.tsx';

/** Where a video is in truth: more than the four words that its owner sees. */
export const VIDEO_STATES = {
  accepted: { label: 'Waiting', tone: 'plain', icon: Clock },
  submitting: { label: 'Sending', tone: 'info', icon: Send },
  unknown: { label: 'Looking for it', tone: 'warn', icon: CircleHelp },
  rendering: { label: 'Rendering', tone: 'info', icon: Film },
  archiving: { label: 'Archiving', tone: 'info', icon: Archive },
  stored: { label: 'Stored', tone: 'good', icon: CircleCheck },
  partly_stored: { label: 'Stored, not every still', tone: 'good', icon: CircleCheck },
  content_lost: { label: 'Content lost', tone: 'bad', icon: CircleAlert },
  failed: { label: 'Failed', tone: 'bad', icon: CircleX },
  purged: { label: 'Purged', tone: 'plain', icon: Trash2 },
} as const satisfies Record<AdminVideo['state'], { label: string; tone: Tone; icon: LucideIcon }>;

export function StateBadge({ video }: { video: AdminVideo }) {
  const { label, tone, icon } = VIDEO_STATES[video.state];
  const running = video.state === 'rendering' && video.progress > 0;
  return (
    <span className="inline-flex flex-wrap items-center gap-1">
      <Badge
        tone={tone}
        icon={icon}
        title={video.error ? `${video.error.code}: ${video.error.message}` : `Its owner sees ${video.status}`}
      >
        {label}
        {running && ` ${video.progress} %`}
      </Badge>
      {video.at_risk && (
        <Badge tone="bad" icon={CircleAlert}>
          At risk
        </Badge>
      )}
      {video.quarantined_at && (
        <Badge tone="warn" icon={CircleAlert}>
          Quarantined
        </Badge>
      )}
      {video.delete_requested_at && video.state !== 'purged' && (
        <Badge icon={Trash2} title="Hidden from its owner; its bytes go when the time to undo is over">
          Deleted
        </Badge>
      )}
    </span>
  );
}
