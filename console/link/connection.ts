import type { MqttClient } from 'mqtt';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** What happens on a connection. After `closed` nothing more does. */
export interface ConnectionEvents {
  opened(): void;
  message(topic: string, payload: Uint8Array): void;
  roundTrip(ms: number): void;
  /** @param refused whether the hub refused the credentials, or let them hold no longer */
  closed(refused: boolean): void;
}

/** One MQTT connection over WebSocket, from CONNECT until it ends. */
export interface Connection {
  subscribe(topic: string): void;
  /** Unsubscribes and subscribes, upon which the hub sends the whole of a feed again. */
  renew(topic: string): void;
  /** Resolves when the hub has received it (PUBACK), which says nothing of the device. */
  publish(topic: string, payload: Uint8Array): Promise<void>;
  ping(): void;
  /** Says goodbye (DISCONNECT), so that the hub need not wait for the keepalive to find out. */
  close(): void;
}

/** [MQTT-3.2.2.3] CONNACK return codes 4 and 5: bad user name or password, not authorized. */
const REFUSED: ReadonlySet<unknown> = new Set([4, 5]);

/** RFC 6455 §7.4.1: with this the hub ends a link that its permissions hold no longer. */
const POLICY_VIOLATION = 1008;

function measureRoundTrips(client: MqttClient, report: (ms: number) => void): void {
  let sentAt: number | undefined;
  client.on('packetsend', ({ cmd }) => {
    if (cmd === 'pingreq') sentAt = performance.now();
  });
  client.on('packetreceive', ({ cmd }) => {
    if (cmd === 'pingresp' && sentAt !== undefined) report(performance.now() - sentAt);
  });
}

/**
 * Opens a connection that does not reconnect by itself. MQTT.js would keep unacknowledged commands and send
 * them again after a reconnect, when nobody is waiting for them any more; so each try has a client of its own.
 */
export async function openConnection(
  url: string,
  credentials: Credentials,
  events: ConnectionEvents,
): Promise<Connection> {
  const { default: mqtt } = await import('mqtt');
  let refused = false;
  const client = mqtt.connect(url, {
    ...credentials,
    protocolVersion: 4,
    clientId: `console-${crypto.randomUUID()}`,
    clean: true,
    keepalive: 20,
    connectTimeout: 8_000,
    reconnectPeriod: 0,
    queueQoSZero: false,
    // The default runs timers in a worker made from a blob, which the Content-Security-Policy forbids.
    timerVariant: 'native',
    // MQTT.js makes it just so, but keeps to itself why it was closed.
    createWebsocket: (address, protocols) => {
      const socket = new WebSocket(address, protocols);
      socket.addEventListener('close', ({ code }) => (refused ||= code === POLICY_VIOLATION));
      return socket;
    },
  });
  let over = false;
  const finish = (): void => {
    if (over) return;
    over = true;
    client.end(true);
    events.closed(refused);
  };
  client.on('error', (error) => {
    refused ||= 'code' in error && REFUSED.has(error.code);
    finish();
  });
  client.on('close', finish);
  client.on('connect', () => events.opened());
  client.on('message', (topic, payload) => {
    if (!over) events.message(topic, payload);
  });
  measureRoundTrips(client, (ms) => events.roundTrip(ms));

  const subscribe = (topic: string): void => void client.subscribe(topic, { qos: 0 });

  return {
    subscribe,
    // One after the other: Aedes works on both at once, and may end with the subscription removed.
    renew: (topic) => void client.unsubscribe(topic, () => !over && subscribe(topic)),
    publish: async (topic, payload) => {
      if (over || !client.connected) throw new Error('not connected');
      await client.publishAsync(topic, payload as Buffer, { qos: 1 });
    },
    ping: () => client.sendPing(),
    close: () => {
      over = true;
      client.end();
    },
  };
}
