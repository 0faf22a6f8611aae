import {
  blk,
  cmd,
  ctl,
  desired,
  evCmd,
  evFleet,
  event,
  rqCancel,
  rqDesired,
  state,
  status,
  STATUS,
  tele,
  type Ack,
  type Command,
  type CommandDelta,
  type Control,
  type Desired,
  type DeviceEvent,
  type FleetEvent,
  type State,
  type Status,
  type Telemetry,
  type UpChannel,
  type Value,
} from '#firmware-protocol';
import { FEED_INTERVAL } from '#broker/fleet/feeds/fleet-feed.ts';
import { Fleet } from '#broker/fleet/fleet.ts';
import type { FleetPorts } from '#broker/fleet/ports.ts';
import type { DeviceRecord } from '#broker/store/registry.ts';
import { BenchStore } from './bench-store.ts';
import {
  ackPayload,
  device,
  from,
  hex,
  id8,
  lampPayload,
  requestPayload,
  START,
  values,
  type RequestFields,
} from './builders.ts';

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

/** A payload that was put back as it was. */
interface Retained {
  readonly device: string;
  readonly channel: UpChannel;
  readonly payload: Uint8Array;
}

interface Reading {
  readonly device: string;
  readonly pid: number;
  readonly t: number;
  readonly value: number | boolean;
}

/** How often a fleet may ask in one moment to be run again before it counts as never at rest. */
const RESTLESS = 1_000;

/** A fleet on a bench: a store in memory, ports that note what goes out, and the test as its clock. */
export class FleetBench {
  readonly store: BenchStore;
  readonly fleet: Fleet;
  readonly log: LogLine[] = [];
  readonly dropped: string[] = [];
  readonly forgotten: string[] = [];
  readonly readings: Reading[] = [];
  readonly retained: Retained[] = [];
  /** Called with every step of a command the moment it is told, and with every command the moment it is sent. */
  onTold: (step: CommandDelta) => void = () => undefined;
  onSent: (device: string, command: Command) => void = () => undefined;
  /** What is wrong with other parts of the hub. */
  trouble: string | undefined;
  now: number;
  /** So much later each console opens: one that opens soon after another is told the same. */
  #later = 0;
  #woken = false;
  #sent: ToDevice[] = [];
  #fleetEvents: FleetEvent[] = [];
  #commandEvents: CommandDelta[] = [];
  #seq = 0;

