import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import {
  feedTopic,
  evCmd,
  evFleet,
  requestTopic,
  rqCmd,
  type CommandDelta,
  type CommandRequest,
  type DeviceDelta,
} from '#firmware-protocol';
import type { TestHub } from './hub.ts';

const TENANT = 'home';

/** A message that came in. */
export interface Received {
  readonly topic: string;
  readonly payload: Buffer;
  readonly retain: boolean;
  readonly qos: number;
}

/** An MQTT.js client over wss, verified against the hub's CA, whose messages can be waited for. */
export class TestClient {
  readonly mqtt: MqttClient;
  readonly received: Received[] = [];
  /** What the latest CONNACK said of a stored session. */
  sessionPresent: boolean | undefined;
  readonly #waiting = new Set<() => void>();

  constructor(client: MqttClient) {
    this.mqtt = client;
    client.on('connect', ({ sessionPresent }) => (this.sessionPresent = sessionPresent));
    client.on('message', (topic, payload, { retain, qos }) => {
      this.received.push({ topic, payload, retain, qos });
      for (const resolve of this.#waiting) resolve();
      this.#waiting.clear();
    });
  }

  /** Resolves with the first answer that `find` gives for what has come, or for what is still to come. */
  async until<T>(find: (received: readonly Received[]) => T | undefined): Promise<T> {
    for (;;) {
      const found = find(this.received);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Resolves when the connection is next closed, by whomever. */
  closed(): Promise<void> {
    return new Promise((resolve) => this.mqtt.once('close', resolve));
  }

  end(): Promise<void> {
    return this.mqtt.endAsync(true);
  }
}

/** Connects once and does not try again. Rejects where the hub refuses. */
export async function connect(
  hub: Pick<TestHub, 'wss' | 'ca'>,
  options: IClientOptions,
): Promise<TestClient> {
  const client = mqtt.connect(hub.wss, { protocolVersion: 4, reconnectPeriod: 0, ca: hub.ca, ...options });
  // At once: messages of a stored session follow right behind the CONNACK.
  const listening = new TestClient(client);
  await new Promise<void>((resolve, reject) => {
    const closed = (): void => reject(new Error('the connection was closed'));
    client.once('error', reject);
    client.once('close', closed);
    client.once('connect', () => {
      client.removeListener('error', reject);
      client.removeListener('close', closed);
      resolve();
    });
  });
  return listening;
}

export const connectDevice = (hub: TestHub, id: string, secret: string, options: IClientOptions = {}) =>
  connect(hub, { clientId: id, username: `${TENANT}/${id}`, password: secret, ...options });

export const connectPerson = async (hub: TestHub, person = 'owner', options: IClientOptions = {}) =>
  connect(hub, { username: `@${person}`, password: await hub.token(person), ...options });

/** A person who watches both feeds and commands devices, as the console does. */
export class TestOperator {
  readonly client: TestClient;

  private constructor(client: TestClient) {
    this.client = client;
  }

  static async connect(hub: TestHub, person = 'owner'): Promise<TestOperator> {
    const client = await connectPerson(hub, person);
    await client.mqtt.subscribeAsync([feedTopic(TENANT, 'fleet'), feedTopic(TENANT, 'cmd')]);
    return new TestOperator(client);
  }

  async command(device: string, request: CommandRequest): Promise<void> {
    await this.client.mqtt.publishAsync(
      requestTopic(TENANT, device, 'cmd'),
      Buffer.from(rqCmd.encode(request)),
      { qos: 1 },
    );
  }

  /** All that the fleet feed told of a device so far, later words over earlier ones. */
  device(id: string): DeviceDelta | undefined {
    return this.#fold(this.client.received, id);
  }

  /** Waits until what is known of a device is as `is` wants it. */
  untilDevice(id: string, is: (device: DeviceDelta) => boolean): Promise<DeviceDelta> {
    return this.client.until((received) => {
      const device = this.#fold(received, id);
      return device && is(device) ? device : undefined;
    });
  }

  /** Waits until a command has come to one of these states. */
  untilCommand(id: Uint8Array, ...states: number[]): Promise<CommandDelta> {
    return this.client.until((received) => this.steps(id, received).find(({ st }) => states.includes(st)));
  }

  /** All that the command feed told of a command, in order. */
  steps(id: Uint8Array, received: readonly Received[] = this.client.received): CommandDelta[] {
    return received
      .filter(({ topic }) => topic === feedTopic(TENANT, 'cmd'))
      .flatMap(({ payload }) => evCmd.decode(payload).cmds)
      .filter((command) => Buffer.from(command.id).equals(id));
  }

  #fold(received: readonly Received[], id: string): DeviceDelta | undefined {
    return received
      .filter(({ topic }) => topic === feedTopic(TENANT, 'fleet'))
      .flatMap(({ payload }) => evFleet.decode(payload).devs)
      .filter(({ did }) => did === id)
      .reduce<DeviceDelta | undefined>(
        (known, delta) => ({
          ...known,
          ...delta,
          vals: new Map([...(known?.vals ?? []), ...(delta.vals ?? [])]),
        }),
        undefined,
      );
  }
}
