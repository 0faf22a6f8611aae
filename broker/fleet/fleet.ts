import {
  ack,
  blkreq,
  ctl,
  desired,
  event,
  reportViolations,
  RESEND,
  rqCmd,
  rqDesired,
  state,
  status,
  STATUS,
  tele,
  type DeviceDelta,
  type FeedChannel,
  type RequestChannel,
  type Status,
  type Telemetry,
  type UpChannel,
  type Values,
} from '#firmware-protocol';
import type { DeviceRecord } from '../store/store.ts';
import { arrive } from './devices/arrivals.ts';
import { AwaitedDescriptions } from './devices/awaited-descriptions.ts';
import { Commands } from './commands/commands.ts';
import { Descriptions, hashKey } from './devices/description.ts';
import { earliest } from './earliest.ts';
import { FleetFeed } from './feeds/fleet-feed.ts';
import { Listeners } from './devices/listeners.ts';
import { Losses } from './devices/losses.ts';
import type { FleetPorts } from './ports.ts';
import { commandRefusal, desiredRefusal } from './commands/refusals.ts';
import { possibleTime, timeTold } from './devices/time-told.ts';
import {
  acknowledged,
  connected,
  described,
  disconnected,
  eventReported,
  isDescribed,
  newTwin,
  stateReported,
  statusReported,
  telemetryReported,
  wanted,
  whole,
  type Birth,
  type Change,
  type Twin,
} from './devices/twin.ts';
import { fromRecord, toRecord } from './devices/twin-record.ts';

/** Changed twins are saved together, this often, in ms. */
const SAVE_INTERVAL = 1_000;
/**
 * All devices of a tenant: takes what links and people say, told the time with each word, and keeps twins,
 * commands and feeds. Everything that is due is done by `run`.
 */
export class Fleet {
  readonly #ports: FleetPorts;
  readonly #twins = new Map<string, Twin>();
  /** When each device was registered, which tells a device from a later one of the same id. */
  readonly #registeredAt = new Map<string, number>();
  readonly #descriptions = new Descriptions();
  readonly #feed: FleetFeed;
  readonly #commands: Commands;
  readonly #listeners = new Listeners();
  readonly #unsaved = new Set<string>();
  #savedAt = 0;
  readonly #awaited = new AwaitedDescriptions();
  readonly #losses = new Losses();

  /** @param boot names this run of the hub, as a u32 */
  constructor(ports: FleetPorts, boot: number) {
    this.#ports = ports;
    this.#feed = new FleetFeed(boot);
    this.#commands = new Commands(ports, boot);
  }

