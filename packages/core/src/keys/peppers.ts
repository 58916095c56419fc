import { createHmac } from 'node:crypto';

const NUMBERED = /^[1-9]\d{0,8}:[^,]+(?:,[1-9]\d{0,8}:[^,]+)*$/;

/** The secrets that are mixed into key hashes; new hashes are made with the newest. */
export interface Peppers {
  readonly newest: number;
  /** What is stored of a key; null where there is no pepper of that version any more. 190 random bits need no slow hash; the pepper keeps a stolen table useless. */
  hash(secret: string, version: number): string | null;
}

/** Either one pepper, which is version 1, or several as `2:<pepper>,1:<pepper>`. */
export function readPeppers(text: string): Peppers {
  const byVersion = new Map(
    NUMBERED.test(text)
      ? text.split(',').map((part) => {
          const colon = part.indexOf(':');
          return [Number(part.slice(0, colon)), part.slice(colon + 1)] as const;
        })
      : [[1, text] as const],
  );
  return {
    newest: Math.max(...byVersion.keys()),
    hash(secret, version) {
      const pepper = byVersion.get(version);
      return pepper === undefined ? null : createHmac('sha256', pepper).update(secret).digest('hex');
    },
  };
}
