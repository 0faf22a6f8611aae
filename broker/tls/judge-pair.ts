import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { TLS_OPTIONS } from './tls-options.ts';

/** A certificate with its chain and the key to it, as they were read. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** Why a pair cannot be used, and what to do. `of` is the file that is at fault. */
export interface Fault {
  readonly of: keyof Pair;
  readonly problem: string;
  readonly remedy: string;
}

export type Judgement = { readonly certificate: X509Certificate } | { readonly fault: Fault };

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;
const KEY = /-----BEGIN (?<kind>[A-Z ]*)PRIVATE KEY-----/;
/** Older files say in a header that they are encrypted (RFC 1421). */
const ENCRYPTED = /^Proc-Type: 4,ENCRYPTED/m;

/** Whether the hub can present a pair now. @param now Unix time in ms */
export function judgePair({ cert, key }: Pair, now: number): Judgement {
  const chain = readChain(cert);
  if ('problem' in chain) return { fault: { of: 'cert', ...chain } };
  const certificate = chain[0] as X509Certificate;
  const privateKey = readKey(key);
  if ('problem' in privateKey) return { fault: { of: 'key', ...privateKey } };
  const fault = faultOf(certificate, privateKey, { cert, key }, now);
  return fault ? { fault } : { certificate };
}

type Complaint = Pick<Fault, 'problem' | 'remedy'>;

function readChain(cert: string): readonly X509Certificate[] | Complaint {
  const blocks = cert.match(CERTIFICATE);
  if (!blocks) {
    const remedy =
      'it must hold the certificate and its chain as PEM, between lines of BEGIN and END CERTIFICATE';
    return { problem: 'holds no PEM certificate', remedy };
  }
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return { problem: 'holds a certificate that is damaged', remedy: 'copy it again from where it was made' };
  }
}

function readKey(key: string): KeyObject | Complaint {
  const kind = KEY.exec(key)?.groups?.['kind'];
  if (kind === undefined) {
    const remedy = 'it must hold the key as PEM, between lines of BEGIN and END PRIVATE KEY';
    return { problem: 'holds no PEM private key', remedy };
  }
  if (kind.startsWith('ENCRYPTED') || ENCRYPTED.test(key)) {
    const remedy = 'the hub starts without asking anybody: decrypt it with "openssl pkey -in … -out …"';
    return { problem: 'holds a key that needs a passphrase', remedy };
  }
  try {
    return createPrivateKey(key);
  } catch {
    return { problem: 'holds a key that is damaged', remedy: 'copy it again from where it was made' };
  }
}

function faultOf(certificate: X509Certificate, key: KeyObject, pair: Pair, now: number): Fault | undefined {
  if (!certificate.checkPrivateKey(key)) {
    const remedy = "take both from the same place; the server's own certificate comes first in its file";
    return { of: 'key', problem: 'is not the key to the certificate', remedy };
  }
  const { validFromDate, validToDate } = certificate;
  if (validToDate.getTime() <= now) {
    return { of: 'cert', problem: `ended on ${moment(validToDate)}`, remedy: 'renew it' };
  }
  if (validFromDate.getTime() > now) {
    const remedy = "wait until then, or set this machine's clock";
    return { of: 'cert', problem: `is not valid before ${moment(validFromDate)}`, remedy };
  }
  try {
    createSecureContext({ ...TLS_OPTIONS, ...pair });
    return undefined;
  } catch (error) {
    const remedy = 'have one made with a key of P-256, or of RSA with 2048 bits or more';
    return { of: 'cert', problem: `cannot be used (${(error as Error).message})`, remedy };
  }
}

/** A moment as people write it everywhere (ISO 8601), to the minute. */
export const moment = (date: Date): string => `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
