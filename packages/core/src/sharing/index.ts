export { createShareLink } from './create-share-link.ts';
export { findSharedContent } from './find-shared-content.ts';
export { listShareLinks } from './list-share-links.ts';
export type { ShareLinkRow } from './queries.ts';
export { revokeShareLink } from './revoke-share-link.ts';
