/**
 * Every place between two effects where a process can die, fail or fall asleep, by name, so that tests can make it do so at each.
 * In production nobody listens. A name is `<operation>.<what has just happened>`.
 */
export const FAILPOINTS = [
  // A create, or a video made from another one, in the gateway.
  'create.uploads_stored',
  'create.accepted',
  'create.sent',
  // A video that waits is sent by a worker.
  'submit.claimed',
  'submit.begun',
  // What the upstream answered to a create, wherever it was sent from.
  'record.answered',
  'record.committed',
  // A create whose answer was lost is looked for.
  'resolve.claimed',
  'resolve.looked',
  'resolve.moved',
  'resolve.committed',
  // A look at a render.
  'poll.claimed',
  'poll.seen',
  // A finished render is paid for.
  'settle.moved',
  'settle.booked',
  'settle.committed',
  // A video that failed.
  'fail.moved',
  'fail.booked',
  'fail.committed',
  // Bytes into the object store.
  'archive.claimed',
  'archive.opened',
  'archive.put',
  'archive.recorded',
  'archive.moved',
  'archive.committed',
  // A video is deleted, then its bytes.
  'delete.requested',
  'purge.claimed',
  'purge.object_deleted',
  'purge.bytes_deleted',
  'purge.committed',
  // A webhook.
  'deliver.claimed',
  'deliver.posted',
  'deliver.recorded',
  'deliver.committed',
] as const;

export type FailpointName = (typeof FAILPOINTS)[number];

/** Reaches a place. Whoever listens may end the process, throw, or not resolve for a while or ever. */
export type Failpoint = (name: FailpointName) => Promise<void>;
