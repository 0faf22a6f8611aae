import { AsyncLocalStorage } from 'node:async_hooks';

/** What fails together, and apart from all else: a link, a request. */
export interface FaultDomain {
  /** Something failed that was done for it, and that nobody was ready for: it ends. */
  fail(error: unknown): void;
}

const domains = new AsyncLocalStorage<FaultDomain | undefined>();

/**
 * Does something for a domain, or for nobody alone. Whatever fails of it, at once or of what follows from it later, is
 * the domain's.
 */
export function inFaultDomain(domain: FaultDomain | undefined, work: () => void): void {
  domains.run(domain, () => {
    try {
      work();
    } catch (error) {
      if (!domain) throw error;
      domain.fail(error);
    }
  });
}

/** The domain for which something is done just now, or for which it was begun; undefined where it is for nobody alone. */
export const faultDomain = (): FaultDomain | undefined => domains.getStore();
