import 'reflect-metadata';
import {
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type JsonGeneralNames,
} from '@peculiar/x509';
import { isIP } from 'node:net';
import { issueAuthority, issueServer } from '#broker/tls/issue.ts';

/** A server's certificate with its chain, its key, and the authority that a client must trust, PEM encoded. */
export interface TestPair {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** A pair as a person brings it along, of an authority that is not the hub's. It is good for 397 days from `at` on. */
export async function bringPair(names: readonly string[], at = Date.now()): Promise<TestPair> {
  const authority = await issueAuthority('another', at);
  const server = await issueServer(authority, names, at);
  return { cert: `${server.cert}\n${authority.cert}`, key: server.key, ca: authority.cert };
}

/** A pair with a key of RSA, signed by itself. */
export async function bringRsaPair(names: readonly string[], bits = 2_048): Promise<TestPair> {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: bits,
    publicExponent: new Uint8Array([1, 0, 1]),
  };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const alternative: JsonGeneralNames = names.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value }));
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: ['a hub'] }],
    notBefore: new Date(Date.now() - 86_400_000),
    notAfter: new Date(Date.now() + 86_400_000),
    signingAlgorithm: algorithm,
    keys,
    extensions: [new SubjectAlternativeNameExtension(alternative)],
  });
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  const cert = certificate.toString('pem');
  return { cert, key: PemConverter.encode(pkcs8, 'PRIVATE KEY'), ca: cert };
}
