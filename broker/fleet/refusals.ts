import {
  CODE,
  desired,
  LIMITS,
  STATUS,
  writeViolations,
  type CommandRequest,
  type Values,
} from '#firmware-protocol';
import { wanted, type Twin } from './twin.ts';

/** Why a request may not be taken: one of `CODE`, and a sentence for whoever asked. */
export interface Refusal {
  readonly code: number;
  readonly msg: string;
}

const NO_DEVICE: Refusal = { code: CODE.notFound, msg: 'there is no such device' };
const OFFLINE: Refusal = { code: CODE.unavailable, msg: 'the device is offline' };
const UNDESCRIBED: Refusal = { code: CODE.unavailable, msg: 'the device has not described itself yet' };

function forbidden(twin: Twin, vals: Values, path: 'cmd' | 'desired'): Refusal | undefined {
  const description = twin.description?.value;
  const [violation] = description ? writeViolations(description, vals, path) : [];
  return violation && { code: violation.code, msg: violation.reason };
}

/** Why a command may not go to a device now, or undefined where it may. */
export function commandRefusal(
  twin: Twin | undefined,
  { vals, op }: Pick<CommandRequest, 'vals' | 'op'>,
): Refusal | undefined {
  if (!twin) return NO_DEVICE;
  if (!twin.linked || twin.st === STATUS.bye) return OFFLINE;
  if (!twin.description) return UNDESCRIBED;
  if (op !== undefined && !twin.description.value.acts?.some(({ pid }) => pid === op)) {
    return { code: CODE.unimplemented, msg: `the device has no action ${op}` };
  }
  return vals && forbidden(twin, vals, 'cmd');
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
  const tooLong = desired.encode({ vals: want, ver: wver }).length > LIMITS.payloadBytes;
  return tooLong ? { code: CODE.range, msg: 'all that is wanted is too long for one message' } : undefined;
}
