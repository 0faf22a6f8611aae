import type { QoS } from 'mqtt-packet';

/** A will. Payloads are text. */
export interface Will {
  readonly topic: string;
  readonly payload: string;
  readonly qos: QoS;
}

/** Messages to publish to one topic, one after another. */
export interface Publication {
  readonly topic: string;
  readonly payloads: readonly string[];
  readonly qos: QoS;
  readonly retain?: boolean;
}

/** A message as the client shows it; without what it does not tell. */
export interface Shown {
  readonly topic: string;
  readonly payload: string;
  readonly qos?: number;
  readonly retain?: boolean;
}

export interface ConnectOptions {
  readonly clientId: string;
  /** MQTT's clean session: set unless told otherwise. */
  readonly clean?: boolean;
  readonly will?: Will;
  /** 4 for MQTT 3.1.1, which it is unless told otherwise. */
  readonly protocolVersion?: 4 | 5;
}

/** Where a client connects, as whom, and whom it trusts. */
export interface Place {
  readonly url: string;
  /** Path of the authority's certificate, PEM. */
  readonly ca: string;
  readonly username: string;
  readonly password: string;
}

/**
 * An MQTT client of another make, with one connection at a time. It is not asked for what the table of clients says that
 * it cannot do.
 */
export interface OtherClient {
  /** What has come, in order. */
  readonly received: readonly Shown[];
  /**
   * Resolves with whether a session was present: undefined where the client does not tell. Rejects with what the client
   * says where it is not let in.
   */
  connect(options: ConnectOptions): Promise<boolean | undefined>;
  /** Resolves when the subscription was granted. */
  subscribe(filter: string, qos: QoS): Promise<void>;
  unsubscribe(filter: string): Promise<void>;
  /** Resolves when the client takes all of it for delivered. */
  publish(publication: Publication): Promise<void>;
  /** Resolves once a message with this payload has come. */
  until(payload: string): Promise<void>;
  /** Ends the connection in good order, as far as the client can. */
  disconnect(): Promise<void>;
  /** Takes the client away at once, so that it sends no DISCONNECT. */
  cut(): Promise<void>;
}

/** A make of clients, ready to be used. */
export interface Make {
  start(place: Place): Promise<OtherClient>;
  close(): Promise<void>;
}
