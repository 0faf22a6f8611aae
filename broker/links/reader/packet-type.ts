/** The types of control packets (MQTT 3.1.1 §2.2.1). */
export const PACKET = {
  CONNECT: 1,
  CONNACK: 2,
  PUBLISH: 3,
  PUBACK: 4,
  PUBREC: 5,
  PUBREL: 6,
  PUBCOMP: 7,
  SUBSCRIBE: 8,
  SUBACK: 9,
  UNSUBSCRIBE: 10,
  UNSUBACK: 11,
  PINGREQ: 12,
  PINGRESP: 13,
  DISCONNECT: 14,
} as const;

/** The flags of a PUBLISH (MQTT 3.1.1 §3.3.1). */
export const PUBLISH_FLAG = { dup: 0b1000, qos: 0b0110 } as const;
