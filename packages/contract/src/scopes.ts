/** What a key may be allowed. Closed: a new one also says here what it is good for. */
export const SCOPES = {
  'videos:read': 'retrieve, list, download and quote videos',
  'videos:write': 'create, derive, cancel and delete videos',
  characters: 'create and retrieve characters',
  files: 'upload, list and delete files',
  'usage:read': "see what the key's team has used, and its limits",
  webhooks: 'manage webhook endpoints and read events',
} as const satisfies Readonly<Record<string, string>>;

export type Scope = keyof typeof SCOPES;
