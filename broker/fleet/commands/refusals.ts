import {
  argumentViolation,
  cmd,
  CODE,
  desired,
  LIMITS,
  ProtocolError,
  writeViolations,
  type CommandRequest,
  type Description,
  type Desired,
  type Message,
  type ProtocolErrorCode,
  type Values,
} from '#firmware-protocol';
import { isAwaited, isDescribed, isThere, type Twin } from '../devices/twin.ts';
import { commandMessage } from './command.ts';

/** Why a request may not be taken: one of `CODE`, and a sentence for whoever asked. */
export interface Refusal {
  readonly code: number;
  readonly msg: string;
}

const HIGHEST_VERSION = 0xffff_ffff;

export const NO_DEVICE: Refusal = { code: CODE.notFound, msg: 'there is no such device' };
const OFFLINE: Refusal = { code: CODE.unavailable, msg: 'the device is offline' };
const AWAITED: Refusal = {
  code: CODE.unavailable,
  msg: 'the hub has just started, and the device has not come back yet',
};
const UNDESCRIBED: Refusal = { code: CODE.unavailable, msg: 'the device has not described itself yet' };

const EXCESS: ReadonlySet<ProtocolErrorCode> = new Set(['too_large', 'too_many_items']);

/** SPEC.md 15.3: a device is sent nothing that is longer than it takes, nor than any message may be. */
function tooLong<T>(twin: Twin, message: Message<T>, fields: T): Refusal | undefined {
  const most = twin.description?.value.maxrx ?? LIMITS.maxrxBytes;
  try {
    const { length } = message.encode(fields);
    if (length <= most) return undefined;
    return { code: CODE.range, msg: `the message would have ${length} bytes; the device takes ${most}` };
  } catch (error) {
    if (error instanceof ProtocolError && EXCESS.has(error.code))
      return { code: CODE.range, msg: error.message };
    throw error;
  }
}

function forbidden(twin: Twin, vals: Values, path: 'cmd' | 'desired'): Refusal | undefined {
  const description = twin.description?.value;
  const [violation] = description ? writeViolations(description, vals, path) : [];
  return violation && { code: violation.code, msg: violation.reason };
}

function inapplicable({ acts }: Description, { op, args = [] }: CommandRequest): Refusal | undefined {
  const action = acts?.find(({ pid }) => pid === op);
  if (!action) return { code: CODE.unimplemented, msg: `the device has no action ${op}` };
  const violation = argumentViolation(action, args);
  return violation && { code: violation.code, msg: violation.reason };
}

/** Why a device cannot be asked for something now, or undefined. */
export function absence(twin: Twin): Refusal | undefined {
  if (isThere(twin)) return undefined;
  return isAwaited(twin) ? AWAITED : OFFLINE;
}

/**
 * Why a command may not go to a device now, nor wait for it where it is to, or undefined. One that waits is held
 * against the description that the device had last, and against its present one when its turn comes.
 */
export function commandRefusal(twin: Twin | undefined, request: CommandRequest): Refusal | undefined {
  const { vals, wait = false } = request;
  if (!twin) return NO_DEVICE;
  const away = wait ? undefined : absence(twin);
  if (away) return away;
  if (!twin.description || (!wait && !isDescribed(twin))) return UNDESCRIBED;
  const refusal = vals ? forbidden(twin, vals, 'cmd') : inapplicable(twin.description.value, request);
  return refusal ?? tooLong(twin, cmd, commandMessage(request, Number.MAX_SAFE_INTEGER));
}

/**
 * Why a wish may not be taken, or undefined where it may. It may wait for a device that is away.
 * @param version that of the document which the wish was based on
 * @param document what would be wanted then
 */
export function desiredRefusal(
  twin: Twin,
  vals: Values,
  version: number | undefined,
  document: Desired,
): Refusal | undefined {
  if (!twin.description) return UNDESCRIBED;
  if (version !== undefined && version !== twin.wver) {
    return { code: CODE.precondition, msg: 'somebody else has changed it meanwhile' };
  }
  const refusal = forbidden(twin, vals, 'desired');
  if (refusal) return refusal;
  if (document.ver > HIGHEST_VERSION) {
    return { code: CODE.range, msg: 'the device reports the highest version that a document can have' };
  }
  return tooLong(twin, desired, document);
}
