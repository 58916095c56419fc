import type { AdminVideo } from '@reelgate/contract/admin';
import { clsx } from 'clsx';
import { Film } from 'lucide-react';
import { type PointerEvent, useState } from 'react';
import { contentUrl } from './content-url.ts';

/** A spritesheet is ten moments of the video, evenly apart. */
const COLUMNS = 5;
const ROWS = 2;

/** The still of a video; a pointer that moves over it goes through the moments of the spritesheet. */
export function Thumbnail({
  video,
  className,
  whole = false,
}: {
  video: AdminVideo;
  className?: string;
  /** Nothing is cut off where its shape is another. */
  whole?: boolean;
}) {
  const [moment, setMoment] = useState<number | null>(null);
  const [isBroken, setIsBroken] = useState(false);
  const scrubs = !isBroken && video.variants.includes('spritesheet');
  const scrub = (event: PointerEvent<HTMLElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const share = Math.min(Math.max((event.clientX - left) / width, 0), 0.999);
    setMoment(Math.floor(share * COLUMNS * ROWS));
  };
  return (
    <span
      className={clsx(
        'relative flex items-center justify-center overflow-hidden rounded bg-sunken',
        className ?? 'h-9 w-16',
      )}
      onPointerMove={scrubs ? scrub : undefined}
      onPointerLeave={() => setMoment(null)}
    >
      {!isBroken && video.variants.includes('thumbnail') ? (
        <img
          src={contentUrl(video.id, 'thumbnail')}
          alt=""
          loading="lazy"
          decoding="async"
          onError={() => setIsBroken(true)}
          className={clsx('prompt size-full', whole ? 'object-contain' : 'object-cover')}
        />
      ) : (
        <Film aria-hidden className="size-4 text-ink-faint" />
      )}
      {moment !== null && (
        <span
          aria-hidden
          className={clsx('prompt absolute bg-no-repeat', whole ? 'inset-y-0 mx-auto' : 'inset-0')}
          style={{
            ...(whole && { aspectRatio: video.size.replace('x', ' / ') }),
            backgroundImage: `url("${contentUrl(video.id, 'spritesheet')}")`,
            backgroundSize: `${COLUMNS * 100}% ${ROWS * 100}%`,
            backgroundPosition: `${((moment % COLUMNS) / (COLUMNS - 1)) * 100}% ${(Math.floor(moment / COLUMNS) / (ROWS - 1)) * 100}%`,
          }}
        />
      )}
    </span>
  );
}
