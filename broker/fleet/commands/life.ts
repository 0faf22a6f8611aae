import { COMMAND, isOver } from '#firmware-protocol';
import { carried } from '../text.ts';

/** One step in the life of what somebody asked for: where it came to, when (Unix ms), and why. */
export interface Step {
  readonly st: number;
  readonly t: number;
  readonly code?: number | undefined;
  readonly msg?: string | undefined;
}

/** What commands and wishes have in common. Times are Unix ms. */
export interface Life extends Step {
  readonly device: string;
  /** Eight bytes in hex. */
  readonly id: string;
  readonly who: string;
  /** The batch it belongs to, in hex. */
  readonly batch?: string;
  readonly createdAt: number;
  /** When its time is up. Absent while the turn of a batch's command has not come, and for a wish that may wait. */
  readonly exp?: number;
  /** Every step so far, the present one last. */
  readonly steps: readonly Step[];
}

/** Who asked whom, under which id. */
export interface Asker {
  readonly device: string;
  readonly id: Uint8Array;
  readonly who: string;
  readonly batch?: string | undefined;
}

export function born({ device, id, who, batch }: Asker, now: number): Life {
  const first = { st: COMMAND.created, t: now };
  return {
    device,
    id: Buffer.from(id).toString('hex'),
    who,
    ...(batch !== undefined && { batch }),
    createdAt: now,
    ...first,
    steps: [first],
  };
}

/** The same life one step later, its reason no longer than can be told. Of steps of progress, the last one is kept. */
export function advanced<L extends Life>(life: L, { st, t, code, msg: reason }: Step): L {
  const msg = reason === undefined ? undefined : carried(reason);
  const step: Step = { st, t, ...(code !== undefined && { code }), ...(msg !== undefined && { msg }) };
  const goesOn = st === COMMAND.progress && life.st === COMMAND.progress;
  const steps = [...(goesOn ? life.steps.slice(0, -1) : life.steps), step];
  return { ...life, st, t, code, msg, steps };
}

/** Whether it ended without anybody knowing how, so that a late answer can still tell. */
export const endedUnheard = ({ st }: Step): boolean => st === COMMAND.timedOut || st === COMMAND.unknown;

export const isOpen = ({ st }: Life): boolean => !isOver(st);
