/**
 * Why the hub ends links, each with the WebSocket close code (RFC 6455 §7.4.1) that its peer is told. Metrics count
 * by these names.
 */
export const ENDS = {
  'shutting-down': 1001,
  'malformed-frame': 1002,
  'malformed-packet': 1002,
  'protocol-violation': 1002,
  'text-frame': 1003,
  'packet-too-long': 1009,
  'connect-refused': 1008,
  'connect-timeout': 1008,
  'keep-alive': 1008,
  'ping-timeout': 1002,
  'not-allowed': 1008,
  'access-ended': 1008,
  'taken-over': 1008,
  'too-slow': 1008,
  'too-many': 1008,
  'no-room': 1013,
  failure: 1011,
} as const satisfies Record<string, number>;

export type EndCause = keyof typeof ENDS;
