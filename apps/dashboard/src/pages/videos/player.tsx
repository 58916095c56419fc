import type { AdminVideoDetail } from '@reelgate/contract/admin';
import { Download, Film } from 'lucide-react';
import { buttonClass } from '../../ui/button.tsx';
import { formatBytes } from '../../ui/format.ts';
import { contentUrl } from './content-url.ts';

/** The video itself, or what stands in its place. */
export function Player({ video }: { video: AdminVideoDetail }) {
  const [width = 16, height = 9] = video.size.split('x').map(Number);
  return (
    <div>
      <div
        className="mx-auto flex max-h-[60vh] items-center justify-center overflow-hidden rounded-md bg-sunken"
        style={{ aspectRatio: `${width} / ${height}` }}
      >
        {video.variants.includes('video') ? (
          // biome-ignore lint/a11y/useMediaCaption: nobody has written captions for what a model rendered
          <video
            controls
            loop
            playsInline
            preload="metadata"
            className="prompt size-full"
            src={contentUrl(video.id, 'video')}
            poster={video.variants.includes('thumbnail') ? contentUrl(video.id, 'thumbnail') : undefined}
          />
        ) : (
          <div className="flex flex-col items-center gap-2 p-8 text-center text-ink-soft text-sm">
            <Film aria-hidden className="size-6 text-ink-faint" />
            {PLACE[video.state] ?? 'It is not here yet.'}
            {video.state === 'rendering' && (
              <span
                role="progressbar"
                aria-label="Progress"
                aria-valuemin={0}
                aria-valuemax={100}
                aria-valuenow={video.progress}
                className="block h-1.5 w-40 overflow-hidden rounded-full bg-line"
              >
                <span
                  className="block h-full bg-accent-ground transition-[width]"
                  style={{ width: `${video.progress}%` }}
                />
              </span>
            )}
          </div>
        )}
      </div>
      {video.variants.length > 0 && (
        <p className="mt-2 flex flex-wrap items-center gap-2">
          {video.variants.map((variant) => (
            <a
              key={variant}
              href={contentUrl(video.id, variant)}
              download
              className={buttonClass('secondary', true)}
            >
              <Download aria-hidden className="size-3" /> {variant}
            </a>
          ))}
          {video.bytes !== null && <span className="text-ink-faint text-xs">{formatBytes(video.bytes)}</span>}
        </p>
      )}
    </div>
  );
}

const PLACE: Partial<Record<AdminVideoDetail['state'], string>> = {
  accepted: 'It waits to be sent.',
  submitting: 'It is being sent.',
  unknown: 'It was sent and nothing was answered. It is looked for, never sent again.',
  rendering: 'It is being rendered.',
  archiving: 'It is rendered and being copied here.',
  failed: 'It failed.',
  content_lost: 'It was gone at the upstream before it could be stored.',
  purged: 'Its bytes are gone.',
};
