import {
  argumentViolation,
  CODE,
  RESERVED_ACTION,
  writeViolations,
  type Command,
  type Description,
} from '#firmware-protocol';

/** Why a device does not begin with a command; `code` is one of `CODE`. */
export interface Refusal {
  readonly code: number;
  readonly msg: string;
}

/** What a device knows when a command arrives. */
export interface Circumstances {
  readonly description: Description;
  /** Version of its state. */
  readonly ver: number;
  /** Unix ms, once the hub has told. */
  readonly hubTime: number | undefined;
}

/** SPEC.md 11.3 and 11.4: whether a command is too old, based on an old state, or not for this device. */
export function refusalOf(
  command: Command,
  { description, ver, hubTime }: Circumstances,
): Refusal | undefined {
  if (hubTime === undefined) return { code: CODE.unavailable, msg: 'the device does not know the time yet' };
  if (hubTime > command.exp) {
    return { code: CODE.expired, msg: `expired ${Math.round(hubTime - command.exp)} ms ago` };
  }
  if (command.if !== undefined && command.if !== ver) {
    return { code: CODE.precondition, msg: `the state is at version ${ver}, not ${command.if}` };
  }
  if (command.vals !== undefined) {
    const [wrong] = writeViolations(description, command.vals, 'cmd');
    return wrong && { code: wrong.code, msg: wrong.reason };
  }
  const action = description.acts?.find(({ pid }) => pid === command.op);
  if (!action) return { code: CODE.unimplemented, msg: `there is no action ${command.op}` };
  const wrong = argumentViolation(action, command.args ?? []);
  return wrong && { code: wrong.code, msg: wrong.reason };
}

/** Whether a command asks for what every device can do without its kind's help. */
export const isIdentify = (command: Command): boolean => command.op === RESERVED_ACTION.identify;
