import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { isHost } from '../config/settings.ts';

type Named = Pick<X509Certificate, 'subjectAltName' | 'checkHost' | 'checkIP'>;

/** One of the alternative names as Node prints them: a value with odd characters is quoted. */
const ENTRY = /(?<kind>[^:,]+):(?<value>"(?:\\.|[^"\\])*"|[^,]*)(?:, |$)/gy;
const KINDS = ['DNS', 'IP Address'];

/** The names and addresses that a certificate is good for (RFC 5280 §4.2.1.6), wildcards among them. */
function certified(subjectAltName = ''): string[] {
  return [...subjectAltName.matchAll(ENTRY)]
    .map(({ groups }) => groups as { kind: string; value: string })
    .filter(({ kind, value }) => KINDS.includes(kind) && isHost(value))
    .map(({ value }) => value.toLowerCase());
}

/** Whether a certificate is good for a name or an address. */
export const isCertified = (certificate: Named, name: string): boolean =>
  (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined;

/** The names and addresses by which the hub is reached. A wildcard is none: it stands for many. */
export function namesOf(certificate: Named, configured: readonly string[]): string[] {
  const own = certified(certificate.subjectAltName).filter((name) => !name.includes('*'));
  return [...new Set([...own, ...configured])];
}

/** What is wrong with the names of a certificate that the hub was given, in sentences for the log. */
export function namesFaults(certificate: Named, configured: readonly string[]): string[] {
  const foreign = configured.filter((name) => !isCertified(certificate, name));
  return [
    ...foreign.map((name) => `the certificate is not good for ${name}: clients refuse the hub by that name`),
    ...(namesOf(certificate, configured).length === 0
      ? ['the certificate has no name that is not a wildcard: add the hub\'s own to "names" in its settings']
      : []),
  ];
}
