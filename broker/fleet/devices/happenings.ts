import { AWAITED, STATUS, type Value, type Values } from '#firmware-protocol';
import type { HappeningRecord } from '../../store/journal.ts';
import type { FleetPorts } from '../ports.ts';
import { SavedTogether } from '../saved-together.ts';

/** The words for a presence in a device's timeline. `AWAITED` has none: nothing has happened to the device. */
const PRESENCE: ReadonlyMap<number, string> = new Map([
  [STATUS.lost, 'lost'],
  [STATUS.online, 'online'],
  [STATUS.sleeping, 'sleeping'],
  [STATUS.updating, 'updating'],
  [STATUS.bye, 'left'],
]);

/** What happens to devices, on its way to their timelines. */
export class Happenings extends SavedTogether<HappeningRecord> {
  constructor(ports: FleetPorts) {
    super('what happened to devices', (entries) => ports.store.saveHappenings(entries), ports);
  }

  /** A device is there, or is not, otherwise than before. It stayed if the hub only waited for it. */
  presence(device: string, before: number, st: number, t: number, why?: string): void {
    const state = PRESENCE.get(st);
    if (st === before || state === undefined || (before === AWAITED && st === STATUS.online)) return;
    this.add({
      device,
      t,
      kind: 'presence',
      data: JSON.stringify({ state, ...(why !== undefined && { why }) }),
    });
  }

  event(device: string, vals: Values, msg: string | undefined, t: number): void {
    const told = Object.fromEntries([...vals].map(([pid, value]) => [pid, readable(value)]));
    const data = JSON.stringify({ vals: told, ...(msg !== undefined && { msg }) });
    this.add({ device, t, kind: 'event', data });
  }
}

const readable = (value: Value) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value);
