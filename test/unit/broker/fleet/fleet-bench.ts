import {
  blk,
  cmd,
  ctl,
  desired,
  evCmd,
  evFleet,
  rqDesired,
  state,
  status,
  STATUS,
  tele,
  type Ack,
  type Command,
  type CommandDelta,
  type CommandRequest,
  type Control,
  type Desired,
  type FleetEvent,
  type State,
  type Status,
  type Telemetry,
  type Value,
} from '#firmware-protocol';
import { Fleet } from '#broker/fleet/fleet.ts';
import type { FleetPorts } from '#broker/fleet/ports.ts';
import type { DeviceRecord, Store } from '#broker/store/store.ts';
import { SqliteStore } from '#broker/store/sqlite/sqlite-store.ts';
import { ackPayload, device, id8, lampPayload, requestPayload, START, values } from './builders.ts';

const BOOT = 99;

export interface LogLine {
  readonly level: string;
  readonly line: string;
}

type ToDevice =
  | ({ device: string; channel: 'cmd' } & Command)
  | ({ device: string; channel: 'ctl' } & Control)
  | ({ device: string; channel: 'desired' } & Desired);

const DECODERS = { blk, cmd, ctl, desired };

/** A fleet on a bench: a store in memory, ports that note what goes out, and the test as its clock. */
export class FleetBench {
  readonly store: Store;
  readonly fleet: Fleet;
  readonly log: LogLine[] = [];
  readonly dropped: string[] = [];
  woken = 0;
  now = START;
  #sent: ToDevice[] = [];
  #fleetEvents: FleetEvent[] = [];
  #commandEvents: CommandDelta[] = [];
  #seq = 0;

  constructor(store: Store = new SqliteStore(':memory:')) {
    this.store = store;
    this.fleet = new Fleet(this.#ports(), BOOT);
  }

  /** A fleet that has loaded a store with these devices. */
  static async with(...devices: readonly (string | DeviceRecord)[]): Promise<FleetBench> {
    const bench = new FleetBench();
    for (const each of devices) {
      await bench.store.createDevice(typeof each === 'string' ? device(each) : each);
    }
    await bench.fleet.load();
    return bench;
  }

  /** The same hub after a restart: another fleet on the same store. */
  async restarted(): Promise<FleetBench> {
    const next = new FleetBench(this.store);
    next.now = this.now;
    await next.fleet.load();
    return next;
  }

  /** Links a lamp that has told all of itself. */
  async online(id = 'lamp', boot = 7): Promise<void> {
    await this.fleet.connected(id, this.now);
    this.fleet.listening(id, this.now);
    this.status({ boot }, id);
    this.fleet.received(id, 'desc', lampPayload(), this.now);
    await this.run();
    this.clear();
  }

  status(fields: Partial<Status> = {}, id = 'lamp'): void {
    const message = { boot: 7, sess: 1, st: STATUS.online, ...fields };
    this.fleet.received(id, 'status', status.encode(message), this.now);
  }

  state(entries: Record<number, Value>, fields: Partial<State> = {}, id = 'lamp'): void {
    const message = { boot: 7, seq: ++this.#seq, t: 0, vals: values(entries), ver: 1, ...fields };
    this.fleet.received(id, 'state', state.encode(message), this.now);
  }

  tele(fields: Partial<Telemetry>, id = 'lamp'): void {
    const message = { boot: 7, seq: ++this.#seq, t: 0, ...fields };
    this.fleet.received(id, 'tele', tele.encode(message), this.now);
  }

  ack(last: number, st: number, fields: Partial<Ack> = {}, id = 'lamp'): void {
    this.fleet.received(id, 'ack', ackPayload(last, st, { seq: ++this.#seq, ...fields }), this.now);
  }

  /** Asks for a command, and runs until it is stored. */
  async command(last = 1, fields: Partial<CommandRequest> = {}, id = 'lamp'): Promise<void> {
    this.fleet.requested(id, 'cmd', requestPayload(last, fields), '@ada', this.now);
    await this.run();
  }

  /** Asks for persistent values, and runs until they are stored. */
  async desire(entries: Record<number, Value>, version?: number, id = 'lamp'): Promise<void> {
    const wish = { vals: values(entries), id: id8(200), ...(version !== undefined && { if: version }) };
    this.fleet.requested(id, 'desired', rqDesired.encode(wish), '@ada', this.now);
    await this.run();
  }

  /** Lets time pass and does what is due then. */
  async pass(ms: number): Promise<number | undefined> {
    this.now += ms;
    return this.run();
  }

  async run(): Promise<number | undefined> {
    await settled();
    const next = await this.fleet.run(this.now);
    await settled();
    return next;
  }

  /** What went to devices since this was last asked. */
  takeSent(): ToDevice[] {
    return this.#sent.splice(0);
  }

  takeFleetEvents(): FleetEvent[] {
    return this.#fleetEvents.splice(0);
  }

  /** The steps of commands that consoles were told since this was last asked. */
  takeCommands(): CommandDelta[] {
    return this.#commandEvents.splice(0);
  }

  clear(): void {
    this.takeSent();
    this.takeFleetEvents();
    this.takeCommands();
  }

  /** What a console that opens now is told of a device. */
  told(id = 'lamp'): FleetEvent['devs'][number] | undefined {
    const parts = this.fleet.snapshot('fleet', this.now).map((payload) => evFleet.decode(payload));
    return parts.flatMap(({ devs }) => devs).find(({ did }) => did === id);
  }

  #ports(): FleetPorts {
    const line = (level: string) => (text: string) => void this.log.push({ level, line: text });
    return {
      store: this.store,
      log: {
        debug: line('debug'),
        info: line('info'),
        warn: line('warn'),
        error: line('error'),
        warnLimited: (_kind, text) => line('warn')(text),
      },
      toDevice: (id, channel, payload) => {
        this.#sent.push({ device: id, channel, ...DECODERS[channel].decode(payload) } as ToDevice);
      },
      toConsoles: (channel, payload) => {
        if (channel === 'fleet') this.#fleetEvents.push(evFleet.decode(payload));
        else this.#commandEvents.push(...evCmd.decode(payload).cmds);
      },
      dropDevice: (id) => void this.dropped.push(id),
      wake: () => (this.woken += 1),
    };
  }
}

/** Lets everything end that waits for the store, which answers at once. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
