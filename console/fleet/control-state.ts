import type { Value } from '#firmware-protocol';
import { isOpen, isWithdrawable, wentWrong, type Command, type Stage } from './command.ts';
import type { Device } from './device.ts';
import { isReachable, presenceOf } from './presence.ts';
import { sameValue } from './same-value.ts';

/** What to show around a control. The control itself always shows what the device reported. */
export type ControlState =
  | { readonly kind: 'idle' }
  | {
      readonly kind: 'pending';
      /** Undefined for an action, which wants no value. */
      readonly want: Value | undefined;
      readonly who: string | undefined;
      readonly stage: Stage;
      readonly pct: number | undefined;
      /** Whether it is a wish, which the hub keeps for as long as it takes. */
      readonly kept: boolean;
      /** When its time is up, in hub time (ms). */
      readonly until: number | undefined;
      /** Names the command where it may still be withdrawn. */
      readonly withdrawable: string | undefined;
    }
  | { readonly kind: 'confirmed' }
  | {
      readonly kind: 'failed';
      readonly want: Value | undefined;
      readonly who: string | undefined;
      readonly stage: Stage;
      readonly code: number | undefined;
      readonly msg: string | undefined;
    };

const IDLE: ControlState = { kind: 'idle' };
const CONFIRMED: ControlState = { kind: 'confirmed' };

/** How long a confirmation and a failure stay beside the control; the list of commands keeps both. */
export const CONFIRMATION_MS = 2_500;
export const FAILURE_MS = 20_000;
/** How long a device that only said "done" may take to report the value. */
const SETTLING_MS = 1_500;

const pending = (command: Command, want: Value | undefined): ControlState => ({
  kind: 'pending',
  want,
  who: command.who,
  stage: command.stage,
  pct: command.pct,
  kept: command.path === 'desired',
  until: command.expiresAt,
  withdrawable: isWithdrawable(command) ? command.id : undefined,
});

function ended(command: Command, want: Value | undefined, now: number): ControlState {
  if (now - command.at >= FAILURE_MS) return IDLE;
  const { who, stage, code, msg } = command;
  return { kind: 'failed', want, who, stage, code, msg };
}

function propertyCommandState(command: Command, reported: Value | undefined, pid: number, now: number) {
  const want = command.want.get(pid);
  if (isOpen(command)) return pending(command, want);
  if (wentWrong(command)) return ended(command, want, now);
  if (command.stage === 'cancelled') return IDLE;
  if (sameValue(reported, want)) return now - command.at < CONFIRMATION_MS ? CONFIRMED : IDLE;
  const settles = command.reported?.has(pid) !== true && now - command.at < SETTLING_MS;
  return settles ? pending(command, want) : IDLE;
}

/** The desired document speaks for wishes that ended before this console was opened. */
function documentState(device: Device, pid: number): ControlState {
  const want = device.want.get(pid);
  if (want === undefined) return IDLE;
  const applied = device.dver >= device.wver;
  const code = device.errs.get(pid);
  if (applied && code !== undefined) {
    return { kind: 'failed', want, who: device.who, stage: 'failed', code, msg: undefined };
  }
  if (applied || sameValue(want, device.vals.get(pid))) return IDLE;
  const stage = isReachable(presenceOf(device)) ? 'sent' : 'created';
  const none = { pct: undefined, until: undefined, withdrawable: undefined };
  return { kind: 'pending', want, who: device.who, stage, kept: true, ...none };
}

/** The state of the control of one property. `commands` are its device's, newest first; `now` is hub time. */
export function propertyState(
  device: Device,
  commands: readonly Command[],
  pid: number,
  now: number,
): ControlState {
  const newest = commands.find(({ want }) => want.has(pid));
  const state = newest ? propertyCommandState(newest, device.vals.get(pid), pid, now) : IDLE;
  return state.kind === 'idle' ? documentState(device, pid) : state;
}

/** The state of the button of one action. */
export function actionState(commands: readonly Command[], op: number, now: number): ControlState {
  const newest = commands.find((command) => command.op === op);
  if (!newest) return IDLE;
  if (isOpen(newest)) return pending(newest, undefined);
  if (wentWrong(newest)) return ended(newest, undefined, now);
  if (newest.stage === 'cancelled') return IDLE;
  return now - newest.at < CONFIRMATION_MS ? CONFIRMED : IDLE;
}
