import type { RequestFailure } from '../../session/api.ts';

/** Why the hub did not let somebody in, or could not. */
const requestFailure: Record<RequestFailure, string> = {
  bad_request: 'The hub did not accept this code. Check that all of it was copied.',
  sign_in_code_unknown: 'This code has been used, has expired, or was never made. Print a fresh one.',
  session_expired: 'Your session has ended. Sign in with a fresh link.',
  origin_not_allowed: 'The hub does not allow this address. Add it to "origins" in the hub’s settings.',
  not_found: 'The hub does not know this request. Console and hub may be of different versions.',
  too_large: 'This code is too long. Check what was copied.',
  internal: 'Something failed inside the hub. Its log says what.',
  unreachable: 'The hub cannot be reached. Is it running?',
  not_understood: 'The hub’s answer was not understood. Console and hub may be of different versions.',
};

/** English, for signing in. */
export const signIn = {
  requestFailure,
  title: 'Sign in',
  trying: 'Signing in',
  lead: 'Sign in with a one-time link. Print a fresh one where the hub runs:',
  command: 'npm run hub -- sign-in-link',
  after: 'Open the link in this browser, or paste it, or its code, here.',
  field: 'Link or code',
  submit: 'Sign in',
  retry: 'Try again',
};
