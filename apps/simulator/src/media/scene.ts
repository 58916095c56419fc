import { createHash } from 'node:crypto';
import { CELL_HEIGHT, CELL_WIDTH, glyphRows, wrapText } from './font.ts';

export type Rgb = readonly [red: number, green: number, blue: number];

/** A rectangle in pixels. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A picture in palette colours: one byte per pixel, `stride` bytes per row, whole macroblocks allocated. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly stride: number;
  readonly pixels: Uint8Array;
  readonly palette: readonly Rgb[];
}

export interface SceneSpec {
  readonly width: number;
  readonly height: number;
  readonly seconds: number;
  /** What to write large; as much as fits. */
  readonly text: string;
  /** What to write small beside the clock. */
  readonly footer: readonly string[];
  /** Colours follow from it. */
  readonly seed: string;
}

export interface Scene {
  readonly picture: Picture;
  /** Draws the picture as of a time into the film, and returns the areas that may have changed. */
  drawAt(seconds: number): readonly Area[];
}

const MACROBLOCK = 16;
const BANDS = 8;
const INK = BANDS;
const FAINT = BANDS + 1;
const ACCENT = BANDS + 2;
const TRACK = BANDS + 3;

/** A film that shows a text, a running clock and a bar that grows: dark bands, light letters. */
export function createScene(spec: SceneSpec): Scene {
  const picture = createPicture(spec);
  const { width, height } = picture;
  const margin = MACROBLOCK * Math.max(1, Math.round((width * 0.04) / MACROBLOCK));
  // Chroma has half the resolution: with even scales and origins every letter is exact.
  const unit = Math.max(2, 2 * Math.round(Math.min(width, height) / 360));
  const small = Math.max(2, 2 * Math.floor(unit / 4));
  const clockScale = 2 * unit;
  const barY = toMacroblock(height - 2 * MACROBLOCK);
  const clockY = toMacroblock(barY - MACROBLOCK - CELL_HEIGHT * clockScale);
  const clockWidth = clockText(0).length * CELL_WIDTH * clockScale;

  drawParagraph(picture, spec.text, {
    x: margin,
    y: margin,
    width: width - 2 * margin,
    height: clockY - MACROBLOCK - margin,
    scales: [unit + 2, unit, small],
  });
  const footerX = margin + clockWidth + 6 * small;
  const footerColumns = Math.floor((width - margin - footerX) / (CELL_WIDTH * small));
  spec.footer.forEach((line, index) => {
    const y = clockY + index * (CELL_HEIGHT + 2) * small;
    drawText(picture, [...line].slice(0, footerColumns).join(''), footerX, y, small, FAINT);
  });
  const bar: Area = { x: margin, y: barY, width: width - 2 * margin, height: MACROBLOCK };
  fill(picture, bar, TRACK);
  const behindClock: Area = { x: margin, y: clockY, width: clockWidth, height: CELL_HEIGHT * clockScale };

  return {
    picture,
    drawAt(seconds) {
      drawBands(picture, behindClock);
      drawText(picture, clockText(seconds), margin, clockY, clockScale, INK);
      const done = 2 * Math.round((bar.width * Math.min(1, seconds / spec.seconds)) / 2);
      fill(picture, bar, TRACK);
      fill(picture, { ...bar, width: done }, ACCENT);
      return [behindClock, bar];
    },
  };
}

/** `mm:ss.f`; the small addition keeps 0.3 from reading as 0.2 when a frame's time is a fraction below it. */
function clockText(seconds: number): string {
  const tenths = Math.floor(seconds * 10 + 1e-6);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${two(tenths / 600)}:${two((tenths / 10) % 60)}.${tenths % 10}`;
}

function createPicture(spec: SceneSpec): Picture {
  const stride = Math.ceil(spec.width / MACROBLOCK) * MACROBLOCK;
  const rows = Math.ceil(spec.height / MACROBLOCK) * MACROBLOCK;
  const picture = {
    width: spec.width,
    height: spec.height,
    stride,
    pixels: new Uint8Array(stride * rows),
    palette: paletteOf(spec.seed),
  };
  drawBands(picture, { x: 0, y: 0, width: stride, height: rows });
  return picture;
}

function paletteOf(seed: string): Rgb[] {
  const hash = createHash('sha256').update(seed).digest();
  const hue = hash.readUInt16BE(0) % 360;
  const turn = 8 + (hash.readUInt8(2) % 14);
  const bands = Array.from({ length: BANDS }, (_, band) => fromHsl((hue + band * turn) % 360, 0.55, 0.2));
  return [...bands, [255, 255, 255], [190, 198, 210], fromHsl((hue + 180) % 360, 0.85, 0.6), [26, 28, 34]];
}

function fromHsl(hue: number, saturation: number, lightness: number): Rgb {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const channel = (offset: number) => {
    const k = (offset + hue / 30) % 12;
    return Math.round(255 * (lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}

function drawBands({ pixels, stride }: Picture, area: Area): void {
  const blocks = stride / MACROBLOCK;
  const row = new Uint8Array(area.width);
  for (let x = 0; x < area.width; x++) {
    row[x] = Math.floor((Math.floor((area.x + x) / MACROBLOCK) * BANDS) / blocks);
  }
  for (let y = area.y; y < area.y + area.height; y++) pixels.set(row, y * stride + area.x);
}

function fill({ pixels, stride }: Picture, area: Area, colour: number): void {
  for (let y = area.y; y < area.y + area.height; y++) {
    pixels.fill(colour, y * stride + area.x, y * stride + area.x + area.width);
  }
}

function drawText(
  picture: Picture,
  text: string,
  left: number,
  top: number,
  scale: number,
  colour: number,
): void {
  [...text].forEach((character, column) => {
    const x = left + column * CELL_WIDTH * scale;
    glyphRows(character).forEach((row, line) => {
      for (let dot = row.indexOf('#'); dot >= 0; dot = row.indexOf('#', dot + 1)) {
        fill(picture, { x: x + dot * scale, y: top + line * scale, width: scale, height: scale }, colour);
      }
    });
  });
}

function drawParagraph(
  picture: Picture,
  text: string,
  box: Area & { readonly scales: readonly number[] },
): void {
  const layOut = (scale: number) => ({
    scale,
    lines: wrapText(text, Math.floor(box.width / (CELL_WIDTH * scale))),
    room: Math.floor((box.height + 2 * scale) / ((CELL_HEIGHT + 2) * scale)),
  });
  const layouts = box.scales.map(layOut);
  const chosen = layouts.find(({ lines, room }) => lines.length <= room) ?? layouts.at(-1);
  if (!chosen) return;
  const { scale, lines, room } = chosen;
  lines.slice(0, room).forEach((line, index) => {
    const cut = index === room - 1 && lines.length > room ? `${line.slice(0, -3)}...` : line;
    drawText(picture, cut, box.x, box.y + index * (CELL_HEIGHT + 2) * scale, scale, INK);
  });
}

function toMacroblock(pixels: number): number {
  return Math.floor(pixels / MACROBLOCK) * MACROBLOCK;
}
