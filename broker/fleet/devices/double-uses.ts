import type { AuditRecord } from '../../store/journal.ts';
import { earliest } from '../earliest.ts';
import type { FleetPorts } from '../ports.ts';
import {
  calmed,
  NO_DOUBLE_USE,
  opened,
  outlived,
  overAt,
  shifted,
  type Addresses,
  type DeviceLink,
  type DoublyUsed,
  type DoubleUse,
} from './double-use.ts';
import type { Twins } from './twins.ts';

/** Devices whose id two programs use at once: tells consoles, the log and the audit. */
export class DoubleUses {
  readonly #ports: FleetPorts;
  readonly #twins: Twins;
  readonly #audit: (entry: AuditRecord) => void;
  readonly #uses = new Map<string, DoubleUse>();
  /** Devices that are used so now. */
  readonly #lasting = new Set<string>();

  constructor(ports: FleetPorts, twins: Twins, audit: (entry: AuditRecord) => void) {
    this.#ports = ports;
    this.#twins = twins;
    this.#audit = audit;
  }

  /** How many devices are used so now. */
  get count(): number {
    return this.#lasting.size;
  }

  opened(id: string, link: DeviceLink, now: number): void {
    this.#follow(id, opened(this.#of(id), link, now), now);
  }

  /** The program of a link that another one took over was still there. */
  outlived(id: string, old: DeviceLink, by: DeviceLink, now: number): void {
    this.#follow(id, outlived(this.#of(id), old, by, now), now);
  }

  forget(id: string): void {
    this.#uses.delete(id);
    this.#lasting.delete(id);
  }

  /** The hub's clock was set by so many ms. */
  clockJumped(by: number): void {
    for (const [id, use] of this.#uses) this.#uses.set(id, shifted(use, by));
  }

  dueAt(): number | undefined {
    return earliest([...this.#lasting].map((id) => overAt(this.#of(id))));
  }

  /** Lets time pass. */
  run(now: number): void {
    for (const id of this.#lasting) this.#follow(id, calmed(this.#of(id), now), now);
  }

  #of(id: string): DoubleUse {
    return this.#uses.get(id) ?? NO_DOUBLE_USE;
  }

  #follow(id: string, use: DoubleUse, now: number): void {
    const before = this.#of(id);
    this.#uses.set(id, use);
    const { since, addresses } = use;
    if (since === undefined) {
      if (before.since !== undefined) this.#end(id);
    } else if (addresses && addresses !== before.addresses) {
      this.#warn(id, addresses);
      this.#tell(id, { since, addresses });
      if (before.since === undefined) this.#begin(id, addresses, now);
    }
  }

  #begin(id: string, addresses: Addresses, now: number): void {
    this.#lasting.add(id);
    const detail = JSON.stringify({ addresses });
    this.#audit({ t: now, who: id, address: '', action: 'device.twice', subject: id, detail });
  }

  #end(id: string): void {
    this.#lasting.delete(id);
    const twin = this.#twins.get(id);
    if (twin) this.#twins.apply({ twin: { ...twin, twice: undefined }, delta: { did: id, twice: 0 } });
  }

  /** Consoles are told when it begins; where the programs are is for whoever asks. */
  #tell(id: string, twice: DoublyUsed): void {
    const twin = this.#twins.get(id);
    if (!twin) return;
    const next = { ...twin, twice };
    if (twin.twice) this.#twins.note(next);
    else this.#twins.apply({ twin: next, delta: { did: id, twice: twice.since } });
  }

  #warn(id: string, [old, latest]: Addresses): void {
    this.#ports.log.warnLimited(
      `twice:${id}`,
      `two programs use the credential of ${id} at once, one at ${old} and one at ${latest}: register a device of ` +
        'its own for one of them; where one is a stranger, give the device a new secret or key',
    );
  }
}
