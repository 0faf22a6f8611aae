import type { HubProcess } from '../support/processes.ts';
import type { Cast } from './script.ts';
import { PLAYGROUND, VICTIM } from './vocabulary.ts';

/** Devices from which broken packets come: more than there are links at a time, so that few take over from another. */
const DEVICES = 300;
/** One in so many is joined by a stranger who has its name and not its secret. */
const STRANGERS = 4;

/** Registers those who attack. */
export async function castOf(hub: HubProcess): Promise<Cast> {
  const ids = Array.from({ length: DEVICES }, (_, at) => `${VICTIM}${at}`);
  const secrets = await hub.addDevices(...ids.map((id) => ({ id })));
  const publish = [`${PLAYGROUND}/#`, 'iot/1/home/+/rq/#'];
  const password = await addService(hub, 'fuzzer', { publish, subscribe: ['#'] });
  return ids.flatMap((id, at) => [
    { kind: 'device', id, username: `home/${id}`, password: secrets.get(id) ?? '' },
    { kind: 'service', id: 'fuzzer', username: '@fuzzer', password },
    ...(at % STRANGERS === 0
      ? [{ kind: 'nobody', id, username: `home/${id}`, password: 'wrong' } as const]
      : []),
  ]);
}

/** Makes a service that may publish and subscribe to these. Resolves with its token. */
export async function addService(
  hub: HubProcess,
  id: string,
  grants: { readonly publish: readonly string[]; readonly subscribe: readonly string[] },
): Promise<string> {
  const { status, body } = await hub.api<{ token: string }>('POST', '/services', { id, ...grants });
  if (status !== 201)
    throw new Error(`the service ${id} could not be made: ${status} ${JSON.stringify(body)}`);
  return body.token;
}
