import { randomUUID } from 'node:crypto';
import type { ConnectPacket } from 'aedes';
import type { Denied } from '../auth/authenticate.ts';
import type { Principal } from '../auth/principal.ts';

/** Longest client id, in characters. */
const LONGEST = 128;

/** What is wrong with the client id that a CONNECT asks for, as a sentence; undefined where nothing is. */
export function clientIdFault({
  clientId,
  clean,
}: Pick<ConnectPacket, 'clientId' | 'clean'>): string | undefined {
  if (clientId === '' && clean === false) return 'a session that is kept needs a client id [MQTT-3.1.3-8]';
  if (clientId.length > LONGEST) return `its client id has more than ${LONGEST} characters`;
  return /\p{Cc}/u.test(clientId) ? 'its client id has control characters' : undefined;
}

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
