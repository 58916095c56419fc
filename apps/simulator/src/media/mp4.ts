import { setImmediate } from 'node:timers/promises';
import { BufferTarget, EncodedPacket, EncodedVideoPacketSource, Mp4OutputFormat, Output } from 'mediabunny';
import { createH264Encoder } from './h264.ts';
import { createScene, type SceneSpec } from './scene.ts';

export const FRAMES_PER_SECOND = 24;
const KEY_FRAME_INTERVAL_SECONDS = 2;

/** Renders a film as an MP4 whose index comes first. The same scene gives the same bytes. */
export async function renderMp4(spec: SceneSpec): Promise<Uint8Array> {
  const scene = createScene(spec);
  const encoder = createH264Encoder(scene.picture);
  const target = new BufferTarget();
  const output = new Output({ format: new Mp4OutputFormat({ fastStart: 'in-memory' }), target });
  const track = new EncodedVideoPacketSource('avc');
  output.addVideoTrack(track, { frameRate: FRAMES_PER_SECOND });
  await output.start();

  const meta = {
    decoderConfig: {
      codec: encoder.codec,
      codedWidth: spec.width,
      codedHeight: spec.height,
      description: encoder.description,
      colorSpace: { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', fullRange: false },
    },
  } as const;
  for (let frame = 0; frame < spec.seconds * FRAMES_PER_SECOND; frame++) {
    const at = frame / FRAMES_PER_SECOND;
    const changed = scene.drawAt(at);
    const isKey = frame % (KEY_FRAME_INTERVAL_SECONDS * FRAMES_PER_SECOND) === 0;
    const bytes = isKey ? encoder.keyFrame() : encoder.deltaFrame(changed);
    await track.add(new EncodedPacket(bytes, isKey ? 'key' : 'delta', at, 1 / FRAMES_PER_SECOND), meta);
    // Encoding is pure computation: let the server answer others in between.
    if (isKey) await setImmediate();
  }
  await output.finalize();
  if (!target.buffer) throw new Error('The muxer left no file');
  const file = new Uint8Array(target.buffer);
  eraseTimes(file);
  return file;
}

const CONTAINERS = new Set(['moov', 'trak', 'mdia']);
const TIMED = new Set(['mvhd', 'tkhd', 'mdhd']);

/** The muxer writes the hour into the headers; without it equal films are equal files. */
function eraseTimes(box: Uint8Array): void {
  const view = new DataView(box.buffer, box.byteOffset, box.byteLength);
  for (let at = 0; at + 8 <= box.length; ) {
    const size = view.getUint32(at);
    if (size < 8) return;
    const type = String.fromCharCode(...box.subarray(at + 4, at + 8));
    if (CONTAINERS.has(type)) eraseTimes(box.subarray(at + 8, at + size));
    // After size, type, version and flags: creation and modification time, eight bytes each from version 1 on.
    if (TIMED.has(type)) box.fill(0, at + 12, at + 12 + (box[at + 8] === 0 ? 8 : 16));
    at += size;
  }
}
