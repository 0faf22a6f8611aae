import { CODE, cmd, COMMAND, isOver, type Ack, type CommandRequest } from '#firmware-protocol';
import type { AuditRecord } from '../../store/journal.ts';
import type { FleetPorts } from '../ports.ts';
import {
  commandMessage,
  createCommand,
  shifted,
  step,
  waits,
  type Command,
  type CommandInput,
} from './command.ts';
import { toRecord } from './command-record.ts';
import type { Ledger } from './ledger.ts';
import { endedUnheard, isOpen, type Asker } from './life.ts';
import { nextToSend, overtakenBy } from './queue.ts';
import type { Refusal } from './refusals.ts';

/** How often open commands are looked at for what time does to them, in ms. */
const TIME_STEP = 250;
/** How many commands may be open for one device. */
const MOST_OPEN = 100;
/** How many commands without an answer are remembered, for the answer that comes late. */
const MOST_UNHEARD = 1_000;

/** What commands ask about their device. */
export interface Recipients {
  /** The boot to which commands may go now, or undefined while none may. */
  bootOf(device: string): number | undefined;
  /** Why a command may not go to a device now. `wait` says whether it may wait for one that is away. */
  refusal(device: string, request: CommandRequest): Refusal | undefined;
}

/** All commands that are not over: takes what happens to them, in the order in which they were asked for. */
export class Commands {
  readonly #ports: FleetPorts;
  readonly #ledger: Ledger;
  readonly #recipients: Recipients;
  /** Open commands by device, then by id, oldest first. */
  readonly #open = new Map<string, Map<string, Command>>();
  /** The latest that ended without an answer, or were answered after that. */
  readonly #unheard = new Map<string, Command>();
  #timeCheckedAt = 0;

  constructor(ports: FleetPorts, ledger: Ledger, recipients: Recipients) {
    this.#ports = ports;
    this.#ledger = ledger;
    this.#recipients = recipients;
  }

  /** Takes up a command that was open when the hub stopped. While no hub was there, the device was not silent. */
  resume(command: Command, now: number): void {
    this.#keep({ ...command, heardAt: now });
  }

