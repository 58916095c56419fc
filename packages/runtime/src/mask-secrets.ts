const secrets: readonly [RegExp, string][] = [
  // Our own keys, upstream keys, webhook signing secrets.
  [/\b(rg|sk|whsec)([_-])[\w+/=-]{8,}/g, '$1$2***'],
  [/\b(bearer|basic)\s+[\w.~+/=-]+/gi, '$1 ***'],
  // user:password@ of a URL
  [/:\/\/[^/\s@]{1,256}@/g, '://***@'],
  [/\b(X-Amz-(?:Signature|Credential|Security-Token)|api_key|token|signature)=[^&\s]+/gi, '$1=***'],
];

/** Blanks what has the form of a credential. The second line of defence: such values should not get here at all. */
export function maskSecrets(text: string): string {
  return secrets.reduce((masked, [pattern, replacement]) => masked.replace(pattern, replacement), text);
}
