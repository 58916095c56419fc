import { type BitWriter, createBitWriter } from './bit-writer.ts';
import { nalUnit, withLength } from './nal-unit.ts';
import type { Area, Picture, Rgb } from './scene.ts';

/**
 * A lossless H.264 encoder (constrained baseline) for pictures of flat colours. A macroblock that continues the
 * one above or to its left is predicted from it without a residual, any other is sent as raw samples (I_PCM), and
 * in a delta frame one that did not change is skipped. That is little code, fast, and exact to the pixel.
 */
export interface H264Encoder {
  /** RFC 6381 name of the stream. */
  readonly codec: string;
  /** AVCDecoderConfigurationRecord: the contents of an `avcC` box. */
  readonly description: Uint8Array;
  /** A frame that needs no other, as one length-prefixed NAL unit. */
  keyFrame(): Uint8Array;
  /** A frame that tells only what changed within the areas since the frame before. */
  deltaFrame(changed: readonly Area[]): Uint8Array;
}

const SIZE = 16;
const LUMA_BYTES = SIZE * SIZE;
const CHROMA_BYTES = LUMA_BYTES / 4;
const PROFILE_BASELINE = 66;
/** constraint_set0 and constraint_set1: constrained baseline. */
const CONSTRAINTS = 0xc0;
/** Macroblocks in the largest frame of level 3.1; above it we claim 4.0. */
const LEVEL_31_FRAME = 3600;
const NAL_IDR = 0x65;
const NAL_DELTA = 0x41;
const NAL_SPS = 0x67;
const NAL_PPS = 0x68;

const MODE = { raw: 25, vertical: 1, horizontal: 2 } as const;
const CHROMA_MODE = { vertical: 2, horizontal: 1 } as const;
/** mb_type counts intra modes from here in a P slice. */
const P_SLICE_INTRA_OFFSET = 5;
/** What a raw macroblock counts as, when its neighbours choose their coefficient table. */
const RAW_COEFFICIENTS = 16;

export function createH264Encoder(picture: Picture): H264Encoder {
  const columns = picture.stride / SIZE;
  const rows = picture.pixels.length / picture.stride / SIZE;
  const level = columns * rows > LEVEL_31_FRAME ? 40 : 31;
  const sps = nalUnit(NAL_SPS, sequenceParameters(picture, columns, rows, level));
  const pps = nalUnit(NAL_PPS, pictureParameters());
  const samples = picture.palette.map(toYuv);
  const previous = new Uint8Array(picture.pixels.length);
  const coefficients = new Uint8Array(columns * rows);
  let keyFrames = 0;
  let frameNumber = 0;

  function writeMacroblock(writer: BitWriter, index: number, typeOffset: number): void {
    const mode = chooseMode(picture, index, columns);
    if (mode === 'raw') {
      writer.unsigned(typeOffset + MODE.raw).align();
      writer.bytes(rawSamples(picture, index, columns, samples));
      coefficients[index] = RAW_COEFFICIENTS;
      return;
    }
    writer
      .unsigned(typeOffset + MODE[mode])
      .unsigned(CHROMA_MODE[mode])
      .signed(0);
    writeNoCoefficients(writer, expectedCoefficients(coefficients, index, columns));
    coefficients[index] = 0;
  }

  return {
    codec: `avc1.42c0${level.toString(16)}`,
    description: decoderConfiguration(sps, pps, level),
    keyFrame() {
      const writer = createBitWriter(1 << 18);
      // first_mb, slice type I, PPS 0, frame_num 0, idr_pic_id, two marking flags, QP delta, deblocking off
      writer
        .unsigned(0)
        .unsigned(7)
        .unsigned(0)
        .bits(0, 4)
        .unsigned(keyFrames % 2);
      writer.bits(0, 2).signed(0).unsigned(1);
      for (let index = 0; index < columns * rows; index++) writeMacroblock(writer, index, 0);
      previous.set(picture.pixels);
      keyFrames++;
      frameNumber = 0;
      return withLength(nalUnit(NAL_IDR, writer.finish()));
    },
    deltaFrame(changed) {
      frameNumber = (frameNumber + 1) % 16;
      const writer = createBitWriter(1 << 14);
      // first_mb, slice type P, PPS 0, frame_num, three flags off, QP delta, deblocking off
      writer.unsigned(0).unsigned(5).unsigned(0).bits(frameNumber, 4);
      writer.bits(0, 3).signed(0).unsigned(1);
      coefficients.fill(0);
      let next = 0;
      for (const index of changedMacroblocks(picture, previous, columns, changed)) {
        writer.unsigned(index - next);
        writeMacroblock(writer, index, P_SLICE_INTRA_OFFSET);
        next = index + 1;
      }
      if (next < columns * rows) writer.unsigned(columns * rows - next);
      return withLength(nalUnit(NAL_DELTA, writer.finish()));
    },
  };
}

