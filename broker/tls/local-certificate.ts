import { networkInterfaces, hostname } from 'node:os';
import { X509Certificate } from 'node:crypto';
import type { DataFolder } from '../config/data-folder.ts';
import { StartError } from '../config/start-error.ts';
import type { Log } from '../log/log.ts';
import type { Certificates, CertificateSource } from './certificates.ts';
import type { Issued } from './issue.ts';
import { moment } from './judge-pair.ts';
import { isCertified } from './names.ts';

/** The files in the data folder. */
export const CA = { cert: 'ca.pem', key: 'ca-key.pem' };
export const SERVER = { cert: 'server.pem', key: 'server-key.pem' };
/** A server certificate is made anew this long before it ends, in ms. */
const RENEW_BEFORE = 30 * 86_400_000;
/** How often to look whether it is time, in ms. */
const LOOK = 60_000;

/** Loaded when there is something to issue only: its X.509 library takes longer to load than the rest of a start. */
const issuing = () => import('./issue.ts');

/** A certificate of the hub's own authority, which its clients must trust. */
export type LocalCertificates = Certificates & { readonly ca: string };

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
 * A certificate of an authority that the hub has made for itself. Both are in the data folder; they are made on the
 * first start, and the server's is renewed when it is about to end, also while the hub runs, or has not all names. The
 * authority stays, so that clients that trust it go on trusting the hub.
 */
export class LocalCertificate implements CertificateSource {
  readonly every = LOOK;
  readonly #folder: DataFolder;
  readonly #names: readonly string[];
  readonly #log: Log;
  #inUse: { readonly ca: Issued; readonly server: Issued } | undefined;

  /** @param names beside those by which this machine may be reached */
  constructor(folder: DataFolder, names: readonly string[], log: Log) {
    this.#folder = folder;
    this.#names = hubNames(names);
    this.#log = log;
  }

  async load(now: number): Promise<LocalCertificates> {
    requireWhole(this.#folder, CA);
    const ca =
      stored(this.#folder, CA) ??
      keep(this.#folder, CA, await (await issuing()).issueAuthority(hostname(), now));
    const server = stored(this.#folder, SERVER);
    return server && stillGood(server.cert, ca.cert, this.#names, now)
      ? this.#presented(ca, server)
      : this.#presented(ca, await this.#issue(ca, now));
  }

  async newer(now: number): Promise<LocalCertificates | undefined> {
    if (!this.#inUse) return undefined;
    const { ca, server } = this.#inUse;
    // Names change with a start only.
    if (stillGood(server.cert, ca.cert, [], now)) return undefined;
    const renewed = await this.#issue(ca, now);
    const { validToDate } = new X509Certificate(renewed.cert);
    this.#log.info(`renewed the certificate of this hub, which is good until ${moment(validToDate)}`);
    return this.#presented(ca, renewed);
  }

  async #issue(ca: Issued, now: number): Promise<Issued> {
    return keep(this.#folder, SERVER, await (await issuing()).issueServer(ca, this.#names, now));
  }

  #presented(ca: Issued, server: Issued): LocalCertificates {
    this.#inUse = { ca, server };
    return { key: server.key, cert: `${server.cert}\n${ca.cert}`, ca: ca.cert, names: this.#names };
  }
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

/**
 * Whether a server certificate may stay. One that was issued when the clock was ahead may not. With a clock that is
 * behind, as on a machine that keeps no time while it is off, nothing can be issued that others would take.
 */
function stillGood(cert: string, ca: string, names: readonly string[], now: number): boolean {
  const [server, authority] = [new X509Certificate(cert), new X509Certificate(ca)];
  const clockIsBehind = now < authority.validFromDate.getTime();
  return (
    server.verify(authority.publicKey) &&
    server.validToDate.getTime() - RENEW_BEFORE > now &&
    (server.validFromDate.getTime() <= now || clockIsBehind) &&
    names.every((name) => isCertified(server, name))
  );
}
