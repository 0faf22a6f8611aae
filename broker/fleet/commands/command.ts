import {
  ACK,
  CODE,
  COMMAND,
  LIMITS,
  type Ack,
  type Command as CommandMessage,
  type CommandRequest,
  type Values,
} from '#firmware-protocol';
import { advanced, born, endedUnheard, isOpen, type Asker, type Life } from './life.ts';
import type { Refusal } from './refusals.ts';

/**
 * The life of one command, as a function of (command, what happened, now).
 *
 *   created → sent → accepted → (progress) → done | failed | rejected
 *   created → rejected                         the hub refuses it
 *   created → expired                          its time ran out before it could be sent
 *   created → cancelled                        withdrawn, or a newer one took its place
 *   sent → timed out                           no answer in time
 *   sent, accepted, progress → unknown         the device restarted, or fell silent after it had accepted
 *   timed out, unknown → done | failed | rejected    the answer came late
 *
 * A command is sent again only with the same id and to the same boot of the device, which knows it by its id; so
 * it happens at most once.
 */
export interface Command extends Life {
  readonly kind: 'command';
  readonly request: CommandRequest;
  /** The boot of the device to which it was sent, and when it was sent last. */
  readonly boot?: number;
  readonly sentAt?: number;
  /** When the device last spoke of it. */
  readonly heardAt?: number;
  readonly pct?: number;
  /** What the device reported with its answer, and the version of its state then. */
  readonly reported?: Values;
  readonly ver?: number;
}

export type CommandInput =
  /** Its turn in a batch has come: its time begins. */
  | { readonly type: 'release' }
  /** The device is there with this boot, and it is this command's turn. */
  | { readonly type: 'ready'; readonly boot: number }
  | { readonly type: 'ack'; readonly ack: Ack }
  /** Time has passed; the boot is given while the device is there. */
  | { readonly type: 'time'; readonly boot: number | undefined }
  | { readonly type: 'refuse'; readonly refusal: Refusal }
  | { readonly type: 'cancel'; readonly msg: string };

export interface CommandStep {
  readonly command: Command;
  /** Whether to send it to the device now. */
  readonly send: boolean;
}

/** How long the device may be silent before a command is sent again, in ms. */
export const RESEND_AFTER = 3_000;
/** How long the device may be silent after it has accepted, in ms. */
export const SILENT_AFTER = 60_000;

/** @param released whether its time begins now; the commands of a batch wait for their turn */
export function createCommand(asker: Asker, request: CommandRequest, now: number, released = true): Command {
  const life = born(asker, now);
  return { kind: 'command', ...life, request, ...(released && { exp: now + request.ttl }) };
}

export function step(command: Command, input: CommandInput, now: number): CommandStep {
  if (input.type === 'ack') return stay(acknowledge(command, input.ack, now));
  if (!isOpen(command)) return stay(command);
  switch (input.type) {
    case 'release':
      return stay({ ...command, exp: now + command.request.ttl });
    case 'ready':
      return ready(command, input.boot, now);
    case 'time':
      return passTime(command, input.boot, now);
    case 'refuse':
      return stay(end(command, COMMAND.rejected, input.refusal.code, input.refusal.msg, now));
    case 'cancel':
      return stay(waits(command) ? end(command, COMMAND.cancelled, CODE.aborted, input.msg, now) : command);
  }
}

/** Whether it has not been sent yet. */
export const waits = ({ st }: Command): boolean => st === COMMAND.created;

/** The ends of an open command after the hub's clock was set by so many ms. */
export function shifted(command: Command, by: number): Command {
  const { exp, sentAt, t, heardAt = t } = command;
  return {
    ...command,
    heardAt: heardAt + by,
    ...(exp !== undefined && { exp: exp + by }),
    ...(sentAt !== undefined && { sentAt: sentAt + by }),
  };
}

const stay = (command: Command): CommandStep => ({ command, send: false });

function ready(command: Command, boot: number, now: number): CommandStep {
  const { st, exp = Infinity } = command;
  if (st === COMMAND.created) {
    if (now >= exp) return stay(expire(command, now));
    // From here on it is the device's to be late: what waited for days must not still happen a day later.
    const end = Math.min(exp, now + LIMITS.commandLifeMs);
    return {
      command: { ...advanced(command, { st: COMMAND.sent, t: now }), exp: end, boot, sentAt: now },
      send: true,
    };
  }
  if (boot === command.boot) return resend(command, now);
  const msg = 'the device restarted before it reported an outcome';
  return stay(end(command, COMMAND.unknown, CODE.unknown, msg, now));
}

/** Asking again is harmless at any step before the end: the device answers a repeated id with its last word. */
function resend(command: Command, now: number): CommandStep {
  const may = now < (command.exp ?? Infinity);
  return { command: may ? { ...command, sentAt: now } : command, send: may };
}

function passTime(command: Command, boot: number | undefined, now: number): CommandStep {
  const { st, exp = Infinity, t, sentAt = t, heardAt = t } = command;
  if (st === COMMAND.created) return stay(now >= exp ? expire(command, now) : command);
  if (st === COMMAND.sent) {
    if (now >= exp) {
      return stay(end(command, COMMAND.timedOut, CODE.expired, 'the device did not answer in time', now));
    }
    const again = boot === command.boot && now - sentAt >= RESEND_AFTER;
    return again ? resend(command, now) : stay(command);
  }
  if (now - heardAt < SILENT_AFTER) return stay(command);
  return stay(end(command, COMMAND.unknown, CODE.unknown, 'the device accepted and then fell silent', now));
}

/** The word of the boot that the command was sent to. After the end, only a last word counts. */
function acknowledge(command: Command, ack: Ack, now: number): Command {
  if (ack.boot !== command.boot) return command;
  if (!isOpen(command) && !(endedUnheard(command) && ack.st >= ACK.done)) return command;
  // An answer that is repeated, or overtaken by a later one, says only that the device is there.
  const again =
    ack.st === ACK.accepted && (command.st === COMMAND.accepted || command.st === COMMAND.progress);
  if (again) return { ...command, heardAt: now };
  const { st, pct, vals, ver, code, msg } = ack;
  return {
    ...advanced(command, {
      st,
      t: now,
      ...(code !== undefined && { code }),
      ...(msg !== undefined && { msg }),
    }),
    heardAt: now,
    ...(pct !== undefined && { pct }),
    ...(vals && { reported: vals }),
    ...(ver !== undefined && { ver }),
  };
}

const expire = (command: Command, now: number): Command =>
  end(command, COMMAND.expired, CODE.expired, 'it expired before it could be sent', now);

const end = (command: Command, st: number, code: number, msg: string, now: number): Command =>
  advanced(command, { st, code, msg, t: now });

/** What a device is told of a command. */
export function commandMessage(request: CommandRequest, exp: number): CommandMessage {
  const { id, vals, op, args } = request;
  return {
    id,
    exp,
    ...(vals && { vals }),
    ...(op !== undefined && { op }),
    ...(args && { args }),
    ...(request.if !== undefined && { if: request.if }),
  };
}
