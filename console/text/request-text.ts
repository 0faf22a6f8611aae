import { RequestError } from '../session/request.ts';
import { requestFailure } from './en/requests.ts';

export { requestFailure };

/** Why a request to the hub failed, with what the hub said of it. */
export function failureText(cause: unknown): string {
  if (!(cause instanceof RequestError)) return requestFailure.not_understood;
  const { code, said } = cause;
  const tells = code === 'bad_request' || code === 'conflict' || code === 'not_found';
  return tells && said ? `${requestFailure[code]} ${said}` : requestFailure[code];
}
