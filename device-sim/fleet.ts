import type { Credentials } from './credentials.ts';
import type { Deed } from './deed.ts';
import { Device } from './device.ts';
import { kindFor, type AnyKind } from './kinds/index.ts';
import type { LinkProblem } from './link-problem.ts';
import { Notices } from './notices.ts';
import { Rng } from './rng.ts';
import { Session, type Hub, type SessionHost } from './session.ts';
import { emptyTally, type Standing } from './summary.ts';
import { TimerWheel } from './timer-wheel.ts';
import { UserError } from './user-error.ts';

export interface FleetSettings {
  readonly hub: Hub;
  readonly devices: Credentials['devices'];
  readonly seed: number;
  /** A u32 that differs from run to run. */
  readonly boot: number;
  /** Period of telemetry, in ms. */
  readonly intervalMs: number;
  /** Longest wait between attempts to connect, in ms. */
  readonly longestWaitMs: number;
  /** Connections opened per second. */
  readonly ramp: number;
  /** The kind of devices whose credentials name none; undefined lets all kinds take turns. */
  readonly kind: string | undefined;
  /** Is told of each thing that a device does, before the device says so. */
  readonly record: ((device: string, deed: Deed) => void) | undefined;
  /** Tells people one line. */
  readonly say: (line: string) => void;
  /** No device has ever been connected, and none ever will be as things are. */
  readonly giveUp: (reason: UserError) => void;
}

const TICK_MS = 50;
const GRACE_MS = 3_000;

/** All simulated devices of a run: opens their links at the given rate and gives each its time. */
export class Fleet implements SessionHost {
  readonly hub: Hub;
  readonly tally = emptyTally();
  readonly longestWaitMs: number;
  readonly #settings: FleetSettings;
  readonly #notices: Notices;
  readonly #sessions: readonly Session[];
  readonly #wheel: TimerWheel<Session>;
  #timer: NodeJS.Timeout | undefined;
  #startedAt = 0;
  #opened = 0;
  #everOnline = false;
  #stopped: Promise<void> | undefined;

  constructor(settings: FleetSettings) {
    this.hub = settings.hub;
    this.#settings = settings;
    this.longestWaitMs = settings.longestWaitMs;
    this.#notices = new Notices(settings.say);
    this.#wheel = new TimerWheel(TICK_MS, this.now());
    this.#sessions = settings.devices.map((credentials, position) => {
      const { id, kind } = credentials;
      const { seed, boot, intervalMs } = settings;
      const made = {
        id,
        kind: kindFor(kind ?? settings.kind, position) as AnyKind,
        seed,
        boot,
        intervalMs,
        now: this.now(),
      };
      return new Session(credentials, new Device(made), new Rng(seed, `${id}/link`), this);
    });
  }

  readonly now = (): number => performance.now();

  start(): void {
    this.#startedAt = this.now();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#tick();
  }

  standing(): Standing {
    const count = (presence: Session['presence']): number =>
      this.#sessions.filter((session) => session.presence === presence).length;
    return { devices: this.#sessions.length, online: count('online'), refused: count('refused') };
  }

  /** Disconnects all devices, each with a good-bye. Safe to call twice. */
  stop(): Promise<void> {
    this.#stopped ??= this.#closeAll();
    return this.#stopped;
  }

  async #closeAll(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#sessions.map((session) => session.close(GRACE_MS)));
  }

  wakeAt(at: number, session: Session): void {
    this.#wheel.add(at, session);
  }

  online(): void {
    this.#everOnline = true;
  }

  did(device: string, deed: Deed): void {
    this.#settings.record?.(device, deed);
  }

  problem({ kind, text }: LinkProblem): void {
    if (this.#everOnline) {
      this.#notices.about(kind, text, this.now());
    } else if (kind === 'untrusted') {
      this.#settings.giveUp(new UserError(text, 1));
    } else if (kind !== 'refused') {
      this.#notices.about(kind, text, this.now());
    } else if (this.#sessions.every(({ presence }) => presence === 'refused')) {
      const { url, tenant } = this.hub;
      const who = `all ${this.#sessions.length} devices of tenant ${tenant}`;
      const advice = 'check that the credentials file is the one this hub was given';
      this.#settings.giveUp(new UserError(`The hub at ${url} refuses ${who}: ${advice}`, 1));
    }
  }

  #tick(): void {
    const now = this.now();
    const due = Math.ceil(((now - this.#startedAt + TICK_MS) * this.#settings.ramp) / 1_000);
    for (const session of this.#sessions.slice(this.#opened, due)) session.open();
    this.#opened = Math.min(due, this.#sessions.length);
    for (const session of this.#wheel.due(now)) session.wake(now);
  }
}
