import mqtt, { type MqttClient } from 'mqtt';
import {
  COMMAND,
  evCmd,
  evFleet,
  feedTopic,
  isOver,
  requestTopic,
  type CommandDelta,
  type DeviceDelta,
  type RequestChannel,
} from '#firmware-protocol';
import type { HubProcess } from '../support/processes.ts';

const TENANT = 'home';

/** One step of a command as a console was told it. */
export interface ToldStep {
  readonly st: number;
  readonly t: number;
  readonly code: number | undefined;
  readonly msg: string | undefined;
}

/** All that consoles were told of one command, in order, whatever became of the hub in between. */
export interface ToldCommand {
  readonly device: string;
  readonly id: string;
  readonly steps: ToldStep[];
}

export const nameOf = (device: string, id: string): string => `${device}/${id}`;

/** What somebody sees who has a console open for all the lives of a hub, over wss and verified against its CA. */
export class Watcher {
  readonly commands = new Map<string, ToldCommand>();
  /** Those that are not over, as last told. */
  readonly open = new Set<string>();
  readonly devices = new Map<string, DeviceDelta>();
  /** What the hub said to be wrong with it, when it last said something of the fleet. */
  trouble: string | undefined;
  /** How many steps were told in all. */
  steps = 0;
  /** How many of them said that a command was sent. */
  sent = 0;
  onStep: (device: string, id: string, st: number) => void = () => undefined;
  readonly #waiting = new Set<() => void>();
  #client: MqttClient | undefined;

  /** Connects once; to be called for each life of the hub. */
  async connect(hub: HubProcess, now = Date.now()): Promise<void> {
    const client = await mqtt.connectAsync(
      hub.wss,
      {
        protocolVersion: 4,
        username: '@owner',
        password: await hub.token('owner', now),
        ca: hub.ca,
        reconnectPeriod: 0,
      },
      false,
    );
    // A hub that is killed resets the link; that it is closed is what counts.
    client.on('error', () => undefined);
    client.on('message', (topic, payload) => this.#take(topic, payload));
    this.#client = client;
    await client.subscribeAsync([feedTopic(TENANT, 'fleet'), feedTopic(TENANT, 'cmd')]);
  }

  get connected(): boolean {
    return this.#client?.connected === true;
  }

  /** Asks the hub for something. Nothing comes back but what the feeds tell. */
  ask(device: string, channel: RequestChannel, payload: Uint8Array): void {
    if (!this.connected) return;
    this.#client?.publish(requestTopic(TENANT, device, channel), Buffer.from(payload), { qos: 1 });
  }

  /** Resolves with the first answer that `find` gives for what was told so far and is still to be told. */
  async until<T>(find: () => T | undefined): Promise<T> {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Resolves with the step in which a command has come to one of these states. */
  untilCommand(device: string, id: Uint8Array, ...states: number[]): Promise<ToldStep> {
    const name = nameOf(device, Buffer.from(id).toString('hex'));
    return this.until(() => this.commands.get(name)?.steps.find(({ st }) => states.includes(st)));
  }

  untilDevice(id: string, is: (device: DeviceDelta) => boolean): Promise<DeviceDelta> {
    return this.until(() => {
      const device = this.devices.get(id);
      return device && is(device) ? device : undefined;
    });
  }

  async leave(): Promise<void> {
    await this.#client?.endAsync(true);
  }

  #take(topic: string, payload: Buffer): void {
    if (topic === feedTopic(TENANT, 'cmd')) {
      for (const command of evCmd.decode(payload).cmds) this.#command(command);
    } else {
      const { devs, part, msg } = evFleet.decode(payload);
      this.trouble = msg;
      for (const device of devs) this.#device(device, part !== undefined);
    }
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  #command({ did, id, st, t, code, msg }: CommandDelta): void {
    const hex = Buffer.from(id).toString('hex');
    const name = nameOf(did, hex);
    let known = this.commands.get(name);
    if (known === undefined) this.commands.set(name, (known = { device: did, id: hex, steps: [] }));
    const last = known.steps.at(-1);
    if (last?.st === st && last.t === t) return;
    known.steps.push({ st, t, code, msg });
    if (isOver(st)) this.open.delete(name);
    else this.open.add(name);
    this.steps += 1;
    if (st === COMMAND.sent) this.sent += 1;
    this.onStep(did, hex, st);
  }

  #device(delta: DeviceDelta, whole: boolean): void {
    const known = whole ? undefined : this.devices.get(delta.did);
    const vals = new Map([...(known?.vals ?? []), ...(delta.vals ?? [])]);
    this.devices.set(delta.did, { ...known, ...delta, vals });
  }
}
