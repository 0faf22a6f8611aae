import type { RequestError } from '../session/request.ts';
import { passwords } from './en/passwords.ts';
import { sentence } from './request-text.ts';

export { passwords as passwordsText };

/** What the hub has against a password that somebody chose; undefined where it refused for another reason. */
export function passwordFault({ code, said }: RequestError): string | undefined {
  const [, fault] = /^password: (.+)$/s.exec((code === 'bad_request' && said) || '') ?? [];
  return fault && `${passwords.another} ${sentence(fault)}`;
}
