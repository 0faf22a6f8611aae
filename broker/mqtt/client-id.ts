import { randomUUID } from 'node:crypto';
import type { Denied } from '../auth/authenticate.ts';
import type { Principal } from '../auth/principal.ts';

/**
 * The id by which Aedes knows a client. Each principal has ids of its own, so that nobody can take over somebody
 * else's session by choosing the same one; a device has exactly one.
 */
export function clientId(identity: Principal | Denied, requested: string): string {
  switch (identity.kind) {
    case 'denied':
      return `denied/${randomUUID()}`;
    case 'device':
      return `${identity.tenant}/${identity.id}`;
    case 'person':
    case 'service':
      return `@${identity.id}/${requested || randomUUID()}`;
  }
}
