import {
  ACK,
  CODE,
  COMMAND,
  isOver,
  type Ack,
  type Command as CommandMessage,
  type CommandDelta,
  type CommandRequest,
  type Values,
} from '#firmware-protocol';

/**
 * The life of one command, as a function of (command, what happened, now).
 *
 *   created → sent → accepted → (progress) → done | failed | rejected
 *   created → expired                          its time ran out before it could be sent
 *   sent → timed out                           no acknowledgement in time
 *   sent, accepted, progress → unknown         the device restarted, or fell silent after it had accepted
 *
 * A command is sent again only with the same id and to the same boot of the device, which knows it by its id; so
 * it happens at most once.
 */
export interface Command {
  readonly device: string;
  /** Eight bytes in hex. */
  readonly id: string;
  readonly who: string;
  readonly request: CommandRequest;
  /** One of `COMMAND`. */
  readonly st: number;
  /** When this step happened, and when the command was created and expires, in Unix ms. */
  readonly t: number;
  readonly createdAt: number;
  readonly exp: number;
  readonly boot?: number;
  readonly sentAt?: number;
  readonly code?: number;
  readonly msg?: string;
  readonly pct?: number;
  readonly reported?: Values;
  readonly ver?: number;
}

export type CommandInput =
  /** The device is there, and this is its boot. */
  | { readonly type: 'ready'; readonly boot: number }
  | { readonly type: 'ack'; readonly ack: Ack }
  /** Time has passed; the boot is given while the device is there. */
  | { readonly type: 'time'; readonly boot: number | undefined };

export interface CommandStep {
  readonly command: Command;
  /** Whether to send it to the device now. */
  readonly send: boolean;
}

/** How long the device may be silent before a command is sent again, in ms. */
export const RESEND_AFTER = 3_000;
/** How long the device may be silent after it has accepted, in ms. */
export const SILENT_AFTER = 60_000;

export function createCommand(device: string, request: CommandRequest, who: string, now: number): Command {
  return {
    device,
    id: Buffer.from(request.id).toString('hex'),
    who,
    request,
    st: COMMAND.created,
    t: now,
    createdAt: now,
    exp: now + request.ttl,
  };
}

/** Ends a command that was refused before it was sent. */
export function refuse(command: Command, code: number, msg: string): Command {
  return { ...command, st: COMMAND.rejected, code, msg };
}

export function step(command: Command, input: CommandInput, now: number): CommandStep {
  if (isOver(command.st)) return { command, send: false };
  switch (input.type) {
    case 'ready':
      return ready(command, input.boot, now);
    case 'ack':
      return { command: acknowledge(command, input.ack, now), send: false };
    case 'time':
      return passTime(command, input.boot, now);
  }
}

function ready(command: Command, boot: number, now: number): CommandStep {
  if (command.st === COMMAND.created) {
    if (now >= command.exp) return { command: expire(command, now), send: false };
    return { command: { ...command, st: COMMAND.sent, t: now, boot, sentAt: now }, send: true };
  }
  if (boot !== command.boot) {
    const msg = 'the device restarted before it reported an outcome';
    return { command: end(command, COMMAND.unknown, CODE.unknown, msg, now), send: false };
  }
  return resend(command, now);
}

/** Asking again is harmless at any step before the end: the device answers a repeated id with its last word. */
function resend(command: Command, now: number): CommandStep {
  const may = now < command.exp;
  return { command: may ? { ...command, sentAt: now } : command, send: may };
}

function passTime(command: Command, boot: number | undefined, now: number): CommandStep {
  const { st, exp, t, sentAt = t } = command;
  if (st === COMMAND.created) {
    return { command: now >= exp ? expire(command, now) : command, send: false };
  }
  if (st === COMMAND.sent) {
    if (now >= exp) {
      const msg = 'the device did not answer in time';
      return { command: end(command, COMMAND.timedOut, CODE.expired, msg, now), send: false };
    }
    const again = boot === command.boot && now - sentAt >= RESEND_AFTER;
    return again ? resend(command, now) : { command, send: false };
  }
  if (now - t < SILENT_AFTER) return { command, send: false };
  const msg = 'the device accepted and then fell silent';
  return { command: end(command, COMMAND.unknown, CODE.unknown, msg, now), send: false };
}

function acknowledge(command: Command, ack: Ack, now: number): Command {
  const went = ack.st === ACK.accepted && command.st === COMMAND.progress;
  return {
    ...command,
    st: went ? command.st : ack.st,
    t: now,
    ...(ack.code !== undefined && { code: ack.code }),
    ...(ack.msg !== undefined && { msg: ack.msg }),
    ...(ack.pct !== undefined && { pct: ack.pct }),
    ...(ack.vals && { reported: ack.vals }),
    ...(ack.ver !== undefined && { ver: ack.ver }),
  };
}

const expire = (command: Command, now: number): Command =>
  end(command, COMMAND.expired, CODE.expired, 'it expired before the device could take it', now);

const end = (command: Command, st: number, code: number, msg: string, now: number): Command => ({
  ...command,
  st,
  code,
  msg,
  t: now,
});

/** What a device is told of a command. */
export function commandMessage({
  request,
  id,
  exp,
}: Pick<Command, 'request' | 'id' | 'exp'>): CommandMessage {
  const { vals, op, args } = request;
  return {
    id: Buffer.from(id, 'hex'),
    exp,
    ...(vals && { vals }),
    ...(op !== undefined && { op }),
    ...(args && { args }),
    ...(request.if !== undefined && { if: request.if }),
  };
}

/** What consoles are told of a command. */
export function commandDelta(command: Command): CommandDelta {
  const { device, id, who, request, st, t, exp, code, msg, pct, reported, ver } = command;
  return {
    did: device,
    id: Buffer.from(id, 'hex'),
    who,
    st,
    t,
    exp,
    ...(request.vals && { want: request.vals }),
    ...(request.op !== undefined && { op: request.op }),
    ...(request.args && { args: request.args }),
    ...(code !== undefined && { code }),
    ...(msg !== undefined && { msg }),
    ...(pct !== undefined && { pct }),
    ...(reported && { vals: reported }),
    ...(ver !== undefined && { ver }),
  };
}
