import { settingsSchema, type Settings } from '#broker/config/settings.ts';
import { countedBy } from '#broker/links/client-address.ts';
import { Door } from '#broker/links/door/door.ts';
import { Refusals } from '#broker/links/refusals.ts';
import { TestLog } from './hub.ts';

/** A door as the hub has it, for listeners without a hub, and what goes with it. */
export function openDoor(limits: Settings['limits'] = settingsSchema.parse({}).limits) {
  const refusals = new Refusals(new TestLog());
  const counted = countedBy([]);
  const door = new Door({ limits, countedBy: counted, refusals });
  return {
    /** For `listen`. */
    listening: { door, refusals, patience: limits, onTrouble: () => undefined },
    /** For an `Admission`. */
    admitting: { door, refusals, limits, countedBy: counted },
  };
}
