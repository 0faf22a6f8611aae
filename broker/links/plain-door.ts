import { isLoopback, within } from '../config/network.ts';

/** Says who may connect to the plain listener: this machine, and the proxies that are trusted. */
export function plainDoor(trustProxy: readonly string[]): (address: string) => boolean {
  const trusted = within(trustProxy);
  return (address) => isLoopback(address) || trusted(address);
}
