import type { RequestFailure } from '../../session/request.ts';

/** English, for why a request to the hub failed: one text for each reason, wherever it shows. */
export const requestFailure: Record<RequestFailure, string> = {
  bad_request: 'The hub did not accept this.',
  sign_in_code_unknown: 'This link has been used, has expired, or was never made.',
  password_wrong: 'The name or the password is not right.',
  too_many_tries: 'Too many tries. Wait a while.',
  claim_refused: 'This claim is not valid any more.',
  session_expired: 'Your session has ended. Sign in again.',
  origin_not_allowed: 'The hub does not allow this address. Add it to "origins" in the hub’s settings.',
  token_refused: 'The hub does not know this session any more. Sign in again.',
  role_too_low: 'Your role does not allow this.',
  conflict: 'This does not fit what there is now.',
  store_failed: 'The hub cannot store it, so nothing was done. Its log says why.',
  not_found:
    'The hub has no such thing. It may have been removed, or console and hub are of different versions.',
  too_large: 'This is more than the hub takes at once.',
  internal: 'Something failed inside the hub. Its log says what.',
  unreachable: 'The hub cannot be reached. Is it running?',
  not_understood: 'The hub’s answer was not understood. Console and hub may be of different versions.',
};
