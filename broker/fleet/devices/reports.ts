import {
  ack,
  blkreq,
  ctl,
  event,
  reportViolations,
  RESEND,
  state,
  status,
  STATUS,
  tele,
  type Status,
  type Telemetry,
  type UpChannel,
  type Values,
} from '#firmware-protocol';
import type { Commands } from '../commands/commands.ts';
import type { Wishes } from '../commands/wishes.ts';
import { earliest } from '../earliest.ts';
import type { FleetFeed } from '../feeds/fleet-feed.ts';
import type { FleetPorts } from '../ports.ts';
import { arrive } from './arrivals.ts';
import { AwaitedDescriptions } from './awaited-descriptions.ts';
import { hashKey } from './description.ts';
import type { DeviceLink } from './double-use.ts';
import type { Happenings } from './happenings.ts';
import { Listeners } from './listeners.ts';
import { Losses } from './losses.ts';
import type { Presence } from './presence.ts';
import { possibleTime, timeTold } from './time-told.ts';
import {
  acknowledged,
  connected,
  described,
  disconnected,
  eventReported,
  isDescribed,
  isThere,
  stateReported,
  statusReported,
  telemetryReported,
  type Twin,
} from './twin.ts';
import { measurable, type Twins } from './twins.ts';

/** Whom reports concern beside the twin of their device. */
export interface Concerned {
  readonly ports: FleetPorts;
  readonly twins: Twins;
  readonly feed: FleetFeed;
  readonly presence: Presence;
  readonly happenings: Happenings;
  readonly commands: Commands;
  readonly wishes: Wishes;
}

/** What devices say: takes it to their twins, and to commands and wishes; and asks for what is missing. */
export class Reports {
  readonly #to: Concerned;
  readonly #listeners = new Listeners();
  readonly #awaited = new AwaitedDescriptions();
  readonly #losses = new Losses();
  /** Models that devices must be of which registered themselves as one. */
  readonly #models = new Map<string, string>();

  constructor(concerned: Concerned) {
    this.#to = concerned;
  }

  /** How many messages of devices never came. */
  get lost(): number {
    return this.#losses.messages;
  }

  /** Whether a device gets what is sent to it now. */
  readonly listens = (id: string): boolean => this.#listeners.has(id);

  /** The boot to which commands may go, or undefined while none may (SPEC.md 8.4, 8.5). */
  bootOf(id: string): number | undefined {
    const twin = this.#to.twins.get(id);
    return twin?.ready && isThere(twin) && isDescribed(twin) && this.listens(id) ? twin.boot : undefined;
  }

  connected(twin: Twin, now: number, link?: DeviceLink): void {
    this.settle(twin.id);
    if (link?.model === undefined) this.#models.delete(twin.id);
    else this.#models.set(twin.id, link.model);
    this.#to.presence.changed(twin, connected(twin, now, link?.birth), now);
  }

  disconnected(twin: Twin, now: number): void {
    this.settle(twin.id);
    if (twin.linked) this.#to.presence.changed(twin, disconnected(twin, now), now);
  }

  /** A device can hear the hub from now on: it is told the time before anything else. */
  listening(id: string, now: number): void {
    this.#listeners.add(id, now);
    this.#control(id, 0, now);
    this.#to.commands.ready(id, now);
    this.#to.wishes.delivered(id, now);
    this.#to.ports.wake();
  }