  constructor(store: BenchStore = new BenchStore(), now = START) {
    this.store = store;
    this.now = now;
    this.fleet = new Fleet(this.#ports(), BOOT);
  }

  /** A fleet that has loaded a store with these devices. */
  static async with(...devices: readonly (string | DeviceRecord)[]): Promise<FleetBench> {
    const bench = new FleetBench();
    await bench.store.createDevices(devices.map((each) => (typeof each === 'string' ? device(each) : each)));
    await bench.fleet.load(bench.now);
    return bench;
  }

  /** The same hub after it was killed: another fleet on the same store. */
  async restarted(stillDone = 0): Promise<FleetBench> {
    const next = new FleetBench(await this.store.kill(stillDone), this.now);
    next.#seq = this.#seq;
    await next.fleet.load(next.now);
    return next;
  }

  /** Links a lamp that has told all of itself. */
  async online(id = 'lamp', boot = 7): Promise<void> {
    await this.link(id, boot);
    this.clear();
  }

  /** Links a lamp, and leaves in place what it was told. */
  async link(id = 'lamp', boot = 7): Promise<void> {
    this.fleet.connected(id, this.now);
    this.fleet.listening(id, this.now);
    this.status({ boot }, id);
    this.fleet.received(id, 'desc', lampPayload(), this.now);
    await this.run();
  }

  async away(id = 'lamp'): Promise<void> {
    this.fleet.disconnected(id, this.now);
    await this.run();
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

  event(entries: Record<number, Value>, fields: Partial<DeviceEvent> = {}, id = 'lamp'): void {
    const message = { boot: 7, seq: ++this.#seq, t: 0, vals: values(entries), ...fields };
    this.fleet.received(id, 'event', event.encode(message), this.now);
  }

  ack(last: number, st: number, fields: Partial<Ack> = {}, id = 'lamp'): void {
    this.fleet.received(id, 'ack', ackPayload(last, st, { seq: ++this.#seq, ...fields }), this.now);
  }

  /** Hears the device's word on a command, and runs until it is stored. */
  async acked(last: number, st: number, fields: Partial<Ack> = {}, id = 'lamp'): Promise<void> {
    this.ack(last, st, fields, id);
    await this.run();
  }

  /** Asks for a command without waiting for anything. */
  ask(last = 1, fields: RequestFields = {}, id = 'lamp'): void {
    this.fleet.requested(id, 'cmd', requestPayload(last, fields), from('@ada'), this.now);
  }

  /** Asks for a command, and runs until it is stored. */
  async command(last = 1, fields: RequestFields = {}, id = 'lamp'): Promise<void> {
    this.ask(last, fields, id);
    await this.run();
  }

  async cancel(last = 1, who = '@bob', id = 'lamp'): Promise<void> {
    this.fleet.requested(id, 'cancel', rqCancel.encode({ id: id8(last) }), from(who), this.now);
    await this.run();
  }

  /** Asks for persistent values without waiting for anything. */
  wish(entries: Record<number, Value>, last = 200, version?: number, id = 'lamp'): void {
    const wish = { vals: values(entries), id: id8(last), ...(version !== undefined && { if: version }) };
    this.fleet.requested(id, 'desired', rqDesired.encode(wish), from('@ada'), this.now);
  }

  /** Asks for persistent values, and runs until they are stored. */
  async desire(entries: Record<number, Value>, last = 200, version?: number, id = 'lamp'): Promise<void> {
    this.wish(entries, last, version, id);
    await this.run();
  }

  /** Lets time pass and does what is due then. */
  async pass(ms: number): Promise<number | undefined> {
    this.now += ms;
    return this.run();
  }

  /** The clock of the hub is set by so many ms. */
  async setClock(by: number): Promise<void> {
    this.now += by;
    this.fleet.clockJumped(by, this.now);
    await this.run();
  }

  /** Runs until nothing is due at this moment and nobody waits for an answer of the store, unless that is held. */
  async run(): Promise<number | undefined> {
    for (let turn = 0; turn < RESTLESS; turn += 1) {
      await answered();
      this.#woken = false;
      const next = this.fleet.run(this.now);
      await answered();
      if (!this.#woken && (next === undefined || next > this.now)) return next;
    }
    throw new Error(`the fleet is never at rest at ${this.now}`);
  }

  /** Whether the fleet has asked to be run since it was run last. */
  get woken(): boolean {
    return this.#woken;
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
    return this.fleetTold()
      .flatMap(({ devs }) => devs)
      .find(({ did }) => did === id);
  }

  /** What a console that opens now is told of the fleet. */
  fleetTold(): FleetEvent[] {
    this.#later += FEED_INTERVAL;
    return Array.from(this.fleet.snapshot('fleet', this.now + this.#later), (payload) =>
      evFleet.decode(payload),
    );
  }

  /** What a console that opens now is told of commands. */
  commandsTold(): CommandDelta[] {
    return [...this.fleet.snapshot('cmd', this.now)].flatMap((payload) => evCmd.decode(payload).cmds);
  }

  /** What is stored of a command. */
  stored(last = 1, id = 'lamp'): ReturnType<BenchStore['stored']> {
    return this.store.stored(id, hex(id8(last)));
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
        const message = DECODERS[channel].decode(payload);
        this.#sent.push({ device: id, channel, ...message } as ToDevice);
        if (channel === 'cmd') this.onSent(id, message as Command);
      },
      retain: (id, channel, payload) => void this.retained.push({ device: id, channel, payload }),
      toConsoles: (channel, payload) => {
        if (channel === 'fleet') this.#fleetEvents.push(evFleet.decode(payload));
        else for (const step of evCmd.decode(payload).cmds) this.#tell(step);
      },
      dropDevice: (id) => void this.dropped.push(id),
      record: (id, pid, t, value) => void this.readings.push({ device: id, pid, t, value }),
      forget: (id) => void this.forgotten.push(id),
      trouble: () => this.trouble,
      wake: () => (this.#woken = true),
    };
  }

  #tell(step: CommandDelta): void {
    this.#commandEvents.push(step);
    this.onTold(step);
  }
}

/** Lets everything end that waits for the store, which answers within its turn. */
const answered = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
