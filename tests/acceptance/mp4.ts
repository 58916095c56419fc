import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ALL_FORMATS, BufferSource, Input } from 'mediabunny';

export interface Mp4Facts {
  codec: string | null;
  width: number;
  height: number;
  seconds: number;
}

/** What a demuxer finds in the file; throws where it is not a video. */
export async function inspectMp4(bytes: Uint8Array): Promise<Mp4Facts> {
  const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(bytes) });
  const track = await input.getPrimaryVideoTrack();
  if (!track) throw new Error('The file has no video track.');
  return {
    codec: track.codec,
    width: track.displayWidth,
    height: track.displayHeight,
    seconds: await input.computeDuration(),
  };
}

/** The same by ffprobe; undefined where it is not on the PATH. */
export async function probeMp4(file: string): Promise<Mp4Facts | undefined> {
  const fields = 'stream=codec_name,width,height:format=duration';
  try {
    const { stdout } = await promisify(execFile)('ffprobe', [
      ...['-v', 'error', '-select_streams', 'v:0', '-show_entries', fields, '-of', 'json', file],
    ]);
    const probed = JSON.parse(stdout) as {
      streams: { codec_name: string; width: number; height: number }[];
      format: { duration: string };
    };
    const [stream] = probed.streams;
    if (!stream) throw new Error('ffprobe sees no video stream.');
    return {
      codec: stream.codec_name === 'h264' ? 'avc' : stream.codec_name,
      width: stream.width,
      height: stream.height,
      seconds: Number(probed.format.duration),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
