/** What is known of a device, as it was last saved. Binary columns hold payloads of the protocol. */
export interface TwinRecord {
  readonly device: string;
  /** Payload of the last `up/desc`. */
  readonly desc: Uint8Array | null;
  /** All last reported values, sampled ones too. */
  readonly reported: Uint8Array | null;
  /** The retained `up/status` and `up/state`, as the device sent them. */
  readonly statusPayload: Uint8Array | null;
  readonly statePayload: Uint8Array | null;
  /** What is wanted, as the payload of a `dn/desired`, and who wanted it last. */
  readonly desired: Uint8Array | null;
  readonly who: string | null;
  readonly st: number;
  readonly since: number | null;
  readonly seenAt: number | null;
}

export interface TwinStore {
  twins(): Promise<TwinRecord[]>;
  /** Saves several twins at once or none of them. Those of devices that were removed are left out. */
  saveTwins(twins: readonly TwinRecord[]): Promise<void>;
}
