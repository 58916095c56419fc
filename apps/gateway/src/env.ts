import { checkObjectStoreChoice, serverVariables, variable } from '@reelgate/runtime';
import { z } from 'zod';

export const environmentSchema = z
  .object({
    PORT: variable.port().default(8080).describe('Port to listen on; 0 takes a free one.'),
    HOST: variable.text().default('0.0.0.0').describe('Address to listen on.'),
    ...serverVariables,
    REELGATE_KEY_PEPPER: variable
      .secret({ minLength: 16 })
      .describe(
        'Mixed into the hash of every API key. To change it, give the new and the old one as `2:<new>,1:<old>`: a key that is used is hashed anew, and one that is not stays valid for as long as its own is listed.',
      ),
    INLINE_SUBMIT_WAIT: variable
      .durationMs()
      .default(20_000)
      .describe('How long a create waits for its upstream before it answers `queued` and goes on by itself.'),
    BODY_TIMEOUT: variable
      .durationMs()
      .default(30_000)
      .describe('How long a caller may take to send the body of a request without files.'),
    UPLOAD_TIMEOUT: variable
      .durationMs()
      .default(540_000)
      .describe('The same for a request with a file, from the beginning of the file.'),
    IMAGE_MAX_BYTES: variable
      .bytes()
      .default(20 * 2 ** 20)
      .describe('Largest picture that a caller may send to start a video from.'),
    VIDEO_MAX_BYTES: variable
      .bytes()
      .default(512 * 2 ** 20)
      .describe('Largest video that a caller may send to edit, to extend, or to make a character from.'),
    SPOOL_DIRECTORY: variable
      .text()
      .optional()
      .describe('Directory for uploads while their requests last. Unset: a fresh one for temporary files.'),
    CONTENT_REDIRECT: variable
      .boolean()
      .default(false)
      .describe(
        'Answer downloads with a redirect to a link into the object store that is good for five minutes.',
      ),
    IDLE_TIMEOUT: variable
      .durationMs()
      .default(120_000)
      .describe(
        'A connection on which nothing moves for this long is closed, also in the middle of a download.',
      ),
    KEEP_ALIVE_TIMEOUT: variable
      .durationMs()
      .default(75_000)
      .describe(
        'How long an idle connection is kept; longer than the idle time of the load balancer in front.',
      ),
    SHUTDOWN_DELAY: variable
      .durationMs()
      .default(0)
      .describe('How long to be not ready before the listener closes, so that load balancers notice.'),
  })
  .superRefine(checkObjectStoreChoice);
