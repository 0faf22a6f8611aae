import { cmd, COMMAND, evCmd, isOver, type Ack, type CommandRequest } from '#firmware-protocol';
import {
  commandDelta,
  commandMessage,
  createCommand,
  refuse,
  step,
  type Command,
  type CommandInput,
} from './command.ts';
import { fromRecord, toRecord } from './command-record.ts';
import type { FleetPorts } from '../ports.ts';

/** How often open commands are looked at for what time does to them, in ms. */
const TIME_STEP = 250;

const OVER = Object.values(COMMAND).filter(isOver);

/** Commands in one message of the feed, so that the largest stay within `LIMITS.feedBytes`. */
const MESSAGE_COMMANDS = 100;

/** What changed with a command in this turn, and is to be stored and then told. */
interface Outcome {
  readonly command: Command;
  readonly send: boolean;
}

/** All commands that are not over: takes their inputs, stores each step, and only then sends and tells. */
export class Commands {
  readonly #ports: FleetPorts;
  readonly #boot: number;
  #seq = 0;
  /** Open commands by device, then by id, oldest first. */
  readonly #open = new Map<string, Map<string, Command>>();
  #outcomes: Outcome[] = [];
  #timeCheckedAt = 0;

  /** @param boot names this run of the hub */
  constructor(ports: FleetPorts, boot: number) {
    this.#ports = ports;
    this.#boot = boot;
  }

  /** Takes up the commands that were open when the hub stopped. */
  async load(): Promise<void> {
    for (const record of await this.#ports.store.commandsNotIn(OVER)) this.#keep(fromRecord(record));
  }

  /**
   * Somebody asks for a command. `refusal` says why it may not go out; `boot` is the device's, while it is there.
   * An id that was used before for this device changes nothing: its command is told again.
   */
  async request(
    device: string,
    request: CommandRequest,
    who: string,
    refusal: { code: number; msg: string } | undefined,
    boot: number | undefined,
    now: number,
  ): Promise<void> {
    const created = createCommand(device, request, who, now);
    const stored = await this.#stored(device, created.id);
    // Looked up last: the same request may have been taken while the store was asked.
    const before = this.#open.get(device)?.get(created.id) ?? stored;
    if (before) this.#note(before, false);
    else if (refusal) this.#note(refuse(created, refusal.code, refusal.msg), false);
    else {
      this.#note(created, false);
      if (boot !== undefined) this.#step(created, { type: 'ready', boot }, now);
    }
  }

  /** The device's word on a command. Returns false where no such command is open. */
  acknowledged(device: string, ack: Ack, now: number): boolean {
    const command = this.#open.get(device)?.get(Buffer.from(ack.id).toString('hex'));
    if (command) this.#step(command, { type: 'ack', ack }, now);
    return command !== undefined;
  }

  /** The device is there, with this boot. */
  ready(device: string, boot: number, now: number): void {
    for (const command of [...(this.#open.get(device)?.values() ?? [])]) {
      this.#step(command, { type: 'ready', boot }, now);
    }
  }

  forget(device: string): void {
    this.#open.delete(device);
  }

  /** Payloads that tell one console what is open; one at least. */
  snapshot(now: number): Uint8Array[] {
    const open = [...this.#open.values()].flatMap((commands) => [...commands.values()]);
    const parts = inParts(open);
    return (parts.length > 0 ? parts : [[]]).map((part) => this.#event(part, now));
  }

  /** When open commands must be looked at again, or undefined where there are none. */
  dueAt(): number | undefined {
    return this.#open.size > 0 ? this.#timeCheckedAt + TIME_STEP : undefined;
  }

  /** Lets time pass, stores what changed in one go, then sends and tells it. */
  async run(bootOf: (device: string) => number | undefined, now: number): Promise<void> {
    if (now - this.#timeCheckedAt >= TIME_STEP) {
      this.#timeCheckedAt = now;
      for (const [device, commands] of this.#open) {
        const boot = bootOf(device);
        for (const command of [...commands.values()]) this.#step(command, { type: 'time', boot }, now);
      }
    }
    if (this.#outcomes.length === 0) return;
    const outcomes = this.#outcomes;
    this.#outcomes = [];
    await this.#store(outcomes.map(({ command }) => command));
    for (const { command, send } of outcomes) if (send) this.#send(command);
    this.#tell(
      outcomes.map(({ command }) => command),
      now,
    );
  }

  #step(command: Command, input: CommandInput, now: number): void {
    const next = step(command, input, now);
    if (next.command !== command || next.send) this.#note(next.command, next.send);
  }

  #note(command: Command, send: boolean): void {
    this.#keep(command);
    this.#outcomes.push({ command, send });
    this.#ports.wake();
  }

  #keep(command: Command): void {
    const { device, id, st } = command;
    const commands = this.#open.get(device) ?? new Map<string, Command>();
    if (isOver(st)) commands.delete(id);
    else commands.set(id, command);
    if (commands.size === 0) this.#open.delete(device);
    else this.#open.set(device, commands);
  }

  async #stored(device: string, id: string): Promise<Command | undefined> {
    const record = await this.#ports.store.command(device, id);
    return record && fromRecord(record);
  }

  /** What could not be stored must not happen silently: it is told all the same, and the log says why. */
  async #store(commands: readonly Command[]): Promise<void> {
    try {
      await this.#ports.store.saveCommands(commands.map(toRecord));
    } catch (error) {
      this.#ports.log.error(`${commands.length} steps of commands could not be stored`, error);
    }
  }

  #send(command: Command): void {
    this.#ports.toDevice(command.device, 'cmd', cmd.encode(commandMessage(command)));
  }

  #tell(commands: readonly Command[], now: number): void {
    for (const part of inParts(commands)) {
      this.#seq += 1;
      this.#ports.toConsoles('cmd', this.#event(part, now));
    }
  }

  #event(commands: readonly Command[], now: number): Uint8Array {
    return evCmd.encode({ boot: this.#boot, seq: this.#seq, t: now, cmds: commands.map(commandDelta) });
  }
}

function inParts(commands: readonly Command[]): Command[][] {
  const parts: Command[][] = [];
  for (let at = 0; at < commands.length; at += MESSAGE_COMMANDS)
    parts.push(commands.slice(at, at + MESSAGE_COMMANDS));
  return parts;
}
