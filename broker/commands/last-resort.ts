import { faultDomain } from '../links/fault-domain.ts';
import type { Log } from '../log/log.ts';

/**
 * Takes what is thrown, or rejected, where nobody catches it. Where it was done for one link or one request, that ends
 * and nothing else. Otherwise nobody knows what is left undone, and to go on would be to guess.
 * @param end ends the process, in order if it can
 */
export function lastResort(log: Pick<Log, 'error'>, end: () => void): void {
  const failed = (error: unknown): void => {
    const domain = faultDomain();
    if (domain) {
      domain.fail(error);
    } else {
      log.error('the hub failed where it must not', error);
      end();
    }
  };
  process.on('uncaughtException', failed);
  process.on('unhandledRejection', failed);
}
