import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../config/settings.ts';
import { StartError } from '../config/start-error.ts';
import { ownFiles } from '../tls/certificate-source.ts';
import { moment } from '../tls/judge-pair.ts';
import { CA, SERVER } from '../tls/local-certificate.ts';
import { readOwnFiles } from '../tls/own-files.ts';

/**
 * Tells by which certificates the hub is known: of its own authority, or that it is given. Nothing is made.
 * @param print hears it, a line each
 * @throws StartError where there is none, or it cannot be used
 */
export async function authority(
  settings: Settings,
  print: (line: string) => void,
  now: number,
): Promise<void> {
  const own = ownFiles(settings);
  if (own) {
    const read = await readOwnFiles(own, now);
    if ('fault' in read) throw new StartError(read.fault.problem, read.fault.remedy);
    print('The hub is given a certificate, so it has no authority of its own.');
    for (const line of described('Certificate', own.certificate, read.certificate)) print(line);
    return;
  }
  const [ca, server] = [CA, SERVER].map(({ cert }) => join(settings.data, cert)) as [string, string];
  if (!existsSync(ca)) {
    throw new StartError(`there is no ${ca}`, 'the first start makes it; or name a data folder with --data');
  }
  for (const line of described('Authority', ca, parsed(ca))) print(line);
  if (!existsSync(server)) return;
  for (const line of described('Certificate of the hub', server, parsed(server))) print(line);
}

function described(what: string, file: string, certificate: X509Certificate): string[] {
  const { fingerprint256, validFromDate, validToDate, subjectAltName } = certificate;
  return [
    `${what}: ${file}`,
    `  SHA-256  ${fingerprint256}`,
    `  valid    from ${moment(validFromDate)} to ${moment(validToDate)}`,
    ...(subjectAltName === undefined ? [] : [`  names    ${subjectAltName}`]),
  ];
}

function parsed(file: string): X509Certificate {
  try {
    return new X509Certificate(readFileSync(file));
  } catch {
    throw new StartError(`${file} is not a certificate`, 'restore it from a backup');
  }
}