  /**
   * Somebody asks for a command. An id that was used before for this device changes nothing: what it names is told
   * again.
   * @param deed what the audit says of it, stored with its first step
   */
  request(asker: Asker, request: CommandRequest, asked: number, deed: AuditRecord): void {
    const command = createCommand(asker, request, asked);
    this.#ledger.lookUp(command.device, command.id, (found, now) => {
      if (found.used) this.#ledger.tell(found.standing ? [found.standing] : [], now);
      else if (found.refusal) this.#ledger.tell([refused(command, found.refusal, now)], now);
      else this.#take(command, deed, now);
    });
  }

  /** Adds a command of a batch, stored with it, whose turn has not come. */
  hold(command: Command): void {
    this.#keep(command);
  }

  /** The turn of a batch's command has come. */
  release(device: string, id: string, now: number): void {
    const held = this.#find(device, id);
    if (!held || !waits(held) || held.exp !== undefined) return;
    const { command } = step(held, { type: 'release' }, now);
    const refusal = this.#recipients.refusal(device, command.request);
    if (refusal) {
      this.#note(step(command, { type: 'refuse', refusal }, now).command);
      return;
    }
    this.#keep(command);
    this.#sendNext(device, now);
    // Sent, it is on its way to the disk already.
    const still = this.#find(device, id);
    if (still && waits(still)) this.#note(still);
  }

  /** Ends a command of a batch that has not been sent. */
  withdraw(device: string, id: string, msg: string, now: number): void {
    const command = this.#find(device, id);
    if (command) this.#step(command, { type: 'cancel', msg }, now);
  }

  /** The device's word on a command. One that ended unheard may still be told how it ended. */
  acknowledged(device: string, ack: Ack, now: number): void {
    const id = Buffer.from(ack.id).toString('hex');
    const known = this.#known(device, id);
    if (known) {
      this.#step(known, { type: 'ack', ack }, now);
      return;
    }
    this.#ledger.lookUp(device, id, (found) => {
      // The same answer may have been taken while the store was asked, and what it led to not be stored yet.
      const stored = found.used ? found.standing : undefined;
      const ended = stored?.kind === 'command' && endedUnheard(stored) && this.#ledger.has(stored);
      const command = this.#known(device, id) ?? (ended ? stored : undefined);
      if (command) this.#step(command, { type: 'ack', ack }, now);
      else this.#ports.log.debug(`${device} acknowledged a command that is not open`);
    });
  }

  /** The device is there: it is asked again for what it has not answered, and gets what waits for it. */
  ready(device: string, now: number): void {
    const boot = this.#recipients.bootOf(device);
    if (boot === undefined) return;
    for (const command of this.#of(device)) {
      if (!waits(command)) this.#step(command, { type: 'ready', boot }, now);
    }
    this.#sendNext(device, now);
  }

  /**
   * Somebody withdraws a command. What has been sent, or is over, cannot be withdrawn, and is told as it stands.
   * @param deed what the audit says of it, stored where the command is withdrawn
   */
  cancel(device: string, id: string, deed: AuditRecord): void {
    // Looked up before it is looked at: what was asked for a moment ago is still being looked up itself.
    this.#ledger.lookUp(device, id, (found, now) => {
      const command = this.#find(device, id);
      const msg = `withdrawn by ${deed.who}`;
      if (command && waits(command)) this.#step(command, { type: 'cancel', msg }, now, deed);
      else if (found.used && found.standing) this.#ledger.tell([found.standing], now);
    });
  }

  /** The hub's clock was set. */
  clockJumped(by: number): void {
    this.#timeCheckedAt += by;
    // Stored as well: a hub that starts again has only the clock as it is then.
    for (const commands of [...this.#open.values()]) {
      for (const command of [...commands.values()]) this.#note(shifted(command, by));
    }
  }

  forget(device: string): void {
    this.#open.delete(device);
    for (const [key, command] of this.#unheard) if (command.device === device) this.#unheard.delete(key);
  }

  /** When open commands must be looked at again, or undefined where there are none. */
  dueAt(): number | undefined {
    return this.#open.size > 0 ? this.#timeCheckedAt + TIME_STEP : undefined;
  }

  /** Lets time pass. */
  run(now: number): void {
    if (now - this.#timeCheckedAt < TIME_STEP) return;
    this.#timeCheckedAt = now;
    for (const [device, commands] of this.#open) {
      const released = [...commands.values()].filter(({ exp }) => exp !== undefined);
      if (released.length === 0) continue;
      const boot = this.#recipients.bootOf(device);
      for (const command of released) this.#step(command, { type: 'time', boot }, now);
      this.#sendNext(device, now);
    }
  }

  #take(command: Command, deed: AuditRecord, now: number): void {
    const { device, request } = command;
    const refusal = this.#full(device) ?? this.#recipients.refusal(device, request);
    const first = refusal ? refused(command, refusal, now) : command;
    this.#keep(first);
    const overtaken = refusal ? [] : overtakenBy(command, this.#of(device)).map(({ id }) => id);
    // Stored together: were the newer one lost, the older one would have to stay.
    this.#ledger.note({
      asked: first,
      with: () => ({ commands: this.#overtake(device, overtaken, now).map(toRecord), audit: [deed] }),
      stored: (at) => this.#overtake(device, overtaken, at).forEach((older) => this.#note(older)),
      refused: (why) => {
        this.#drop(command);
        return refused(command, why, now);
      },
    });
    if (!refusal) this.#sendNext(device, now);
  }

  /** What becomes of those commands that a newer one overtakes while they still wait. */
  #overtake(device: string, ids: readonly string[], now: number): Command[] {
    const msg = 'a newer command took its place';
    return ids.flatMap((id) => {
      const older = this.#find(device, id);
      return older && waits(older) ? step(older, { type: 'cancel', msg }, now).command : [];
    });
  }

  #full(device: string): Refusal | undefined {
    if ((this.#open.get(device)?.size ?? 0) < MOST_OPEN) return undefined;
    return { code: CODE.busy, msg: `${MOST_OPEN} commands wait for this device already` };
  }

  /** Sends what is next, if anything may be sent now. */
  #sendNext(device: string, now: number): void {
    const boot = this.#recipients.bootOf(device);
    // What could not be stored would not be sent in time, and nobody could say that it was not.
    if (boot === undefined || this.#ledger.failing) return;
    for (;;) {
      const next = nextToSend(this.#open.get(device)?.values() ?? []);
      if (!next) return;
      // What it was held against when it was asked for may have changed while it waited.
      const refusal = this.#recipients.refusal(device, next.request);
      const input: CommandInput = refusal ? { type: 'refuse', refusal } : { type: 'ready', boot };
      const { command, send } = step(next, input, now);
      this.#note(command, send);
      if (send) return;
    }
  }

  #step(command: Command, input: CommandInput, now: number, deed?: AuditRecord): void {
    const next = step(command, input, now);
    if (next.command === command && !next.send) return;
    if (next.command.steps !== command.steps) {
      this.#note(next.command, next.send, deed);
      this.#sendNext(command.device, now);
      return;
    }
    // To ask again, or to hear the same again, is no step: nothing is to be told of it.
    this.#keep(next.command);
    if (next.send && this.#ledger.has(next.command)) this.#send(next.command, now);
  }

  #note(command: Command, send = false, deed?: AuditRecord): void {
    this.#keep(command);
    this.#ledger.note({
      asked: command,
      ...(deed && { with: () => ({ audit: [deed] }) }),
      ...(send && { stored: (now) => this.#send(command, now) }),
    });
  }

  /**
   * While it was stored, the session for which it was meant may have ended, so that the next one is sent it again; and
   * its end may have moved, or come.
   */
  #send({ device, id, request, boot }: Command, now: number): void {
    const { exp = 0 } = this.#find(device, id) ?? {};
    if (this.#recipients.bootOf(device) !== boot || now >= exp) return;
    this.#ports.toDevice(device, 'cmd', cmd.encode(commandMessage(request, exp)));
  }

  #keep(command: Command): void {
    const { device, id } = command;
    if (!isOpen(command)) {
      this.#drop(command);
      this.#remember(command);
      return;
    }
    const commands = this.#open.get(device);
    if (commands) commands.set(id, command);
    else this.#open.set(device, new Map([[id, command]]));
  }

  /** The store has what ended a moment ago only once it is stored, and the answer, or the same again, may be on its way. */
  #remember(command: Command): void {
    const before = command.steps.at(-2);
    if (!endedUnheard(command) && !(before && endedUnheard(before))) return;
    const key = keyOf(command.device, command.id);
    this.#unheard.delete(key);
    this.#unheard.set(key, command);
    const [oldest] = this.#unheard.keys();
    if (this.#unheard.size > MOST_UNHEARD && oldest !== undefined) this.#unheard.delete(oldest);
  }

  #drop({ device, id }: Command): void {
    const commands = this.#open.get(device);
    commands?.delete(id);
    if (commands?.size === 0) this.#open.delete(device);
  }

  #known(device: string, id: string): Command | undefined {
    return this.#find(device, id) ?? this.#unheard.get(keyOf(device, id));
  }

  #find(device: string, id: string): Command | undefined {
    return this.#open.get(device)?.get(id);
  }

  #of(device: string): Command[] {
    return [...(this.#open.get(device)?.values() ?? [])];
  }
}

/** States in which a command is over, for the store. */
export const OVER: readonly number[] = Object.values(COMMAND).filter(isOver);

const refused = (command: Command, refusal: Refusal, now: number): Command =>
  step(command, { type: 'refuse', refusal }, now).command;

const keyOf = (device: string, id: string): string => `${device}/${id}`;
