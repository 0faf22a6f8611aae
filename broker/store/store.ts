import type { CommandStore } from './commands.ts';
import type { CredentialStore } from './credentials.ts';
import type { JournalStore } from './journal.ts';
import type { KeptSessionStore } from './kept-sessions.ts';
import type { PeopleStore } from './people.ts';
import type { RegistryStore } from './registry.ts';
import type { ScheduleStore } from './schedules.ts';
import type { TwinStore } from './twins.ts';

/**
 * What the hub keeps, telemetry apart. Every method that writes resolves when what it wrote is on the disk, and
 * rejects with a StoreError where it is not; then nothing of it was written.
 */
export interface Store
  extends
    RegistryStore,
    CredentialStore,
    TwinStore,
    CommandStore,
    ScheduleStore,
    JournalStore,
    PeopleStore,
    KeptSessionStore {
  /** A number that changes when another process has written to the store. */
  foreignVersion(): Promise<number>;
  close(): Promise<void>;
}
