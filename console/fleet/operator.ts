import {
  FLAG,
  hasFlag,
  requestTopic,
  rqCmd,
  rqDesired,
  type Action,
  type Property,
  type Value,
  type Values,
} from '#firmware-protocol';
import type { Session } from '#broker/contract/session.ts';
import type { Clock } from '../app/clock.ts';
import { toHex } from '../format/hex.ts';
import type { Command } from './command.ts';
import type { Fleet } from './fleet.svelte.ts';

/** How long a device has to answer a command, in ms. */
const LIFE_MS = 10_000;

interface Request {
  readonly want?: Values;
  readonly op?: number;
  readonly args?: readonly Value[];
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

  /** Asks for a property to have a value, in wire units. */
  set(device: string, property: Property, value: Value): void {
    const path = hasFlag(property, FLAG.persistent) ? 'desired' : 'cmd';
    this.#ask(device, path, { want: new Map([[property.pid, value]]) });
  }

  /** Asks for an action to be run. */
  run(device: string, action: Action, args: readonly Value[] = []): void {
    this.#ask(device, 'cmd', { op: action.pid, args });
  }

  #ask(device: string, path: 'cmd' | 'desired', { want, op, args = [] }: Request): void {
    const session = this.#session();
    if (!session) return;
    const id = crypto.getRandomValues(new Uint8Array(8));
    const now = this.#clock.read();
    const command: Command = {
      id: toHex(id),
      device,
      path,
      stage: 'asked',
      who: `@${session.user.id}`,
      want: want ?? new Map(),
      op,
      args,
      askedAt: now,
      at: now,
      expiresAt: now + LIFE_MS,
      pct: undefined,
      reported: undefined,
      code: undefined,
      msg: undefined,
      version: undefined,
    };
    this.#fleet.putCommand(command);

    const payload =
      path === 'desired'
        ? rqDesired.encode({ id, vals: command.want })
        : rqCmd.encode({
            id,
            ttl: LIFE_MS,
            ...(op === undefined ? { vals: command.want } : { op }),
            ...(args.length > 0 && { args: [...args] }),
          });
    this.#publish(requestTopic(session.tenant, device, path), payload).catch(() =>
      this.#fleet.markUnsent(device, command.id, this.#clock.read()),
    );
  }
}
