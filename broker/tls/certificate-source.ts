import type { DataFolder } from '../config/data-folder.ts';
import type { Settings } from '../config/settings.ts';
import type { Log } from '../log/log.ts';
import type { CertificateSource } from './certificates.ts';
import { LocalCertificate } from './local-certificate.ts';
import { OwnCertificate } from './own-certificate.ts';
import type { OwnFiles } from './own-files.ts';

/** The files of the certificate that the hub is given by its settings, if it is. */
export function ownFiles({ https: { certificate, key } }: Pick<Settings, 'https'>): OwnFiles | undefined {
  return certificate === undefined || key === undefined ? undefined : { certificate, key };
}

/** Where a hub has its certificate from: what it is given, or else an authority of its own. */
export function certificateSource(
  settings: Pick<Settings, 'https' | 'names'>,
  folder: DataFolder,
  log: Log,
): CertificateSource {
  const given = ownFiles(settings);
  return given
    ? new OwnCertificate(given, settings.names, log)
    : new LocalCertificate(folder, settings.names, log);
}
