import {
  FLAG,
  hasFlag,
  requestTopic,
  rqCancel,
  rqCmd,
  rqDesired,
  type Action,
  type Property,
  type Value,
  type Values,
} from '#firmware-protocol';
import type { Session } from '#broker/contract/session.ts';
import type { Clock } from '../app/clock.ts';
import { fromHex, toHex } from '../format/hex.ts';
import type { Command } from './command.ts';
import type { Fleet } from './fleet.svelte.ts';

/** How long a device that is there has to answer a command, in ms. */
const LIFE_MS = 10_000;

interface Request {
  readonly want?: Values;
  readonly op?: number;
  readonly args?: readonly Value[];
  /** For how long it may wait for a device that is away, in ms; without, it is refused then. */
  readonly wait?: number | undefined;
}

/** Asks the hub, in the name of whoever is signed in, to operate devices. Outcomes come with the feeds. */
export class Operator {
  readonly #session: () => Session | undefined;
  readonly #fleet: Fleet;
  readonly #clock: Clock;
  readonly #publish: (topic: string, payload: Uint8Array) => Promise<void>;

  constructor(
    session: () => Session | undefined,
    fleet: Fleet,
    clock: Clock,
    publish: (topic: string, payload: Uint8Array) => Promise<void>,
  ) {
    this.#session = session;
    this.#fleet = fleet;
    this.#clock = clock;
    this.#publish = publish;
  }

  /**
   * Asks for a property to have a value, in wire units.
   * @param wait for how long the command may wait for its device, in ms. A persistent property waits anyway.
   */
  set(device: string, property: Property, value: Value, wait?: number): void {
    const path = hasFlag(property, FLAG.persistent) ? 'desired' : 'cmd';
    this.#ask(device, path, { want: new Map([[property.pid, value]]), wait });
  }

  /**
   * Asks for an action to be run.
   * @param wait for how long the command may wait for its device, in ms
   */
  run(device: string, action: Action, args: readonly Value[] = [], wait?: number): void {
    this.#ask(device, 'cmd', { op: action.pid, args, wait });
  }

  /** Asks for a command back that has not been sent yet. The feed tells whether it came in time. */
  withdraw(device: string, id: string): void {
    const session = this.#session();
    if (!session) return;
    const payload = rqCancel.encode({ id: fromHex(id) });
    // Where the link is down the command stands as it stood, and is told again when the link is back.
    this.#publish(requestTopic(session.tenant, device, 'cancel'), payload).catch(() => undefined);
  }

  #ask(device: string, path: Command['path'], { want, op, args = [], wait }: Request): void {
    const session = this.#session();
    if (!session) return;
    const id = crypto.getRandomValues(new Uint8Array(8));
    const now = this.#clock.read();
    const ttl = wait ?? LIFE_MS;
    const command: Command = {
      id: toHex(id),
      device,
      path,
      stage: 'asked',
      who: `@${session.user.id}`,
      batch: undefined,
      want: want ?? new Map(),
      op,
      args,
      askedAt: now,
      at: now,
      expiresAt: path === 'desired' ? undefined : now + ttl,
      pct: undefined,
      reported: undefined,
      code: undefined,
      msg: undefined,
      steps: [],
    };
    this.#fleet.putCommand(command);

    const payload =
      path === 'desired'
        ? rqDesired.encode({ id, vals: command.want })
        : rqCmd.encode({
            id,
            ttl,
            ...(wait !== undefined && { wait: true }),
            ...(op === undefined ? { vals: command.want } : { op }),
            ...(args.length > 0 && { args: [...args] }),
          });
    this.#publish(requestTopic(session.tenant, device, path), payload).catch(() =>
      this.#fleet.markUnsent(device, command.id, this.#clock.read()),
    );
  }
}
