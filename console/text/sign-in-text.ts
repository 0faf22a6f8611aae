import type { RequestError } from '../session/request.ts';
import { signIn } from './en/sign-in.ts';
import { passwordFault } from './passwords-text.ts';
import { failureText } from './request-text.ts';

export { signIn as signInText };

/** Why the hub did not let somebody in, or could not. */
export const signInFailure = (problem: RequestError): string =>
  signIn.failure[problem.code] ?? passwordFault(problem) ?? failureText(problem);