function sequenceParameters(picture: Picture, columns: number, rows: number, level: number): Uint8Array {
  const writer = createBitWriter().bits(PROFILE_BASELINE, 8).bits(CONSTRAINTS, 8).bits(level, 8);
  // id 0, 4-bit frame_num, output order is decoding order, one reference frame, no gaps
  writer.unsigned(0).unsigned(0).unsigned(2).unsigned(1).bits(0, 1);
  writer
    .unsigned(columns - 1)
    .unsigned(rows - 1)
    .bits(0b11, 2);
  const cropRight = (columns * SIZE - picture.width) / 2;
  const cropBottom = (rows * SIZE - picture.height) / 2;
  writer.bits(1, 1).unsigned(0).unsigned(cropRight).unsigned(0).unsigned(cropBottom);
  return writer.bits(0, 1).finish();
}

function pictureParameters(): Uint8Array {
  // ids 0, CAVLC, no field order, one slice group, one reference, no weights, QP 26, deblocking control present
  const writer = createBitWriter().unsigned(0).unsigned(0).bits(0, 2).unsigned(0).unsigned(0).unsigned(0);
  return writer.bits(0, 3).signed(0).signed(0).signed(0).bits(0b100, 3).finish();
}

function decoderConfiguration(sps: Uint8Array, pps: Uint8Array, level: number): Uint8Array {
  const head = [1, PROFILE_BASELINE, CONSTRAINTS, level, 0xff, 0xe1, sps.length >> 8, sps.length & 0xff];
  return Uint8Array.from([...head, ...sps, 1, pps.length >> 8, pps.length & 0xff, ...pps]);
}

/** BT.709, limited range. */
function toYuv([red, green, blue]: Rgb): Rgb {
  const luma = (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
  return [
    Math.round(16 + 219 * luma),
    Math.round(128 + (224 * (blue / 255 - luma)) / 1.8556),
    Math.round(128 + (224 * (red / 255 - luma)) / 1.5748),
  ];
}

function chooseMode({ pixels, stride }: Picture, index: number, columns: number): keyof typeof MODE {
  const column = index % columns;
  const start = (index - column) * LUMA_BYTES + column * SIZE;
  const continues = (step: number) => {
    for (let y = 0; y < SIZE; y++) {
      for (let x = 0; x < SIZE; x++) {
        const at = start + y * stride + x;
        if (pixels[at] !== pixels[at - step]) return false;
      }
    }
    return true;
  };
  if (index >= columns && continues(stride)) return 'vertical';
  return column > 0 && continues(1) ? 'horizontal' : 'raw';
}

function rawSamples({ pixels, stride }: Picture, index: number, columns: number, samples: Rgb[]): Uint8Array {
  const column = index % columns;
  const start = (index - column) * LUMA_BYTES + column * SIZE;
  const raw = new Uint8Array(LUMA_BYTES + 2 * CHROMA_BYTES);
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const sample = samples[pixels[start + y * stride + x] ?? 0];
      if (!sample) continue;
      raw[y * SIZE + x] = sample[0];
      if (x % 2 || y % 2) continue;
      const chroma = LUMA_BYTES + (y / 2) * (SIZE / 2) + x / 2;
      raw[chroma] = sample[1];
      raw[chroma + CHROMA_BYTES] = sample[2];
    }
  }
  return raw;
}

/** nC of clause 9.2.1: the mean of what the macroblocks to the left and above have. Here it is 0, 8 or 16. */
function expectedCoefficients(coefficients: Uint8Array, index: number, columns: number): number {
  const left = index % columns > 0 ? coefficients[index - 1] : undefined;
  const above = coefficients[index - columns];
  return left !== undefined && above !== undefined ? (left + above + 1) >> 1 : (left ?? above ?? 0);
}

/** coeff_token (table 9-5) for a block without coefficients: from 8 expected on, the codes are of fixed length. */
function writeNoCoefficients(writer: BitWriter, expected: number): void {
  if (expected < 8) writer.bits(0b1, 1);
  else writer.bits(0b000011, 6);
}

/** The macroblocks within the areas that differ from the frame before, in order; takes note of their new pixels. */
function changedMacroblocks(
  { pixels, stride }: Picture,
  previous: Uint8Array,
  columns: number,
  areas: readonly Area[],
): number[] {
  const changed: number[] = [];
  for (const { x, y, width, height } of areas) {
    for (let row = Math.floor(y / SIZE); row * SIZE < y + height; row++) {
      for (let column = Math.floor(x / SIZE); column * SIZE < x + width; column++) {
        let differs = false;
        for (let line = row * SIZE; line < (row + 1) * SIZE; line++) {
          for (let at = line * stride + column * SIZE, end = at + SIZE; at < end; at++) {
            if (previous[at] === pixels[at]) continue;
            previous[at] = pixels[at] ?? 0;
            differs = true;
          }
        }
        if (differs) changed.push(row * columns + column);
      }
    }
  }
  return changed.sort((a, b) => a - b);
}
