import type { DownChannel, FeedChannel, UpChannel } from '#firmware-protocol';
import type { Log } from '../log/log.ts';
import type { Store } from '../store/store.ts';

/** What the fleet needs of the world. */
export interface FleetPorts {
  readonly store: Store;
  readonly log: Log;
  toDevice(device: string, channel: DownChannel, payload: Uint8Array): void;
  /** Puts back what was retained of a device, as it was. */
  retain(device: string, channel: Extract<UpChannel, 'status' | 'desc' | 'state'>, payload: Uint8Array): void;
  toConsoles(channel: FeedChannel, payload: Uint8Array): void;
  /** Ends the links of a device that is no longer registered. */
  dropDevice(device: string): void;
  /** Keeps a reading. @param t when it was taken, Unix ms */
  record(device: string, pid: number, t: number, value: number | boolean): void;
  /** Lets go of the readings of a device that is no longer registered. */
  forget(device: string): void;
  /** What is wrong with other parts of the hub, as a sentence for people, or undefined. */
  trouble(): string | undefined;
  /** Asks for `run` to be called once this turn of the event loop is over. */
  wake(): void;
}
