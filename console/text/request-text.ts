import { RequestError } from '../session/request.ts';
import { requestFailure } from './en/requests.ts';

export { requestFailure };

/** What the hub said, as a sentence of its own. */
export const sentence = (said: string): string => `${said.slice(0, 1).toUpperCase()}${said.slice(1)}.`;

/** Why a request to the hub failed, with what the hub said of it. */
export function failureText(cause: unknown): string {
  if (!(cause instanceof RequestError)) return requestFailure.not_understood;
  const { code, said } = cause;
  // The hub alone knows what is in the way, and how long to wait.
  if ((code === 'conflict' || code === 'too_many_tries') && said) return sentence(said);
  const tells = code === 'bad_request' || code === 'not_found';
  return tells && said ? `${requestFailure[code]} ${said}` : requestFailure[code];
}
