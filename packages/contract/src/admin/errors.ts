/** What each status of the Admin API can mean, besides what it means in the public one. */
import { ERROR_STATUSES, type ErrorStatus } from '../errors.ts';

const {
  400: invalid,
  401: unauthenticated,
  413: tooLarge,
  415: unsupported,
  429: slow,
  500: failed,
  503: away,
} = ERROR_STATUSES;

/** By status. Unlike the public API it knows 409: no SDK repeats its requests. */
export const ADMIN_ERROR_STATUSES = {
  400: invalid,
  401: unauthenticated,
  403: {
    example: {
      message: "This needs the role 'admin', and yours is 'manager'.",
      type: 'invalid_request_error',
      param: null,
      code: 'forbidden',
    },
    description: 'You may not.',
    codes: {
      forbidden: 'the role does not suffice',
      cross_site_request: "a change by a signed-in browser that does not come from the dashboard's own pages",
    },
  },
  404: {
    example: {
      message: "Team with id 'team_1b9d2f7c1e0a4856a7c4d5e6f7081923' not found.",
      type: 'invalid_request_error',
      param: 'team_id',
      code: 'team_not_found',
    },
    description: 'There is no such thing, or it is not yours to see: both are answered alike.',
    codes: {
      team_not_found: 'no such team',
      key_not_found: 'no such key',
      video_not_found: 'no such video',
      not_found: 'no such thing of another kind',
    },
  },
  409: {
    example: {
      message: 'It has been changed meanwhile: version 3 now, and you have seen 2. Look again.',
      type: 'invalid_request_error',
      param: 'version',
      code: 'version_conflict',
    },
    description: 'It is not, or no longer, in a state that allows this.',
    codes: {
      version_conflict: 'somebody else was faster',
      conflict: 'the message says what is in the way',
    },
  },
  413: tooLarge,
  415: unsupported,
  429: slow,
  500: failed,
  503: away,
} as const satisfies Readonly<Record<number, ErrorStatus>>;
