import { status, STATUS } from '#firmware-protocol';
import { earliest } from '../earliest.ts';
import type { FleetPorts } from '../ports.ts';
import { flapsOf, recentLosses } from './flapping.ts';
import type { Happenings } from './happenings.ts';
import { givenUp, isAwaited, type Change, type Twin } from './twin.ts';
import type { Twins } from './twins.ts';

/** How long devices have to come back after the hub's own start, in ms. */
const AWAITED_FOR = 60_000;
/** How often it is looked whether a device has calmed down, in ms. */
const CALM_CHECK = 5_000;

/** Who is there: what changes of it is told and kept, with how often a device was lost of late. */
export class Presence {
  readonly #ports: FleetPorts;
  readonly #twins: Twins;
  readonly #happenings: Happenings;
  readonly #restless = new Set<string>();
  #awaitedUntil: number | undefined;
  #calmCheckedAt = 0;

  constructor(ports: FleetPorts, twins: Twins, happenings: Happenings) {
    this.#ports = ports;
    this.#twins = twins;
    this.#happenings = happenings;
  }

  /** The hub has started: devices that were there when it stopped have some time to come back. */
  await(now: number): void {
    this.#awaitedUntil = now + AWAITED_FOR;
  }

  /** The presence of a device has changed, or a session of it has begun or ended. */
  changed(before: Twin, { twin, delta }: Change, now: number): void {
    const losses = recentLosses(twin.losses, now);
    if (losses.length > 0) this.#restless.add(twin.id);
    const flaps = flapsOf(losses);
    const news = flaps === flapsOf(before.losses) ? {} : { flaps };
    this.#twins.apply({ twin: { ...twin, losses }, delta: { ...delta, ...news } });
    this.#happenings.presence(twin.id, before.st, twin.st, now);
  }

  clockJumped(by: number): void {
    if (this.#awaitedUntil !== undefined) this.#awaitedUntil += by;
    this.#calmCheckedAt += by;
    for (const id of this.#restless) {
      const twin = this.#twins.get(id);
      if (twin) this.#twins.note({ ...twin, losses: twin.losses.map((at) => at + by) });
    }
  }

  dueAt(): number | undefined {
    return earliest([
      this.#awaitedUntil,
      this.#restless.size > 0 ? this.#calmCheckedAt + CALM_CHECK : undefined,
    ]);
  }

  /** Lets time pass. */
  run(now: number): void {
    if (this.#awaitedUntil !== undefined && now >= this.#awaitedUntil) {
      this.#awaitedUntil = undefined;
      for (const twin of this.#twins.all()) if (isAwaited(twin)) this.#giveUp(twin, now);
    }
    if (this.#restless.size > 0 && now - this.#calmCheckedAt >= CALM_CHECK) this.#calm(now);
  }

  /** Its will was lost with the hub that held it, so its retained status still says that it is there. */
  #giveUp(twin: Twin, now: number): void {
    const change = givenUp(twin, now);
    const { since = now } = change.twin;
    this.#happenings.presence(
      twin.id,
      twin.st,
      STATUS.lost,
      since,
      'it did not come back after the hub had started',
    );
    const said = twin.statusPayload && status.decode(twin.statusPayload);
    const will = said && status.encode({ boot: said.boot, st: STATUS.lost, sess: said.sess });
    this.#twins.apply(will ? { ...change, twin: { ...change.twin, statusPayload: will } } : change);
    if (will) this.#ports.retain(twin.id, 'status', will);
  }

  #calm(now: number): void {
    this.#calmCheckedAt = now;
    for (const id of this.#restless) {
      const twin = this.#twins.get(id);
      const losses = recentLosses(twin?.losses ?? [], now);
      if (losses.length === 0) this.#restless.delete(id);
      if (!twin || losses.length === twin.losses.length) continue;
      const next = { ...twin, losses };
      const flaps = flapsOf(losses);
      if (flaps === flapsOf(twin.losses)) this.#twins.note(next);
      else this.#twins.apply({ twin: next, delta: { did: id, flaps } });
    }
  }
}
