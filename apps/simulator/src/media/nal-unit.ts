/** Puts a three after any two zeros that a small byte follows, so that no start code appears in the payload. */
export function nalUnit(header: number, payload: Uint8Array): Uint8Array {
  const unit = new Uint8Array(1 + Math.ceil(payload.length * 1.5));
  unit[0] = header;
  let length = 1;
  let zeros = 0;
  for (const byte of payload) {
    if (zeros >= 2 && byte <= 3) {
      unit[length++] = 3;
      zeros = 0;
    }
    unit[length++] = byte;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return unit.slice(0, length);
}

/** In an MP4, four bytes of length stand before each unit. */
export function withLength(unit: Uint8Array): Uint8Array {
  const prefixed = new Uint8Array(4 + unit.length);
  new DataView(prefixed.buffer).setUint32(0, unit.length);
  prefixed.set(unit, 4);
  return prefixed;
}
