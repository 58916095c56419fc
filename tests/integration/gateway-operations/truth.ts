import type { Stack } from '../gateway/gateway-process.ts';

export interface TrueFile {
  readonly filename: string | null;
  readonly contentType: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What the simulator knows of a video, as far as these tests ask. */
export interface TrueVideo {
  readonly id: string;
  readonly operation: string;
  readonly model: string;
  readonly seconds: string;
  readonly size: string;
  readonly source_video_id: string | null;
  readonly source_file: TrueFile | null;
  readonly input_reference: (Partial<TrueFile> & { readonly image_url?: string }) | null;
  readonly character_ids: readonly string[];
}

export interface Truth {
  readonly videos: readonly TrueVideo[];
  readonly characters: readonly { readonly id: string; readonly name: string; readonly video: TrueFile }[];
  readonly totals: { readonly creates: number; readonly characters: number };
  readonly requests: { readonly counts: Readonly<Record<string, number>> };
}

export async function truthOf(stack: Stack): Promise<Truth> {
  return (await stack.simulator.control('GET', 'truth')) as Truth;
}

/** How often anything was asked of the upstream that makes something. */
export async function makingRequests(stack: Stack): Promise<number> {
  const { counts } = (await truthOf(stack)).requests;
  return ['create', 'remix', 'edit', 'extend', 'character'].reduce(
    (sum, name) => sum + (counts[name] ?? 0),
    0,
  );
}

/** The newest video of the upstream. */
export async function newest(stack: Stack): Promise<TrueVideo> {
  const video = (await truthOf(stack)).videos.at(-1);
  if (!video) throw new Error('the upstream has made nothing');
  return video;
}
