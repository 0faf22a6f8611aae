import { PASSWORD } from '#broker/contract/session.ts';

/** English, for passwords. */
export const passwords = {
  password: 'Password',
  fresh: 'New password',
  show: 'Show',
  hide: 'Hide',
  shown: 'password',
  rule: `At least ${PASSWORD.least} characters. A few words that you remember do well.`,
  more: (n: number) => (n === 1 ? '1 more character' : `${n} more characters`),
  another: 'Choose another password.',
  longEnough: 'Long enough.',
};
