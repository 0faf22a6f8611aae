import { ACK, CATEGORY, CODE, FLAG, TYPE, toWireUnits } from '#firmware-protocol';
import type { Rng } from '../rng.ts';
import { DONE, IDENTIFY, type Advance, type Kind, type Outcome } from './kind.ts';
import { wander } from './process.ts';

const LOCKED = 1;
const JAMMED = 2;
const AUTO_LOCK = 3;
const BATTERY = 4;
const CELL = 5;

const CLEAR_JAM = 1;

const TRAVEL_MS = 1_500;
/** How often a lock tells how far its bolt has come, in ms. */
const TELL_MS = 500;
const JAM_PROBABILITY = 0.06;
const BATTERY_PERCENT_PER_TRAVEL = 0.05;
const CELL_NOISE = { mean: 0, deviation: 0.01, relaxMs: 30_000 };

const autoLock = { pid: AUTO_LOCK, key: 'auto-lock', type: TYPE.int, unit: 's' } as const;
const cell = { pid: CELL, key: 'cell', type: TYPE.int, unit: 'V', scale: -2 } as const;

interface Lock {
  readonly locked: boolean;
  readonly jammed: boolean;
  /** Where the bolt goes, how long it has been on its way (ms), and whether it will get there. */
  readonly travel: { readonly to: boolean; readonly ms: number; readonly jams: boolean } | undefined;
  /** After how many seconds it locks itself; 0 is never. */
  readonly autoLock: number;
  readonly unlockedMs: number;
  /** Percent. */
  readonly battery: number;
  /** How far the cell's voltage is off its rest, in V. */
  readonly sag: number;
}

const failed = (code: number, msg: string): Outcome => ({ st: ACK.failed, code, msg });

function autoLockIn({ locked, jammed, travel, autoLock: seconds, unlockedMs }: Lock): number | undefined {
  if (seconds === 0 || locked || jammed || travel) return undefined;
  return Math.max(0, seconds * 1_000 - unlockedMs);
}

function setOff(state: Lock, to: boolean, rng: Rng): Lock {
  return {
    ...state,
    travel: { to, ms: 0, jams: rng.chance(JAM_PROBABILITY) },
    battery: Math.max(0, state.battery - BATTERY_PERCENT_PER_TRAVEL),
    sag: -0.25,
  };
}

function travelOn(state: Lock, travel: NonNullable<Lock['travel']>, ms: number): Advance<Lock> {
  const reached = travel.ms + ms;
  if (reached < TRAVEL_MS) {
    const outcome = { st: ACK.progress, pct: Math.floor((100 * reached) / TRAVEL_MS) } as const;
    return { state: { ...state, travel: { ...travel, ms: reached } }, outcome };
  }
  const arrived = { ...state, travel: undefined, unlockedMs: 0 };
  return travel.jams
    ? { state: { ...arrived, jammed: true }, outcome: failed(CODE.internal, 'bolt jammed') }
    : { state: { ...arrived, locked: travel.to }, outcome: DONE };
}

/** A door lock with a motor: slow, sometimes jammed, and able to lock itself again. */
export const lock: Kind<Lock> = {
  name: 'lock',
  description: {
    proto: [1, 0],
    model: 'sim-lock',
    fw: '1.0.0',
    props: [
      {
        pid: LOCKED,
        key: 'locked',
        type: TYPE.bool,
        flags: FLAG.writable | FLAG.confirmFirst,
        label: 'Locked',
        class: 'lock',
        cat: CATEGORY.primary,
      },
      {
        pid: JAMMED,
        key: 'jammed',
        type: TYPE.bool,
        label: 'Jammed',
        class: 'problem',
        cat: CATEGORY.diagnostic,
      },
      {
        ...autoLock,
        flags: FLAG.writable | FLAG.persistent,
        label: 'Lock again after',
        min: 0,
        max: 3_600,
        step: 5,
        class: 'duration',
        cat: CATEGORY.config,
      },
      {
        pid: BATTERY,
        key: 'battery',
        type: TYPE.int,
        label: 'Battery',
        unit: '/100',
        min: 0,
        max: 100,
        class: 'battery',
        cat: CATEGORY.diagnostic,
      },
      { ...cell, flags: FLAG.sampled, label: 'Cell', class: 'voltage', cat: CATEGORY.diagnostic },
    ],
    acts: [{ pid: CLEAR_JAM, key: 'clear-jam', label: 'Clear jam', class: 'reset' }, IDENTIFY],
  },

  initial: (rng) => ({
    locked: rng.chance(0.8),
    jammed: false,
    travel: undefined,
    autoLock: 0,
    unlockedMs: 0,
    battery: rng.between(40, 100),
    sag: 0,
  }),

  reported: (state) =>
    new Map<number, boolean | number>([
      [LOCKED, state.locked],
      [JAMMED, state.jammed],
      [AUTO_LOCK, state.autoLock],
      [BATTERY, Math.round(state.battery)],
    ]),

  sampled: ({ battery, sag }) => new Map([[CELL, toWireUnits(cell, 2.6 + 0.0045 * battery + sag)]]),

  advance(before, ms, rng) {
    const state = { ...before, sag: wander(before.sag, CELL_NOISE, ms, rng) };
    if (state.travel) return travelOn(state, state.travel, ms);
    const waiting = { ...state, unlockedMs: state.locked ? 0 : state.unlockedMs + ms };
    return { state: autoLockIn(waiting) === 0 ? setOff(waiting, true, rng) : waiting };
  },

  wakeIn(state) {
    if (state.travel) return Math.min(TELL_MS, TRAVEL_MS - state.travel.ms);
    return autoLockIn(state);
  },

  write(before, values, rng) {
    const seconds = (values.get(AUTO_LOCK) as number | undefined) ?? before.autoLock;
    const state = { ...before, autoLock: seconds };
    const to = values.get(LOCKED) as boolean | undefined;
    if (to === undefined) return { state, outcome: DONE };
    if (state.travel) {
      return { state, outcome: { st: ACK.rejected, code: CODE.busy, msg: 'the bolt is moving' } };
    }
    if (state.jammed)
      return { state, outcome: failed(CODE.precondition, 'bolt jammed: clear the jam first') };
    if (to === state.locked) return { state, outcome: DONE };
    return { state: setOff(state, to, rng), outcome: { st: ACK.progress, pct: 0 } };
  },

  act: (state) => ({ state: { ...state, jammed: false }, outcome: DONE }),
};
