import type { Standing, ServiceRecord } from '../store/credentials.ts';
import type { PersonRecord, SessionRecord } from '../store/people.ts';
import type { Principal } from './principal.ts';

/** What is stored of those who are there, now. */
export interface Known {
  readonly devices: ReadonlyMap<string, Standing>;
  readonly services: ReadonlyMap<string, ServiceRecord>;
  readonly people: ReadonlyMap<string, PersonRecord>;
  /** By the id that access tokens name. */
  readonly sessions: ReadonlyMap<string, SessionRecord>;
}

/** Why somebody who was let in may not stay, as a sentence; undefined where they may. Access that has run out is apart. */
export function standing(principal: Principal, known: Known): string | undefined {
  switch (principal.kind) {
    case 'device': {
      const device = known.devices.get(principal.id);
      if (!device) return 'this device was removed';
      if (device.disabled) return 'this device was disabled';
      return device.generation === principal.generation
        ? undefined
        : 'its credential was replaced or revoked';
    }
    case 'service': {
      const service = known.services.get(principal.id);
      // One that was made anew begins at the same generation.
      if (service?.createdAt !== principal.createdAt) return 'this service was removed';
      if (service.disabled) return 'this service was disabled';
      return service.generation === principal.generation ? undefined : 'its token or its grants were changed';
    }
    case 'person': {
      const person = known.people.get(principal.id);
      if (!person) return 'this person was removed';
      if (!known.sessions.has(principal.sid)) return 'the session has ended';
      return person.role === principal.role ? undefined : `the role is ${person.role} now`;
    }
  }
}
