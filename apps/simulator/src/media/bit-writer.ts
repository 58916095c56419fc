/** Writes bits, most significant first, with the variable length codes of H.264 (clause 9.1). */
export interface BitWriter {
  bits(value: number, count: number): BitWriter;
  /** Exp-Golomb code of an unsigned number. */
  unsigned(value: number): BitWriter;
  /** Exp-Golomb code of a signed number. */
  signed(value: number): BitWriter;
  /** Fills up the byte with zeros. */
  align(): BitWriter;
  /** Appends whole bytes; the writer must be aligned. */
  bytes(values: Uint8Array): BitWriter;
  /** Ends the payload with a one and zeros, and returns it. */
  finish(): Uint8Array;
}

export function createBitWriter(sizeHintBytes = 256): BitWriter {
  let buffer = new Uint8Array(sizeHintBytes);
  let length = 0;
  let current = 0;
  let filled = 0;

  const reserve = (count: number) => {
    if (length + count <= buffer.length) return;
    const larger = new Uint8Array(Math.max(buffer.length * 2, length + count));
    larger.set(buffer);
    buffer = larger;
  };
  const writer: BitWriter = {
    bits(value, count) {
      for (let bit = count - 1; bit >= 0; bit--) {
        current = (current << 1) | ((value >>> bit) & 1);
        if (++filled < 8) continue;
        reserve(1);
        buffer[length++] = current;
        current = 0;
        filled = 0;
      }
      return writer;
    },
    unsigned(value) {
      const width = 32 - Math.clz32(value + 1);
      return writer.bits(0, width - 1).bits(value + 1, width);
    },
    signed(value) {
      return writer.unsigned(value > 0 ? 2 * value - 1 : -2 * value);
    },
    align() {
      return filled === 0 ? writer : writer.bits(0, 8 - filled);
    },
    bytes(values) {
      reserve(values.length);
      buffer.set(values, length);
      length += values.length;
      return writer;
    },
    finish() {
      writer.bits(1, 1).align();
      return buffer.subarray(0, length);
    },
  };
  return writer;
}
