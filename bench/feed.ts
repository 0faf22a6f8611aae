import mqtt from 'mqtt';
import type { HubProcess } from '../test/support/processes.ts';

/** A feed of the hub as a program of the owner's hears it over wss. */
export interface Feed {
  /** Resolves when a payload is as `is` wants it, of those so far and those to come. */
  until(is: (payload: Uint8Array) => boolean): Promise<void>;
  close(): Promise<void>;
}

export async function watchFeed(hub: HubProcess, topic: string): Promise<Feed> {
  const client = await mqtt.connectAsync(hub.wss, {
    protocolVersion: 4,
    username: '@owner',
    password: await hub.token(),
    ca: hub.ca,
    reconnectPeriod: 0,
  });
  const payloads: Uint8Array[] = [];
  let wake = (): void => undefined;
  client.on('message', (_topic, payload) => {
    payloads.push(payload);
    wake();
  });
  await client.subscribeAsync(topic);
  return {
    async until(is) {
      for (;;) {
        for (let payload = payloads.shift(); payload; payload = payloads.shift()) if (is(payload)) return;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    close: () => client.endAsync(true),
  };
}
