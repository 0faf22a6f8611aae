import type { CredentialRecord } from './credentials.ts';

/** Devices that may connect, and the groups that people made of them. Times are Unix time in ms. */

export interface DeviceRecord {
  readonly id: string;
  readonly name: string;
  readonly place: string;
  readonly tags: readonly string[];
  readonly createdAt: number;
}

/** What people call a device and where they put it. */
export type DeviceLabels = Pick<DeviceRecord, 'name' | 'place' | 'tags'>;

export type LabelChange = { readonly [K in keyof DeviceLabels]?: DeviceLabels[K] | undefined };

export interface GroupRecord {
  readonly name: string;
  /** Whom it holds, as the JSON of a `selection` of the contract. */
  readonly selection: string;
}

export interface RegistryStore {
  devices(): Promise<DeviceRecord[]>;
  device(id: string): Promise<DeviceRecord | undefined>;
  /**
   * Registers all of these or, where an id is taken, none. One without a credential cannot connect.
   * @returns the ids that are taken
   */
  createDevices(
    devices: readonly DeviceRecord[],
    credentials?: readonly CredentialRecord[],
  ): Promise<string[]>;
  /** What is absent stays as it is. @returns the labels as they are then, or undefined where there is no such device */
  labelDevice(id: string, change: LabelChange): Promise<DeviceLabels | undefined>;
  /** Removes a device with all that is kept of it. @returns false where there was none */
  removeDevice(id: string): Promise<boolean>;

  groups(): Promise<GroupRecord[]>;
  saveGroup(group: GroupRecord): Promise<void>;
  /** @returns false where there was none */
  removeGroup(name: string): Promise<boolean>;
}
