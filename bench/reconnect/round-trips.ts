import { once } from 'node:events';
import { connect } from 'node:tls';
import { generate } from 'mqtt-packet';
import { clientFrame } from '../load/frames.ts';
import { RawLink } from '../load/raw-link.ts';

/** Between two messages, in ms. They go out on time, however late those before come back. */
const EVERY = 20;

/** Who measures: a service's credentials, and the way to the hub. */
export interface Client {
  readonly port: number;
  readonly ca: string;
  readonly username: string;
  readonly password: string;
}

/** A client that is up, and has messages come back to it from the hub all the time. */
export class RoundTrips {
  readonly #link: RawLink;
  readonly #timer: NodeJS.Timeout;
  /** When the messages were sent that have not come back. */
  readonly #sentAt: number[] = [];
  #times: number[] = [];

  private constructor(link: RawLink) {
    this.#link = link;
    const message = {
      cmd: 'publish',
      topic: 'plant/echo',
      payload: 'x',
      qos: 0,
      retain: false,
      dup: false,
    } as const;
    const frame = clientFrame(generate(message));
    link.onPublishes = (count) => {
      const now = performance.now();
      for (const sentAt of this.#sentAt.splice(0, count)) this.#times.push(now - sentAt);
    };
    this.#timer = setInterval(() => {
      this.#sentAt.push(performance.now());
      link.write(frame);
    }, EVERY);
  }

  static async start({ port, ca, username, password }: Client): Promise<RoundTrips> {
    const socket = connect({ host: 'localhost', port, ca });
    socket.setNoDelay(true);
    await once(socket, 'secureConnect');
    const link = await RawLink.open(socket, `localhost:${port}`, {
      ...{ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 0 },
      ...{ clientId: 'live', username, password: Buffer.from(password) },
    });
    const subscriptions = [{ topic: 'plant/echo', qos: 0 } as const];
    await link.ask(generate({ cmd: 'subscribe', messageId: 1, subscriptions }));
    return new RoundTrips(link);
  }

  /** The times that messages took since the last call, in ms, shortest first; of what is on its way, how long so far. */
  take(): number[] {
    const now = performance.now();
    const times = [...this.#times, ...this.#sentAt.map((sentAt) => now - sentAt)];
    this.#times = [];
    return times.toSorted((a, b) => a - b);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#link.cut();
  }
}
