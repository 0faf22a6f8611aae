import { connect, type SecureContext, type TLSSocket } from 'node:tls';
import type { IConnectPacket } from 'mqtt-packet';
import { STATUS, status, upTopic } from '../../firmware-protocol/index.ts';
import { NotLetIn, RawLink } from '../load/raw-link.ts';

/** The name that the hub's certificate has. */
const HOST = 'localhost';
const TENANT = 'home';
const KEEP_ALIVE = 600;
/** Ceiling of the first delay after a failure, and of all, in ms (SPEC.md 2.7). */
const [FIRST_CEILING, LAST_CEILING] = [1_000, 30_000];
/** What a device that is told when to come again adds at random, at most, in ms. */
const JITTER = 1_000;

/** Where the hub is, and what of it is trusted. */
export interface Place {
  readonly port: number;
  readonly trust: SecureContext;
}

/** What happened until a link was up. */
export interface Attempts {
  /** Handshakes that were answered with 503. */
  busy: number;
  /** Why other attempts ended. */
  readonly broken: string[];
  /** Whether the TLS session was the one of before. */
  resumed: boolean;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The link of one device, which it makes anew as SPEC.md 2.7 says. */
export class DeviceLink {
  readonly #place: Place;
  readonly #connect: IConnectPacket;
  #session: Buffer | undefined;
  #link: RawLink | undefined;

  constructor(place: Place, id: string, secret: string) {
    this.#place = place;
    const gone = Buffer.from(status.encode({ boot: 1, sess: 1, st: STATUS.lost }));
    this.#connect = {
      ...{ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: KEEP_ALIVE },
      ...{ clientId: id, username: `${TENANT}/${id}`, password: Buffer.from(secret) },
      will: { topic: upTopic(TENANT, id, 'status'), payload: gone, qos: 1, retain: true },
    };
  }

  /** Tries until the link is up. @param resume whether to go on with the TLS session that it had */
  async connect(resume: boolean): Promise<Attempts> {
    const attempts: Attempts = { busy: 0, broken: [], resumed: false };
    for (let ceiling = FIRST_CEILING; ; ceiling = Math.min(2 * ceiling, LAST_CEILING)) {
      try {
        attempts.resumed = await this.#attempt(resume ? this.#session : undefined);
        return attempts;
      } catch (error) {
        const { status: answer, retryAfter, message } = error as NotLetIn;
        if (answer === 503 && retryAfter !== undefined) {
          attempts.busy += 1;
          await sleep(1_000 * retryAfter + Math.random() * JITTER);
        } else {
          attempts.broken.push(message);
          await sleep(Math.random() * ceiling);
        }
      }
    }
  }

  /** Breaks the connection without a word. */
  cut(): void {
    this.#link?.cut();
  }

  async #attempt(session: Buffer | undefined): Promise<boolean> {
    const { port, trust } = this.#place;
    const socket = connect({
      // An address: names are looked up four at a time.
      ...{ host: '127.0.0.1', port, servername: HOST, secureContext: trust },
      ...(session && { session }),
    });
    socket.on('session', (next: Buffer) => (this.#session = next));
    await secured(socket);
    socket.on('error', () => undefined);
    this.#link = await RawLink.open(socket, `${HOST}:${port}`, this.#connect);
    return socket.isSessionReused();
  }
}

function secured(socket: TLSSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', ({ message }) => reject(new NotLetIn(message)));
    socket.once('close', () => reject(new NotLetIn('ended before it was secure')));
    socket.once('secureConnect', resolve);
  });
}