  /**
   * A device's message. Returns whether it counts: what does not is to be kept from everybody else as well.
   * @throws ProtocolError where it cannot be decoded; nothing has changed then
   */
  received(twin: Twin, channel: UpChannel, payload: Uint8Array, now: number): boolean {
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

  /** The hub's clock was set: devices are told the time, and what was to be asked is asked at the same distance. */
  clockJumped(by: number, now: number): void {
    this.#awaited.clockJumped(by);
    for (const twin of this.#losses.clockJumped(by, this.#twinOf)) this.#to.twins.note(twin);
    for (const id of this.#listeners.all()) this.#control(id, 0, now);
  }

  /** Nothing is asked of a device whose session ends or begins. */
  settle(id: string): void {
    this.#listeners.remove(id);
    this.#awaited.settle(id);
    this.#losses.settle(id);
  }

  dueAt(): number | undefined {
    return earliest([
      this.#awaited.dueAt(this.listens),
      this.#losses.dueAt(this.#twinOf),
      this.#listeners.dueAt(),
    ]);
  }

  /** Tells devices the time, and asks them for what is missing. */
  run(now: number): void {
    const { lost, ask } = this.#losses.run(this.#twinOf, now);
    for (const { twin, messages } of lost) {
      this.#to.twins.note(twin);
      const line = `${messages} messages of ${twin.id} were lost on their way`;
      this.#to.ports.log.warnLimited(`lost:${twin.id}`, line);
    }
    for (const id of ask) this.#control(id, RESEND.state, now);
    for (const id of this.#awaited.run(this.listens, now)) this.#control(id, RESEND.desc, now);
    for (const id of this.#listeners.due(now)) this.#control(id, 0, now);
  }

  readonly #twinOf = (id: string): Twin | undefined => this.#to.twins.get(id);

  #statusReceived(twin: Twin, payload: Uint8Array, now: number): boolean {
    const message = status.decode(payload);
    const change = statusReported(twin, message, now);
    if (!change) return this.#statusDropped(twin, message, payload, now);
    const { seq, st, dhash } = message;
    const arrival = seq === undefined ? change : this.#arrived(change.twin, { ...message, seq }, now);
    if (!arrival) return false;
    const next = { ...arrival.twin, statusPayload: new Uint8Array(payload) };
    this.#to.presence.changed(twin, { ...change, twin: next }, now);
    this.#expectDescription(twin.id, dhash, now);
    if (st !== STATUS.bye) this.#to.commands.ready(twin.id, now);
    return true;
  }

  #statusDropped(twin: Twin, dropped: Status, payload: Uint8Array, now: number): boolean {
    const { id, linked, boot, sess } = twin;
    if (dropped.st === STATUS.lost) {
      this.#to.twins.note({ ...twin, statusPayload: new Uint8Array(payload) });
      // The will of a session that was taken over has replaced the retained status of the one that lives.
      if (linked) this.#control(id, RESEND.status, now);
      return true;
    }
    if (!linked) return false;
    this.#to.ports.log.warnLimited(
      `status:${id}`,
      `dropped a status of ${id}: it names boot ${dropped.boot} and session ${dropped.sess}, and its link was opened ` +
        `with boot ${boot} and session ${sess} (clause 8.8)`,
    );
    return false;
  }

  #expectDescription(id: string, hash: Uint8Array | undefined, now: number): void {
    const twin = this.#twinOf(id);
    if (!twin || isDescribed(twin) || hash === undefined) return;
    const known = this.#to.twins.descriptions.find(hash);
    const model = this.#models.get(id);
    // Of another model than it may be it has to say so itself: then it is sent away.
    if (known && (model ?? known.value.model) === known.value.model) this.#describe(twin, known.payload, now);
    else this.#awaited.expect(id, now);
  }

  #describe(twin: Twin, payload: Uint8Array, now: number): boolean {
    const { ports, twins, feed, commands } = this.#to;
    const description = twins.descriptions.learn(payload);
    const named = twin.announced && hashKey(twin.announced);
    if (named !== undefined && named !== description.key) {
      ports.log.warnLimited(
        `desc:${twin.id}`,
        `${twin.id} describes itself with the hash ${description.key}, and its status names ${named} (clause 8.5)`,
      );
      // It may be a repetition of an earlier one. An answer is none, so then it is the status that is wrong.
      this.#awaited.expect(twin.id, now);
      ports.wake();
      if (!this.#awaited.wasAsked(twin.id)) return false;
    }
    this.#awaited.settle(twin.id);
    feed.describe(description);
    twins.apply(described(twin, description, now));
    commands.ready(twin.id, now);
    return true;
  }

  #stateReceived(twin: Twin, payload: Uint8Array, now: number): boolean {
    const message = state.decode(payload);
    const arrival = this.#arrived(twin, message, now);
    // A state that MQTT repeated after a later message would turn the clock back.
    if (!arrival || arrival.late) return false;
    this.#losses.settle(twin.id);
    const vals = this.#believable(arrival.twin, message.vals);
    const t = timeTold(message.t, now);
    const { twin: next, delta } = stateReported(arrival.twin, { ...message, vals }, t, now);
    this.#to.twins.apply({ twin: { ...next, statePayload: new Uint8Array(payload) }, delta });
    this.#keepReadings(twin.id, vals, t);
    const { dver, errs = new Map() } = message;
    if (dver !== undefined) this.#to.wishes.applied(twin.id, { dver, errs }, now);
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
    for (const [offset, sampled] of samples) {
      const vals = this.#believable(next, sampled);
      const t = possibleTime(base + offset, now);
      const change = telemetryReported(next, vals, t, now);
      this.#to.twins.applyReadings(change, now);
      this.#keepReadings(twin.id, vals, t);
      next = change.twin;
    }
    return true;
  }

