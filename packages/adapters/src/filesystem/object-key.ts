/** Letters that mean the same on every file system and in every URL; no segment can be `.`, `..` or hidden. */
const KEY = /^[A-Za-z0-9][A-Za-z0-9._=-]*(?:\/[A-Za-z0-9][A-Za-z0-9._=-]*)*$/;
const MAX_KEY_BYTES = 512;
const MAX_SEGMENT_BYTES = 200;

export function isObjectKey(key: string): boolean {
  return (
    key.length <= MAX_KEY_BYTES &&
    KEY.test(key) &&
    key.split('/').every((segment) => segment.length <= MAX_SEGMENT_BYTES)
  );
}

/** Throws where `key` could leave the store's directory or is not portable. */
export function assertObjectKey(key: string): void {
  if (!isObjectKey(key)) throw new RangeError(`not a valid object key: ${JSON.stringify(key.slice(0, 200))}`);
}
