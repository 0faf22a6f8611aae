import mqtt, { type MqttClient } from 'mqtt';
import {
  ack,
  cmd,
  desc,
  downFilter,
  downTopic,
  FLAG,
  state,
  status,
  STATUS,
  TYPE,
  upTopic,
  type UpChannel,
} from '#firmware-protocol';
import type { HubProcess } from '../support/processes.ts';

const hexOf = (id: Uint8Array): string => Buffer.from(id).toString('hex');

/** A lamp that answers nothing but what a trial has it answer, under whatever boot. */
export class ScriptedDevice {
  readonly #id: string;
  readonly #boot: number;
  readonly #client: MqttClient;
  /** How often each command has come, by its id in hex. */
  readonly #commands = new Map<string, number>();
  readonly #waiting = new Set<() => void>();
  #seq = 0;

  private constructor(id: string, boot: number, client: MqttClient) {
    this.#id = id;
    this.#boot = boot;
    this.#client = client;
    client.on('error', () => undefined);
    client.on('message', (topic, payload) => {
      if (topic !== downTopic('home', id, 'cmd')) return;
      const command = hexOf(cmd.decode(payload).id);
      this.#commands.set(command, (this.#commands.get(command) ?? 0) + 1);
      for (const resolve of this.#waiting) resolve();
      this.#waiting.clear();
    });
  }

  static async connect(hub: HubProcess, id: string, secret: string, boot: number): Promise<ScriptedDevice> {
    const will = Buffer.from(status.encode({ boot, st: STATUS.lost, sess: 1 }));
    const client = await mqtt.connectAsync(hub.wss, {
      protocolVersion: 4,
      username: `home/${id}`,
      password: secret,
      ca: hub.ca,
      reconnectPeriod: 0,
      will: { topic: upTopic('home', id, 'status'), payload: will, qos: 1, retain: true },
    });
    const device = new ScriptedDevice(id, boot, client);
    await client.subscribeAsync(downFilter('home', id), { qos: 1 });
    await device.#say(
      'status',
      status.encode({ boot, seq: ++device.#seq, st: STATUS.online, sess: 1 }),
      true,
    );
    const light = { pid: 1, key: 'on', type: TYPE.bool, flags: FLAG.writable, label: 'Light' };
    await device.#say(
      'desc',
      desc.encode({ proto: [1, 0], model: 'scripted', fw: '1', props: [light] }),
      true,
    );
    const vals = new Map([[1, false]]);
    await device.#say('state', state.encode({ boot, seq: ++device.#seq, t: 0, vals, ver: 1 }), true);
    return device;
  }

  get connected(): boolean {
    return this.#client.connected;
  }

  /** Resolves when a command with that id has come. */
  async commanded(id: Uint8Array): Promise<void> {
    while (this.count(id) === 0) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** How often a command with that id has come. */
  count(id: Uint8Array): number {
    return this.#commands.get(hexOf(id)) ?? 0;
  }

  /** Resolves when the hub has acknowledged the answer, with PUBACK. */
  answer(id: Uint8Array, st: number, { boot = this.#boot, code }: { boot?: number; code?: number } = {}) {
    const payload = ack.encode({
      boot,
      seq: ++this.#seq,
      t: 0,
      id,
      st,
      ...(code !== undefined && { code }),
    });
    return this.#say('ack', payload, false);
  }

  close(): Promise<void> {
    return this.#client.endAsync(true);
  }

  async #say(channel: UpChannel, payload: Uint8Array, retain: boolean): Promise<void> {
    await this.#client.publishAsync(upTopic('home', this.#id, channel), Buffer.from(payload), {
      qos: 1,
      retain,
    });
  }
}
