import { networkInterfaces, hostname } from 'node:os';
import { isIP } from 'node:net';
import { X509Certificate } from 'node:crypto';
import type { DataFolder } from '../config/data-folder.ts';
import { StartError } from '../config/start-error.ts';
import type { Issued } from './issue.ts';

const CA = { cert: 'ca.pem', key: 'ca-key.pem' };
const SERVER = { cert: 'server.pem', key: 'server-key.pem' };
/** A server certificate is made anew this long before it ends, in ms. */
const RENEW_BEFORE = 30 * 86_400_000;

/** Loaded when there is something to issue only: its X.509 library takes longer to load than the rest of a start. */
const issuing = () => import('./issue.ts');

/** What the https listener needs, PEM encoded, and the CA that its clients must trust. */
export interface Certificates {
  readonly key: string;
  /** The server's certificate, followed by the CA's. */
  readonly cert: string;
  readonly ca: string;
  /** Every name and address that the certificate is good for. */
  readonly names: readonly string[];
}

/** The names and addresses by which this machine may be reached, and those that are configured. */
export function hubNames(configured: readonly string[]): string[] {
  const host = hostname().toLowerCase();
  const addresses = Object.values(networkInterfaces())
    .flat()
    .filter((entry) => entry !== undefined)
    .filter(({ address }) => !address.startsWith('fe80:'))
    .map(({ address }) => address);
  const names = ['localhost', '127.0.0.1', '::1', host, ...addresses, ...configured];
  return [...new Set(host.includes('.') ? names : [...names, `${host}.local`])];
}

/**
 * The hub's certificates from the data folder; made on the first start, and the server's renewed when it is about
 * to end or a name is new. The CA stays, so that clients that trust it go on trusting the hub.
 *
 * @param now Unix time in ms
 * @throws StartError where stored certificates cannot be used
 */
export async function loadCertificates(
  folder: DataFolder,
  configuredNames: readonly string[],
  now: number,
): Promise<Certificates> {
  const names = hubNames(configuredNames);
  requireWhole(folder, CA);
  const ca = stored(folder, CA) ?? keep(folder, CA, await (await issuing()).issueAuthority(hostname(), now));
  const current = stored(folder, SERVER);
  const server =
    current && stillGood(current.cert, ca.cert, names, now)
      ? current
      : keep(folder, SERVER, await (await issuing()).issueServer(ca, names, now));
  return { key: server.key, cert: `${server.cert}\n${ca.cert}`, ca: ca.cert, names };
}

/** A new authority would cost the trust of every client, so it is never made where half of one is left. */
function requireWhole(folder: DataFolder, { cert, key }: typeof CA): void {
  const missing = [cert, key].filter((name) => folder.read(name) === undefined);
  if (missing.length !== 1) return;
  throw new StartError(
    `${folder.file(missing[0] as string)} is missing`,
    'restore it from a backup, or move its other half away too to have a new authority made',
  );
}

function stored(folder: DataFolder, { cert, key }: typeof CA): Issued | undefined {
  const pair = { cert: folder.read(cert), key: folder.read(key) };
  if (pair.cert === undefined || pair.key === undefined) return undefined;
  try {
    new X509Certificate(pair.cert);
  } catch {
    throw new StartError(
      `${folder.file(cert)} is not a certificate`,
      'restore it from a backup, or move it away to have a new one made',
    );
  }
  return { cert: pair.cert, key: pair.key };
}

function keep(folder: DataFolder, { cert, key }: typeof CA, issued: Issued): Issued {
  folder.write(key, issued.key, { secret: true });
  folder.write(cert, issued.cert, { secret: false });
  return issued;
}

function stillGood(cert: string, ca: string, names: readonly string[], now: number): boolean {
  const parsed = new X509Certificate(cert);
  return (
    parsed.verify(new X509Certificate(ca).publicKey) &&
    parsed.validToDate.getTime() - RENEW_BEFORE > now &&
    names.every((name) => (isIP(name) ? parsed.checkIP(name) : parsed.checkHost(name)) !== undefined)
  );
}
