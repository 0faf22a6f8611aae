import {
  ACK,
  cmd,
  CODE,
  ctl,
  desired,
  ProtocolError,
  RESEND,
  STATUS,
  type Command,
  type Control,
  type Desired,
  type DownChannel,
  type Values,
} from '#firmware-protocol';
import { CommandMemory, type CommandResult } from './command-memory.ts';
import { isIdentify, refusalOf } from './command-rules.ts';
import type { Deed, Doing } from './deed.ts';
import { sift, type Applied } from './desired-rules.ts';
import { HubClock } from './hub-clock.ts';
import { birthOf, type AnyKind } from './kinds/index.ts';
import { DONE, type Outcome, type Reaction } from './kinds/kind.ts';
import { Rng } from './rng.ts';
import { changes } from './snapshot.ts';
import { Upstream, type Publication } from './upstream.ts';

/** What became of a command, or of a payload that was none. */
export type Tallied = 'done' | 'failed' | 'rejected' | 'undecodable';

/** What a device wants its session to do, in this order. */
export type Effect =
  | Publication
  | { readonly do: 'count'; readonly what: Tallied }
  | { readonly do: 'record'; readonly deed: Deed };

export interface DeviceSettings {
  readonly id: string;
  readonly kind: AnyKind;
  readonly seed: number;
  /** A u32 that differs from run to run. */
  readonly boot: number;
  /** Period of telemetry, in ms. */
  readonly intervalMs: number;
  /** The device's own clock when it is switched on, in ms. */
  readonly now: number;
}

const TALLY: ReadonlyMap<number, Tallied> = new Map([
  [ACK.done, 'done'],
  [ACK.failed, 'failed'],
  [ACK.rejected, 'rejected'],
]);

/**
 * One device, without a link: it is told what happens and the time, and returns what is to be done. Its clock
 * (`now`, ms) is its own and counts from anywhere; what time it is elsewhere it learns from the hub.
 */
export class Device {
  readonly #kind: AnyKind;
  readonly #boot: number;
  readonly #rng: Rng;
  readonly #clock = new HubClock();
  readonly #up: Upstream;
  readonly #memory = new CommandMemory();
  readonly #intervalMs: number;
  /** Results that came while nobody could be told. */
  #owed: CommandResult[] = [];
  #state: unknown;
  #ver: number;
  #applied: Applied | undefined;
  #advancedAt: number;
  #sampleAt: number;
  #connected = false;
  #described = false;

  constructor({ id, kind, seed, boot, intervalMs, now }: DeviceSettings) {
    this.#kind = kind;
    this.#boot = boot;
    this.#rng = new Rng(seed, id);
    this.#up = new Upstream(boot, this.#clock);
    // Somewhere else in each boot, so that an `if` from before does not fit by accident (SPEC.md 6.3).
    this.#ver = boot;
    this.#intervalMs = intervalMs;
    this.#state = kind.initial(this.#rng);
    this.#advancedAt = now;
    // A point of its own within the period, so that a fleet's readings do not come all at once.
    this.#sampleAt = now + this.#rng.next() * intervalMs;
  }

  /** When `advance` is due next, on the device's own clock. */
  get wakeAt(): number {
    const wakeIn = this.#kind.wakeIn(this.#state);
    return wakeIn === undefined ? this.#sampleAt : Math.min(this.#sampleAt, this.#advancedAt + wakeIn);
  }

  /** To be called before each attempt to connect: the payload of the will. */
  connecting(): Uint8Array {
    return this.#up.nextWill();
  }

