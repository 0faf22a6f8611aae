import type { X509Certificate } from 'node:crypto';
import { StartError } from '../config/start-error.ts';
import type { Log } from '../log/log.ts';
import type { Certificates, CertificateSource } from './certificates.ts';
import { moment } from './judge-pair.ts';
import { isLate } from './late.ts';
import { namesOf, namesFaults } from './names.ts';
import { markOf, readOwnFiles, type OwnFiles, type OwnPair } from './own-files.ts';
import { afterReading, worthReading, type ReloadState } from './reload.ts';

/** How often to look at the files, in ms. */
const LOOK = 2_000;
/** How often to speak of a certificate that nobody renews, in ms. */
const REMIND = 86_400_000;

/** A certificate that the hub is given, taken anew whenever its files change. */
export class OwnCertificate implements CertificateSource {
  readonly every = LOOK;
  readonly #files: OwnFiles;
  readonly #names: readonly string[];
  readonly #log: Log;
  #inUse: { readonly state: ReloadState; readonly certificate: X509Certificate } | undefined;
  #remindedAt = -Infinity;

  /** @param names by which the hub is reached, beside those in the certificate */
  constructor(files: OwnFiles, names: readonly string[], log: Log) {
    this.#files = files;
    this.#names = names;
    this.#log = log;
  }

  async load(now: number): Promise<Certificates> {
    const mark = await markOf(this.#files);
    const read = await readOwnFiles(this.#files, now);
    if ('fault' in read) throw new StartError(read.fault.problem, read.fault.remedy);
    this.#inUse = { state: { mark, inUse: read.pair }, certificate: read.certificate };
    this.#remind(now);
    return this.#presented(read);
  }

  async newer(now: number): Promise<Certificates | undefined> {
    this.#remind(now);
    const mark = await markOf(this.#files);
    if (!this.#inUse || !worthReading(this.#inUse.state, mark)) return undefined;
    const read = await readOwnFiles(this.#files, now);
    const reading = 'fault' in read ? { fault: read.fault.problem } : read;
    const { state, verdict } = afterReading(this.#inUse.state, mark, reading);
    this.#inUse = { ...this.#inUse, state };
    if ('fault' in read) {
      const { problem, remedy } = read.fault;
      if (verdict === 'tell')
        this.#log.warn(`${problem}: ${remedy}; until then the certificate in use stays`);
      return undefined;
    }
    if (verdict === 'keep') return undefined;
    const { certificate } = read;
    this.#inUse = { state, certificate };
    this.#log.info(
      `took the new certificate in ${this.#files.certificate}, good until ${moment(certificate.validToDate)}; ` +
        `its SHA-256 fingerprint is ${certificate.fingerprint256}`,
    );
    return this.#presented(read);
  }

  #presented({ pair, certificate }: OwnPair): Certificates {
    for (const fault of namesFaults(certificate, this.#names)) this.#log.warn(fault);
    return { ...pair, names: namesOf(certificate, this.#names) };
  }

  #remind(now: number): void {
    if (!this.#inUse || now - this.#remindedAt < REMIND || !isLate(this.#inUse.certificate, now)) return;
    this.#remindedAt = now;
    const { validToDate } = this.#inUse.certificate;
    const ends = validToDate.getTime() > now ? 'ends' : 'ended';
    this.#log.warn(
      `the certificate in use ${ends} on ${moment(validToDate)}: renew ${this.#files.certificate}`,
    );
  }
}
