import type { Role } from '#broker/contract/session.ts';
import type { IConnectPacket } from 'mqtt-packet';
import { ApiClient } from './api-client.ts';
import type { TestHub } from './hub.ts';

/** What a client of a service shows in its CONNECT. */
export type Credentials = Pick<IConnectPacket, 'username' | 'password'>;

/** Makes a service, which may publish and subscribe to all that services may unless told otherwise. */
export async function makeService(
  hub: TestHub,
  id: string,
  grants: { publish?: string[]; subscribe?: string[]; role?: Role } = { publish: ['#'], subscribe: ['#'] },
): Promise<Credentials> {
  const owner = await ApiClient.as(hub);
  const { token } = await owner.post<{ token: string }>('/services', { id, ...grants });
  return { username: `@${id}`, password: Buffer.from(token) };
}