  /** Takes up what is stored. */
  async load(): Promise<void> {
    const { store } = this.#ports;
    const records = new Map((await store.twins()).map((record) => [record.device, record]));
    for (const device of await store.devices()) {
      const twin = fromRecord(device, records.get(device.id), this.#descriptions);
      this.#twins.set(twin.id, twin);
      this.#registeredAt.set(twin.id, device.createdAt);
      if (twin.description) this.#feed.describe(twin.description);
      if (twin.want) this.#sendDesired(twin);
    }
    await this.#commands.load();
  }

  /** Takes up what was registered or removed since, by whatever process: these are all devices. */
  registered(devices: readonly DeviceRecord[]): void {
    const known = new Set(devices.map(({ id }) => id));
    for (const device of devices) {
      const { id, createdAt } = device;
      if (this.#twins.has(id) && this.#registeredAt.get(id) === createdAt) continue;
      if (this.#twins.has(id)) this.#remove(id);
      this.#registeredAt.set(id, createdAt);
      const twin = newTwin(device);
      this.#apply({ twin, delta: whole(twin) });
    }
    for (const id of this.#twins.keys()) if (!known.has(id)) this.#remove(id);
  }

  /**
   * A device's session has begun. It may have been registered a moment ago, by another process.
   * @param birth what the session's will says of it, if it does
   */
  async connected(id: string, now: number, birth?: Birth): Promise<void> {
    if (!this.#twins.has(id)) this.registered(await this.#ports.store.devices());
    const twin = this.#twins.get(id);
    this.#settle(id);
    if (twin) this.#apply(connected(twin, now, birth));
  }

  /** A device's last session has ended. */
  disconnected(id: string, now: number): void {
    const twin = this.#twins.get(id);
    this.#settle(id);
    if (twin?.linked) this.#apply(disconnected(twin, now));
  }

  /** A device can hear the hub from now on: it is told the time before anything else. */
  listening(id: string, now: number): void {
    this.#listeners.add(id, now);
    this.#control(id, 0, now);
    this.#offerCommands(id, now);
    this.#ports.wake();
  }

  /**
   * A device's message. Returns whether it counts: what does not is to be kept from everybody else as well.
   * @throws ProtocolError where it cannot be decoded; nothing has changed then
   */
  received(id: string, channel: UpChannel, payload: Uint8Array, now: number): boolean {
    const twin = this.#twins.get(id);
    if (!twin) return false;
    switch (channel) {
      case 'status':
        return this.#statusReceived(twin, payload, now);
      case 'desc':
        return this.#describe(twin, payload, now);
      case 'state':
        return this.#stateReceived(twin, payload, now);
      case 'tele':
        return this.#telemetryReceived(twin, payload, now);
      case 'event':
        return this.#eventReceived(twin, payload, now);
      case 'ack':
        return this.#ackReceived(twin, payload, now);
      case 'blk':
        return this.#blocksRequested(twin, payload);
    }
  }

  /**
   * A person's request.
   * @throws ProtocolError where it cannot be decoded; nothing has changed then
   */
  requested(id: string, channel: RequestChannel, payload: Uint8Array, who: string, now: number): void {
    if (channel === 'cmd') this.#commandRequested(id, payload, who, now);
    else this.#desiredRequested(id, payload, who, now);
  }

  /** Payloads that tell one console all there is to know, in order. */
  snapshot(channel: FeedChannel, now: number): Uint8Array[] {
    return channel === 'fleet'
      ? this.#feed.snapshot(this.#twins.values(), now)
      : this.#commands.snapshot(now);
  }

  /** How many devices there are, how many of them are linked, and how many of their messages never came. */
  count(): { devices: number; online: number; lost: number } {
    let online = 0;
    for (const { linked } of this.#twins.values()) if (linked) online += 1;
    return { devices: this.#twins.size, online, lost: this.#losses.messages };
  }

  /** Does all that is due. Returns when to be called next, in Unix ms, or undefined. */
  async run(now: number): Promise<number | undefined> {
    for (let payload = this.#feed.flush(now); payload; payload = this.#feed.flush(now)) {
      this.#ports.toConsoles('fleet', payload);
    }
    this.#ask(now);
    await this.#commands.run((id) => this.#bootOf(id), now);
    if (this.#unsaved.size > 0 && now - this.#savedAt >= SAVE_INTERVAL) await this.save(now);
    return earliest([
      this.#feed.dueAt(),
      this.#commands.dueAt(),
      this.#unsaved.size > 0 ? this.#savedAt + SAVE_INTERVAL : undefined,
      this.#awaited.dueAt(this.#listens),
      this.#losses.dueAt(this.#twinOf),
      this.#listeners.dueAt(),
    ]);
  }

  /** Saves every twin that changed. */
  async save(now: number): Promise<void> {
    const twins = [...this.#unsaved].map((id) => this.#twins.get(id)).filter((twin) => twin !== undefined);
    this.#unsaved.clear();
    this.#savedAt = now;
    try {
      await this.#ports.store.saveTwins(twins.map(toRecord));
    } catch (error) {
      for (const { id } of twins) this.#unsaved.add(id);
      this.#ports.log.error(
        `the state of ${twins.length} devices could not be stored; it will be tried again`,
        error,
      );
    }
  }

  #statusReceived(twin: Twin, payload: Uint8Array, now: number): boolean {
    const message = status.decode(payload);
    const change = statusReported(twin, message, now);
    if (!change) return this.#statusDropped(twin, message, now);
    const { seq, st, dhash } = message;
    const arrival = seq === undefined ? change : this.#arrived(change.twin, { ...message, seq }, now);
    if (!arrival) return false;
    this.#apply({ ...change, twin: arrival.twin });
    this.#expectDescription(arrival.twin, dhash, now);
    if (st !== STATUS.bye) this.#offerCommands(twin.id, now);
    return true;
  }

  #statusDropped({ id, linked, boot, sess }: Twin, dropped: Status, now: number): boolean {
    if (dropped.st === STATUS.lost) {
      // The will of a session that was taken over has replaced the retained status of the one that lives.
      if (linked) this.#control(id, RESEND.status, now);
      return true;
    }
    if (!linked) return false;
    this.#ports.log.warnLimited(
      `status:${id}`,
      `dropped a status of ${id}: it names boot ${dropped.boot} and session ${dropped.sess}, and its link was opened ` +
        `with boot ${boot} and session ${sess} (clause 8.8)`,
    );
    return false;
  }

  #expectDescription(twin: Twin, hash: Uint8Array | undefined, now: number): void {
    if (isDescribed(twin) || hash === undefined) return;
    const known = this.#descriptions.find(hash);
    if (known) this.#describe(twin, known.payload, now);
    else this.#awaited.expect(twin.id, now);
  }

  #describe(twin: Twin, payload: Uint8Array, now: number): boolean {
    const description = this.#descriptions.learn(payload);
    const named = twin.announced && hashKey(twin.announced);
    if (named !== undefined && named !== description.key) {
      this.#ports.log.warnLimited(
        `desc:${twin.id}`,
        `${twin.id} describes itself with the hash ${description.key}, and its status names ${named} (clause 8.5)`,
      );
      // It may be a repetition of an earlier one. An answer is none, so then it is the status that is wrong.
      this.#awaited.expect(twin.id, now);
      this.#ports.wake();
      if (!this.#awaited.wasAsked(twin.id)) return false;
    }
    this.#awaited.settle(twin.id);
    this.#feed.describe(description);
    this.#apply(described(twin, description, now));
    this.#offerCommands(twin.id, now);
    return true;
  }

  #stateReceived(twin: Twin, payload: Uint8Array, now: number): boolean {
    const message = state.decode(payload);
    const arrival = this.#arrived(twin, message, now);
    // A state that MQTT repeated after a later message would turn the clock back.
    if (!arrival || arrival.late) return false;
    this.#losses.settle(twin.id);
    const vals = this.#believable(arrival.twin, message.vals);
    this.#apply(stateReported(arrival.twin, { ...message, vals }, timeTold(message.t, now), now));
    return true;
  }

  #telemetryReceived(twin: Twin, payload: Uint8Array, now: number): boolean {
    const message = tele.decode(payload);
    const arrival = this.#arrived(twin, message, now);
    // What is relative to its receipt says nothing when it comes late.
    if (!arrival || (arrival.late && message.t <= 0)) return false;
    const base = timeTold(message.t, now);
    const samples = message.vals ? [[0, message.vals] as const] : inOrderOfTime(message.batch ?? []);
    let next = arrival.twin;
    for (const [offset, vals] of samples) {
      const change = telemetryReported(
        next,
        this.#believable(next, vals),
        possibleTime(base + offset, now),
        now,
      );
      this.#apply(change);
      next = change.twin;
    }
    return true;
  }

  /** What happened once is kept as the last value of its property. */
  #eventReceived(twin: Twin, payload: Uint8Array, now: number): boolean {
    const message = event.decode(payload);
    const arrival = this.#arrived(twin, message, now);
    if (!arrival) return false;
    if (arrival.late) return true;
    const vals = this.#believable(arrival.twin, message.vals);
    this.#apply(eventReported(arrival.twin, vals, timeTold(message.t, now), now));
    return true;
  }