  /** The link is up: says what the device is, how it is, and what came of commands in the meantime. */
  connected(now: number): Effect[] {
    const missed = this.#catchUp(now);
    this.#connected = true;
    const effects = [...missed, this.#status(STATUS.online)];
    if (!this.#described) effects.push(this.#desc());
    this.#described = true;
    effects.push(this.#report(now));
    for (const result of this.#owed) effects.push(this.#up.ack(now, result));
    this.#owed = [];
    return effects;
  }

  disconnected(): void {
    this.#connected = false;
  }

  /** Says good-bye, and that nothing comes of the command that goes on. */
  leaving(now: number): Effect[] {
    const effects = this.#abort('the device was switched off', now);
    return this.#connected ? [...effects, this.#status(STATUS.bye)] : effects;
  }

  /** Lets time pass until `now`, and takes readings when they are due. */
  advance(now: number): Effect[] {
    const effects = this.#catchUp(now);
    if (now < this.#sampleAt) return effects;
    const missed = Math.floor((now - this.#sampleAt) / this.#intervalMs);
    this.#sampleAt += (missed + 1) * this.#intervalMs;
    const readings = this.#kind.sampled(this.#state);
    if (this.#connected && readings.size > 0) effects.push(this.#up.tele(now, readings));
    return effects;
  }

  /** A message from the hub. What cannot be decoded is counted, and nothing else comes of it. */
  received(channel: DownChannel, payload: Uint8Array, now: number): Effect[] {
    const effects = this.#catchUp(now);
    try {
      return [...effects, ...this.#react(channel, payload, now)];
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return [...effects, { do: 'count', what: 'undecodable' }];
    }
  }

  #react(channel: DownChannel, payload: Uint8Array, now: number): Effect[] {
    switch (channel) {
      case 'cmd':
        return this.#command(cmd.decode(payload), now);
      case 'desired':
        return this.#desire(desired.decode(payload), now);
      case 'ctl':
        return this.#control(ctl.decode(payload), now);
      case 'blk':
        return [];
    }
  }

  #control({ t, op = 0 }: Control, now: number): Effect[] {
    this.#clock.set(t, now);
    const effects: Effect[] = [];
    if (op & RESEND.status) effects.push(this.#status(STATUS.online));
    if (op & RESEND.desc) effects.push(this.#desc());
    if (op & RESEND.state) effects.push(this.#report(now));
    return effects;
  }

  #desire(document: Desired, now: number): Effect[] {
    const sifted = sift(document, this.#kind.description, this.#applied);
    if (sifted === undefined) return [];
    this.#applied = sifted.applied;
    const changed = this.#become(this.#kind.write(this.#state, sifted.values, this.#rng).state);
    // What was made of the document is part of the state, also where no value changed.
    if (changed.size === 0) this.#nextVersion();
    return [this.#record({ did: 'desired', dver: document.ver }), this.#report(now)];
  }

  #command(command: Command, now: number): Effect[] {
    const { id } = command;
    const told = this.#memory.recall(id);
    if (told !== undefined) return [this.#up.ack(now, told)];

    const circumstances = {
      description: this.#kind.description,
      ver: this.#ver,
      hubTime: this.#clock.at(now),
    };
    const refusal = refusalOf(command, circumstances);
    if (refusal) return this.#tell({ id, st: ACK.rejected, ver: this.#ver, ...refusal }, now);

    const { state, outcome, aborts } = this.#perform(command);
    const changed = this.#become(state);
    const reported = this.#kind.reported(state);
    const asked = [...(command.vals?.keys() ?? [])].map((pid) => [pid, reported.get(pid) ?? null] as const);
    return [
      ...(aborts === undefined ? [] : this.#abort(aborts, now)),
      ...(outcome.st === ACK.rejected ? [] : [this.#record({ did: 'run', id })]),
      ...(outcome.st === ACK.progress
        ? this.#tell({ id, st: ACK.accepted, ver: this.#ver }, now)
        : this.#tell(this.#result(id, outcome, new Map([...asked, ...changed])), now)),
      ...(changed.size > 0 ? [this.#report(now)] : []),
    ];
  }

  #perform(command: Command): Reaction<unknown> {
    if (command.vals) return this.#kind.write(this.#state, command.vals, this.#rng);
    if (isIdentify(command)) return { state: this.#state, outcome: DONE };
    return this.#kind.act(this.#state, command.op as number, command.args ?? [], this.#rng);
  }

  /** Brings the kind's state up to now, and tells what that changed. */
  #catchUp(now: number): Effect[] {
    const ms = now - this.#advancedAt;
    if (ms <= 0) return [];
    const { state, outcome } = this.#kind.advance(this.#state, ms, this.#rng);
    this.#advancedAt = now;
    const changed = this.#become(state);
    const effects = outcome ? this.#goOn(outcome, changed, now) : [];
    return this.#connected && changed.size > 0 ? [...effects, this.#report(now)] : effects;
  }

  #goOn(outcome: Outcome, changed: Values, now: number): Effect[] {
    const { running } = this.#memory;
    if (running === undefined) return [];
    if (outcome.st !== ACK.progress) return this.#tell(this.#result(running.id, outcome, changed), now);
    return outcome.pct === (running.pct ?? 0) ? [] : this.#tell({ id: running.id, ...outcome }, now);
  }

  #result(id: Uint8Array, outcome: Exclude<Outcome, { pct: number }>, vals: Values): CommandResult {
    return { id, ...outcome, ver: this.#ver, ...(vals.size > 0 && { vals }) };
  }

  #tell(result: CommandResult, now: number): Effect[] {
    this.#memory.remember(result);
    const what = TALLY.get(result.st);
    const effects: Effect[] = what === undefined ? [] : [{ do: 'count', what }];
    if (what === 'done' || what === 'failed') {
      effects.push(this.#record({ did: what, id: result.id, code: result.code }));
    }
    if (this.#connected) effects.push(this.#up.ack(now, result));
    else if (what !== undefined) this.#owed.push(result);
    return effects;
  }

  #abort(msg: string, now: number): Effect[] {
    const { running } = this.#memory;
    if (running === undefined) return [];
    return this.#tell({ id: running.id, st: ACK.failed, code: CODE.aborted, msg, ver: this.#ver }, now);
  }

  /** Takes on a new state; its version grows if what is reported of it changed. */
  #become(state: unknown): Values {
    const changed = changes(this.#kind.reported(this.#state), this.#kind.reported(state));
    this.#state = state;
    if (changed.size > 0) this.#nextVersion();
    return changed;
  }

  #nextVersion(): void {
    this.#ver = (this.#ver + 1) >>> 0;
  }

  #record(doing: Doing): Effect {
    const { description } = this.#kind;
    const reported = this.#kind.reported(this.#state);
    return { do: 'record', deed: { ...doing, boot: this.#boot, reported, description } };
  }

  #status(st: number): Publication {
    return this.#up.status(st, birthOf(this.#kind).dhash);
  }

  #desc(): Publication {
    return this.#up.desc(birthOf(this.#kind).payload);
  }

  #report(now: number): Publication {
    const vals = this.#kind.reported(this.#state);
    return this.#up.state(now, { vals, ver: this.#ver, ...this.#applied });
  }
}
