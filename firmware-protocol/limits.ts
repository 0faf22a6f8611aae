/** Bounds that every sender keeps and every receiver checks before it decodes. Sizes in bytes. */
export const LIMITS = {
  /** Payload of `up/desc`. */
  descBytes: 16_384,
  /** Payload of any other message from or to a device. */
  payloadBytes: 4_096,
  /** Data of one `dn/blk`, and the whole payload of it. */
  blockDataBytes: 4_096,
  blockPayloadBytes: 4_160,
  /** What the hub sends to a device at most, where the device's description does not say. */
  maxrxBytes: 1_024,
  /** Payload of a feed message from the hub to consoles. */
  feedBytes: 1_048_576,
  /** CBOR data items in one payload, nested ones counted. */
  items: 2_048,
  descItems: 8_192,
  feedItems: 262_144,
  /** Nesting of arrays and maps. */
  depth: 6,
  /** Entries of one `vals` map. */
  vals: 128,
  /** Samples of one `tele` batch. */
  batch: 256,
  /** Blocks that a device may ask for at once. */
  blocks: 16,
  /** UTF-8 bytes of one text string. */
  textBytes: 256,
  /** Longest time from the sending of a command to its outcome's first word, in milliseconds. */
  commandLifeMs: 60_000,
  /** Longest time that a command may wait for its device, in milliseconds. */
  commandWaitMs: 604_800_000,
  /** Tags of one device. */
  tags: 32,
} as const;