  /** The hub offers no images yet (SPEC.md, section 13): a device that asks for one waits in vain. */
  #blocksRequested({ id }: Twin, payload: Uint8Array): boolean {
    blkreq.decode(payload);
    this.#ports.log.warnLimited(`blk:${id}`, `${id} asks for blocks of an image, and this hub offers none`);
    return true;
  }

  #ackReceived(twin: Twin, payload: Uint8Array, now: number): boolean {
    const message = ack.decode(payload);
    const arrival = this.#arrived(twin, message, now);
    if (!arrival) return false;
    const vals = message.vals && this.#believable(arrival.twin, message.vals);
    const told = { ...message, vals };
    this.#apply(
      acknowledged(arrival.twin, arrival.late ? { ...told, vals: undefined, ver: undefined } : told, now),
    );
    if (!this.#commands.acknowledged(twin.id, told, now)) {
      this.#ports.log.debug(`${twin.id} acknowledged a command that is not open`);
    }
    return true;
  }

  #commandRequested(id: string, payload: Uint8Array, who: string, now: number): void {
    const request = rqCmd.decode(payload);
    const twin = this.#twins.get(id);
    this.#commands
      .request(id, request, who, commandRefusal(twin, request), this.#bootOf(id), now)
      .catch((error: unknown) => this.#ports.log.error(`a command for ${id} could not be taken`, error));
  }

  #desiredRequested(id: string, payload: Uint8Array, who: string, now: number): void {
    const { vals, id: requestId, if: version } = rqDesired.decode(payload);
    const twin = this.#twins.get(id);
    const refusal = desiredRefusal(twin, vals, version);
    if (!twin || refusal) {
      const request = { vals, id: requestId, ttl: 1 };
      this.#commands
        .request(id, request, who, refusal, undefined, now)
        .catch((error: unknown) => this.#ports.log.error(`a wish for ${id} could not be refused`, error));
      return;
    }
    const change = wanted(twin, vals, who);
    this.#apply(change);
    this.#ports.store.saveTwins([toRecord(change.twin)]).then(
      () => this.#sendDesired(change.twin),
      (error: unknown) =>
        this.#ports.log.error(`a wish for ${id} could not be stored, so it was not sent`, error),
    );
  }

  /** Values that the device's own description allows; the others are dropped, and the log says which. */
  #believable(twin: Twin, vals: Values): Values {
    const description = twin.description?.value;
    const violations = description ? reportViolations(description, vals) : [];
    if (violations.length === 0) return vals;
    const [{ reason }] = violations as [(typeof violations)[number]];
    this.#ports.log.warnLimited(
      `values:${twin.id}`,
      `${twin.id} reported what its description does not allow, which was dropped: ${reason}`,
    );
    const refused = new Set(violations.map(({ pid }) => pid));
    return new Map([...vals].filter(([pid]) => !refused.has(pid)));
  }

  /** The twin that has taken note of a message's number, and whether a later one came before; or undefined. */
  #arrived(twin: Twin, message: Numbered, now: number): { twin: Twin; late: boolean } | undefined {
    const arrival = arrive(twin, message, now);
    if (arrival.dropped !== undefined) {
      this.#ports.log.warnLimited(`seq:${twin.id}`, `dropped a message of ${twin.id}: ${arrival.dropped}`);
      return undefined;
    }
    this.#twins.set(twin.id, arrival.twin);
    this.#losses.note(arrival.twin);
    return arrival;
  }

  readonly #listens = (id: string): boolean => this.#listeners.has(id);
  readonly #twinOf = (id: string): Twin | undefined => this.#twins.get(id);

  /** The boot to which commands may go, or undefined while none may (SPEC.md 8.4, 8.5). */
  #bootOf(id: string): number | undefined {
    const twin = this.#twins.get(id);
    return twin?.ready && isDescribed(twin) && this.#listeners.has(id) ? twin.boot : undefined;
  }

  #offerCommands(id: string, now: number): void {
    const boot = this.#bootOf(id);
    if (boot !== undefined) this.#commands.ready(id, boot, now);
  }

  /** Tells devices the time, and asks them for what is missing. */
  #ask(now: number): void {
    const { lost, ask } = this.#losses.run(this.#twinOf, now);
    for (const { twin, messages } of lost) {
      this.#twins.set(twin.id, twin);
      this.#ports.log.warnLimited(
        `lost:${twin.id}`,
        `${messages} messages of ${twin.id} were lost on their way`,
      );
    }
    for (const id of ask) this.#control(id, RESEND.state, now);
    for (const id of this.#awaited.run(this.#listens, now)) this.#control(id, RESEND.desc, now);
    for (const id of this.#listeners.due(now)) this.#control(id, 0, now);
  }

  /** Nothing is asked of a device whose session ends or begins. */
  #settle(id: string): void {
    this.#listeners.remove(id);
    this.#awaited.settle(id);
    this.#losses.settle(id);
  }

  #control(id: string, op: number, now: number): void {
    this.#listeners.told(id, now);
    this.#ports.toDevice(id, 'ctl', ctl.encode({ t: now, ...(op > 0 && { op }) }));
  }

  #sendDesired({ id, want = new Map(), wver }: Twin): void {
    this.#ports.toDevice(id, 'desired', desired.encode({ vals: want, ver: wver }));
  }

  #apply({ twin, delta }: Change): void {
    this.#twins.set(twin.id, twin);
    this.#unsaved.add(twin.id);
    this.#feed.change(delta satisfies DeviceDelta);
    this.#ports.wake();
  }

  #remove(id: string): void {
    this.#twins.delete(id);
    this.#registeredAt.delete(id);
    this.#unsaved.delete(id);
    this.#commands.forget(id);
    this.#feed.remove(id);
    this.#ports.dropDevice(id);
    this.#ports.wake();
  }
}

const inOrderOfTime = (samples: NonNullable<Telemetry['batch']>) => samples.toSorted(([a], [b]) => a - b);

/** Where a message stands among those of its device. */
interface Numbered {
  readonly boot: number;
  readonly seq: number;
}
