import type { RequestFailure } from '../../session/request.ts';

/** Why the hub did not let somebody in, where that is said otherwise than elsewhere. */
const failure: Partial<Record<RequestFailure, string>> = {
  sign_in_code_unknown:
    'This link has been used, has expired, or was never made. Sign in with your password, or ask for a fresh link.',
};

/** English, for signing in. */
export const signIn = {
  failure,
  title: 'Sign in',
  trying: 'Signing in',
  name: 'Name',
  submit: 'Sign in',
  retry: 'Try again',
  choose: {
    greeting: (name: string) => `Hello, ${name}`,
    first: (id: string) =>
      `Choose a password. From then on you sign in with it and the name “${id}”. This link works once.`,
    again: 'Choose a new password. The one that you have stops working, and this link works once.',
    submit: 'Set password and sign in',
    otherwise: 'Sign in otherwise',
  },
  link: {
    title: 'No password, or forgotten?',
    ask: 'An administrator can make you a one-time link. Where the hub runs, anybody who may can print one:',
    command: 'npm run hub -- sign-in-link',
    field: 'Open it in this browser, or paste it here',
    submit: 'Go on',
  },
};
