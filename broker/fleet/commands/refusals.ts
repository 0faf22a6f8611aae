import {
  argumentViolation,
  cmd,
  CODE,
  desired,
  LIMITS,
  ProtocolError,
  STATUS,
  writeViolations,
  type CommandRequest,
  type Description,
  type Message,
  type ProtocolErrorCode,
  type Values,
} from '#firmware-protocol';
import { commandMessage } from './command.ts';
import { isDescribed, wanted, type Twin } from '../devices/twin.ts';

/** Why a request may not be taken: one of `CODE`, and a sentence for whoever asked. */
export interface Refusal {
  readonly code: number;
  readonly msg: string;
}

const HIGHEST_VERSION = 0xffff_ffff;

const NO_DEVICE: Refusal = { code: CODE.notFound, msg: 'there is no such device' };
const OFFLINE: Refusal = { code: CODE.unavailable, msg: 'the device is offline' };
const UNDESCRIBED: Refusal = { code: CODE.unavailable, msg: 'the device has not described itself yet' };

/** An id of a command as long as all are, to know how long its message will be. */
const LONGEST_ID = 'ff'.repeat(8);

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

/** Why a command may not go to a device now, or undefined where it may. */
export function commandRefusal(twin: Twin | undefined, request: CommandRequest): Refusal | undefined {
  const { vals } = request;
  if (!twin) return NO_DEVICE;
  if (!twin.linked || twin.st === STATUS.bye) return OFFLINE;
  if (!isDescribed(twin)) return UNDESCRIBED;
  const refusal = vals ? forbidden(twin, vals, 'cmd') : inapplicable(twin.description.value, request);
  if (refusal) return refusal;
  const message = commandMessage({ request, id: LONGEST_ID, exp: Number.MAX_SAFE_INTEGER });
  return tooLong(twin, cmd, message);
}

/** Why a wish may not be taken, or undefined where it may. It may wait for a device that is away. */
export function desiredRefusal(
  twin: Twin | undefined,
  vals: Values,
  version: number | undefined,
): Refusal | undefined {
  if (!twin) return NO_DEVICE;
  if (!twin.description) return UNDESCRIBED;
  if (version !== undefined && version !== twin.wver) {
    return { code: CODE.precondition, msg: 'somebody else has changed it meanwhile' };
  }
  const refusal = forbidden(twin, vals, 'desired');
  if (refusal) return refusal;
  const { want = vals, wver } = wanted(twin, vals, '').twin;
  if (wver > HIGHEST_VERSION) {
    return { code: CODE.range, msg: 'the device reports the highest version that a document can have' };
  }
  return tooLong(twin, desired, { vals: want, ver: wver });
}