  /** What happened once is kept in the timeline, and as the last value of its property. */
  #eventReceived(twin: Twin, payload: Uint8Array, now: number): boolean {
    const message = event.decode(payload);
    const arrival = this.#arrived(twin, message, now);
    if (!arrival) return false;
    const vals = this.#believable(arrival.twin, message.vals);
    const t = timeTold(message.t, now);
    this.#to.happenings.event(twin.id, vals, message.msg, t);
    if (!arrival.late) this.#to.twins.apply(eventReported(arrival.twin, vals, t, now));
    return true;
  }

  /** The hub offers no images yet (SPEC.md, section 13): a device that asks for one waits in vain. */
  #blocksRequested({ id }: Twin, payload: Uint8Array): boolean {
    blkreq.decode(payload);
    const line = `${id} asks for blocks of an image, and this hub offers none`;
    this.#to.ports.log.warnLimited(`blk:${id}`, line);
    return true;
  }

  #ackReceived(twin: Twin, payload: Uint8Array, now: number): boolean {
    const { twins, commands } = this.#to;
    const message = ack.decode(payload);
    const arrival = this.#arrived(twin, message, now);
    if (!arrival) return false;
    const vals = message.vals && this.#believable(arrival.twin, message.vals);
    const told = { ...message, vals };
    twins.apply(
      acknowledged(arrival.twin, arrival.late ? { ...told, vals: undefined, ver: undefined } : told, now),
    );
    commands.acknowledged(twin.id, told, now);
    return true;
  }

  #keepReadings(id: string, vals: Values, t: number): void {
    for (const [pid, value] of measurable(vals)) this.#to.ports.record(id, pid, t, value);
  }

  /** Values that the device's own description allows; the others are dropped, and the log says which. */
  #believable(twin: Twin, vals: Values): Values {
    const description = twin.description?.value;
    const violations = description ? reportViolations(description, vals) : [];
    if (violations.length === 0) return vals;
    const [{ reason }] = violations as [(typeof violations)[number]];
    this.#to.ports.log.warnLimited(
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
      const line = `dropped a message of ${twin.id}: ${arrival.dropped}`;
      this.#to.ports.log.warnLimited(`seq:${twin.id}`, line);
      return undefined;
    }
    this.#to.twins.note(arrival.twin);
    this.#losses.note(arrival.twin);
    return arrival;
  }

  #control(id: string, op: number, now: number): void {
    this.#listeners.told(id, now);
    this.#to.ports.toDevice(id, 'ctl', ctl.encode({ t: now, ...(op > 0 && { op }) }));
  }
}

const inOrderOfTime = (samples: NonNullable<Telemetry['batch']>) => samples.toSorted(([a], [b]) => a - b);

/** Where a message stands among those of its device. */
interface Numbered {
  readonly boot: number;
  readonly seq: number;
}
