import * as z from 'zod';

/** Whole numbers within bounds. */
const count = (least: number, most: number) => z.int().min(least).max(most);
/** In ms. No timer of Node waits for longer than 24 days: with more it would be up at once. */
const patience = count(100, 86_400_000);
const packetRate = z.int().min(10).max(1_000_000_000);
const byteRate = z.int().min(1_024).max(1_000_000_000_000);

/** The bounds on everything that others can make the hub keep or do, with their defaults. Sizes in bytes. */
export const limitsSchema = z.strictObject({
  links: z.int().min(1).default(20_000),
  linksPerAddress: z.int().min(1).default(15_000),
  linksPerAccount: z.int().min(1).default(5_000),
  /** Links that begin in a second. */
  admissionRate: z.int().min(1).default(1_000),
  addressAdmissionRate: z.int().min(1).default(1_000),
  /** Connections whose handshake has not begun, and how long each may wait for it, in ms. */
  waiting: z.int().min(1).default(20_000),
  waitingPerAddress: z.int().min(1).default(15_000),
  waitingMs: patience.default(30_000),
  /** Connections whose handshake has begun and that are no links, those of the API and of pages among them. */
  halfOpen: z.int().min(1).default(4_000),
  halfOpenPerAddress: z.int().min(1).default(2_000),
  /** Handshakes that begin in a second. */
  handshakeRate: z.int().min(1).default(2_000),
  addressHandshakeRate: z.int().min(1).default(1_000),
  /** Time for the handshake of TLS, for the headers of a request, and for the whole of it, in ms. */
  handshakeMs: patience.default(10_000),
  headersMs: patience.default(10_000),
  requestMs: patience.default(20_000),
  /** How long nobody may read the answers to requests, in ms. */
  stalledMs: patience.default(60_000),
  /** Time from the handshake to a CONNECT that was accepted, in ms. */
  connectMs: patience.default(10_000),
  /** How long a link may be silent before it is pinged, in ms. */
  silenceMs: count(1_000, 86_400_000).default(120_000),

  /** What is read in a second, in MQTT packets and in bytes: beyond it, no more is read for a while. */
  linkPacketRate: packetRate.default(10_000),
  linkByteRate: byteRate.default(4_194_304),
  accountPacketRate: packetRate.default(20_000),
  accountByteRate: byteRate.default(16_777_216),
  addressPacketRate: packetRate.default(50_000),
  addressByteRate: byteRate.default(67_108_864),
  hubPacketRate: packetRate.default(100_000),
  hubByteRate: byteRate.default(134_217_728),

  /** Longest MQTT packet accepted. */
  packetBytes: count(1_024, 1_048_576).default(65_536),
  /** Longest topic name and topic filter, and most levels of one. */
  topicBytes: count(128, 65_535).default(1_024),
  topicLevels: count(8, 1_024).default(32),
  filtersPerSubscribe: count(1, 10_000).default(1_000),
  subscriptionsPerSession: count(1, 1_000_000).default(1_000),
  /** Subscriptions in all. Those of devices have room beyond it: each has but a few topics. */
  subscriptions: count(1, 10_000_000).default(100_000),

  /** QoS 1 and 2 on their way to one client, and QoS 2 on its way from one, at once. */
  outgoingInflight: count(1, 10_000).default(100),
  incomingInflight: count(1, 65_535).default(10_000),

  /** Waiting for a link: from here on QoS 0 is dropped. */
  congestedBytes: z.int().min(16_384).default(262_144),
  /** Waiting for a link: from here on it is ended. */
  outboundBytes: z.int().min(65_536).default(8_388_608),
  hubOutboundBytes: z.int().min(65_536).default(536_870_912),

  /** Sessions that are kept for services: of one of them, and in all. */
  sessionsPerService: count(1, 10_000).default(10),
  sessions: count(1, 10_000).default(100),
  /** Waiting for the client of one session: beyond it the oldest messages go. */
  sessionMessages: count(1, 1_000_000).default(10_000),
  /** More than the longest packet that can be accepted. */
  sessionBytes: z.int().min(1_048_576).default(4_194_304),
  /** How long a session is kept whose client is away. */
  sessionDays: count(1, 366).default(7),

  /** Retained messages of services: of one of them, and in all. */
  retainedPerService: count(1, 10_000_000).default(20_000),
  retainedBytesPerService: z.int().min(1_024).default(33_554_432),
  retained: count(1, 10_000_000).default(100_000),
  retainedBytes: z.int().min(1_024).default(134_217_728),
});

export type Limits = z.infer<typeof limitsSchema>;
