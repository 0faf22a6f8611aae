import * as z from 'zod/mini';

/** Why an HTTP request failed. `code` is stable; `message` is for people. */
export const problem = z.object({
  error: z.object({
    code: z.enum([
      'bad_request',
      'sign_in_code_unknown',
      'password_wrong',
      'too_many_tries',
      'claim_refused',
      'session_expired',
      'origin_not_allowed',
      'token_refused',
      'role_too_low',
      'conflict',
      'store_failed',
      'not_found',
      'too_large',
      'internal',
    ]),
    message: z.string(),
  }),
});
export type Problem = z.infer<typeof problem>;
export type ProblemCode = Problem['error']['code'];
