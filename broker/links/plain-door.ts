import { isLoopback, within } from '../config/network.ts';
import type { Log } from '../log/log.ts';

/** Says who may connect to the plain listener: this machine, and the proxies that are trusted. */
export function plainDoor(
  trustProxy: readonly string[],
  log: Pick<Log, 'warnLimited'>,
): (address: string) => boolean {
  const trusted = within(trustProxy);
  return (address) => {
    const admitted = isLoopback(address) || trusted(address);
    if (!admitted) {
      log.warnLimited('plain', `refused a plain connection from ${address}, which is not in "trustProxy"`);
    }
    return admitted;
  };
}
