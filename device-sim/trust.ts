import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { fileProblem, UserError } from './user-error.ts';

/**
 * Whom to trust: the authorities of a PEM file, or else Node's and the system's. One context for all devices,
 * because each connection would otherwise parse and keep every authority anew.
 * @throws UserError when the file cannot be read or holds no certificate
 */
export async function readTrust(caPath: string | undefined): Promise<SecureContext> {
  if (caPath === undefined) {
    const ca = [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
    return createSecureContext({ ca });
  }
  const pem = await readFile(caPath).catch((error: unknown) => {
    throw new UserError(`CA ${caPath}: ${fileProblem(error)}; give a PEM file with --ca or SWITCHYARD_CA`);
  });
  try {
    new X509Certificate(pem);
    return createSecureContext({ ca: pem });
  } catch {
    throw new UserError(`CA ${caPath}: it holds no certificate in PEM form`);
  }
}
