import type { Log } from '../log/log.ts';
import type { Certificates, CertificateSource } from './certificates.ts';

export interface FreshOptions {
  readonly source: CertificateSource;
  readonly onNewer: (certificates: Certificates) => void;
  /** Unix time in ms. */
  readonly now: () => number;
  readonly log: Log;
  /** How often to look, in ms: as often as the source wants it unless a test is in a hurry. */
  readonly every?: number | undefined;
}

/** Looks now and then whether there is a newer certificate to present. Returns what ends it. */
export function keepFresh({ source, onNewer, now, log, every }: FreshOptions): () => Promise<void> {
  let looking: Promise<void> | undefined;
  let ended = false;

  async function look(): Promise<void> {
    try {
      const newer = await source.newer(now());
      if (newer && !ended) onNewer(newer);
    } catch (error) {
      log.error('the certificate in use could not be renewed; it is tried again', error);
    }
  }

  const timer = setInterval(() => {
    looking ??= look().finally(() => (looking = undefined));
  }, every ?? source.every).unref();
  return async () => {
    ended = true;
    clearInterval(timer);
    await looking;
  };
}
