import { requestFailure } from './requests.ts';

/** English, for signing in. */
export const signIn = {
  /** Why the hub did not let somebody in, or could not. */
  requestFailure: {
    ...requestFailure,
    bad_request: 'The hub did not accept this code. Check that all of it was copied.',
    too_large: 'This code is too long. Check what was copied.',
  },
  title: 'Sign in',
  trying: 'Signing in',
  lead: 'Sign in with a one-time link. Print a fresh one where the hub runs:',
  command: 'npm run hub -- sign-in-link',
  after: 'Open the link in this browser, or paste it, or its code, here.',
  field: 'Link or code',
  submit: 'Sign in',
  retry: 'Try again',
};
