import { createHmac, timingSafeEqual } from 'node:crypto';
import { isObjectKey } from './object-key.ts';

const PARAMETERS = ['expires', 'name', 'signature', 'type'];
/** As S3: seven days. */
const MAX_LIFE_SECONDS = 7 * 24 * 60 * 60;
const MIN_SECRET_BYTES = 32;

export interface PresignedObject {
  readonly key: string;
  /** To be answered as `content-type`. */
  readonly contentType: string;
  /** To be answered in `content-disposition`; not yet encoded for a header. */
  readonly fileName: string;
}

export interface UrlSigner {
  sign(object: PresignedObject, expiresInSeconds: number): string;
  /** What the URL gives access to, or null where it is not ours, was changed, or has expired. */
  verify(url: URL): PresignedObject | null;
}

/** Signs `<publicUrl>/objects/<key>?expires&type&name&signature`, with HMAC-SHA256 over all of it. `now` is in ms. */
export function createUrlSigner(options: {
  readonly publicUrl: string;
  readonly signingSecret: string;
  readonly now: () => number;
}): UrlSigner {
  const { signingSecret, now } = options;
  if (Buffer.byteLength(signingSecret) < MIN_SECRET_BYTES)
    throw new RangeError(`signingSecret must have at least ${MIN_SECRET_BYTES} bytes`);
  const base = options.publicUrl.replace(/\/+$/, '');
  const publicPath = `${new URL(base).pathname.replace(/\/$/, '')}/objects/`;

  // JSON keeps the fields apart, so that no two sets of them sign the same text.
  const signature = ({ key, contentType, fileName }: PresignedObject, expires: number): Buffer =>
    createHmac('sha256', signingSecret)
      .update(JSON.stringify(['reelgate object url 1', key, expires, contentType, fileName]))
      .digest();

  return {
    sign(object, expiresInSeconds) {
      if (!Number.isInteger(expiresInSeconds) || expiresInSeconds < 1 || expiresInSeconds > MAX_LIFE_SECONDS)
        throw new RangeError(`expiresInSeconds must be a whole number from 1 to ${MAX_LIFE_SECONDS}`);
      const expires = Math.floor(now() / 1000) + expiresInSeconds;
      const query = new URLSearchParams({
        expires: String(expires),
        type: object.contentType,
        name: object.fileName,
        signature: signature(object, expires).toString('base64url'),
      });
      return `${base}/objects/${object.key}?${query}`;
    },

    verify(url) {
      // A proxy in front may strip the path of the public URL.
      const prefix = [publicPath, '/objects/'].find((candidate) => url.pathname.startsWith(candidate));
      if (prefix === undefined) return null;
      if ([...url.searchParams.keys()].sort().join() !== PARAMETERS.join()) return null;
      const parameter = (name: string): string => url.searchParams.get(name) ?? '';
      const object = {
        key: url.pathname.slice(prefix.length),
        contentType: parameter('type'),
        fileName: parameter('name'),
      };
      const expires = Number(parameter('expires'));
      if (!Number.isSafeInteger(expires) || String(expires) !== parameter('expires')) return null;

      const given = Buffer.from(parameter('signature'), 'base64url');
      const expected = signature(object, expires);
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
      return isObjectKey(object.key) && now() < expires * 1000 ? object : null;
    },
  };
}
