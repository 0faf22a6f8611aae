import { ACK, CATEGORY, CODE, FLAG, TYPE, toPhysical, toWireUnits } from '#firmware-protocol';
import { DONE, IDENTIFY, type Kind } from './kind.ts';
import { approach, clamp, wander } from './process.ts';
import type { Rng } from '../rng.ts';

const SETPOINT = 1;
const TEMPERATURE = 2;
const MODE = 3;
const DEMAND = 4;
const BOOSTING = 5;

const BOOST = 1;
const BOOST_MINUTES = 1;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const OFF = 0;
const ECO = 2;
const MODES = ['Off', 'Comfort', 'Eco'];
/** How far below the setpoint a room is kept in eco mode, in K. */
const ECO_SETBACK = 3;
/** How far a room settles above the air outside with the valve fully open, in K. */
const FULL_RISE = 28;
/** What the valve opens further for each kelvin that is missing. */
const GAIN = 0.3;
const RADIATOR_MS = 3 * MINUTE;
const ROOM_MS = 20 * MINUTE;
/** Control and radiator follow one another no coarser than this, in ms. */
const LONGEST_STEP = MINUTE / 2;
const OUTSIDE = { mean: 6, deviation: 2.5, relaxMs: 6 * HOUR };

const setpoint = { pid: SETPOINT, key: 'setpoint', type: TYPE.int, unit: 'Cel', scale: -1 } as const;
const temperature = { pid: TEMPERATURE, key: 'temperature', type: TYPE.int, unit: 'Cel', scale: -2 } as const;

interface Thermostat {
  /** Wire units, as it was written. */
  readonly setpoint: number;
  readonly mode: number;
  /** Room and outside, in °C. */
  readonly room: number;
  readonly outside: number;
  /** How far the valve is open and how warm the radiator is, 0 to 1. */
  readonly demand: number;
  readonly radiator: number;
  /** What is left of a boost, in ms. */
  readonly boostMs: number;
}

/** The heating curve says how far to open the valve for the weather; what the room lacks corrects it. */
function demandOf(state: Thermostat): number {
  if (state.mode === OFF) return 0;
  if (state.boostMs > 0) return 1;
  const target = toPhysical(setpoint, state.setpoint) - (state.mode === ECO ? ECO_SETBACK : 0);
  return clamp((target - state.outside) / FULL_RISE + GAIN * (target - state.room), 0, 1);
}

function step(state: Thermostat, ms: number, rng: Rng): Thermostat {
  const demand = demandOf(state);
  const outside = wander(state.outside, OUTSIDE, ms, rng);
  const radiator = approach(state.radiator, demand, ms, RADIATOR_MS);
  const room = approach(state.room, outside + FULL_RISE * radiator, ms, ROOM_MS);
  return { ...state, demand, outside, radiator, room, boostMs: Math.max(0, state.boostMs - ms) };
}

/** A radiator thermostat in a room that takes its time to warm up and to cool down. */
export const thermostat: Kind<Thermostat> = {
  name: 'thermostat',
  description: {
    proto: [1, 0],
    model: 'sim-thermostat',
    fw: '1.0.0',
    props: [
      {
        ...setpoint,
        flags: FLAG.writable | FLAG.persistent,
        label: 'Setpoint',
        min: 50,
        max: 300,
        step: 5,
        class: 'setpoint',
        cat: CATEGORY.primary,
      },
      {
        ...temperature,
        flags: FLAG.sampled,
        label: 'Room',
        class: 'temperature',
        cat: CATEGORY.primary,
      },
      {
        pid: MODE,
        key: 'mode',
        type: TYPE.enum,
        flags: FLAG.writable,
        label: 'Mode',
        enum: MODES,
        class: 'mode',
        cat: CATEGORY.primary,
      },
      {
        pid: DEMAND,
        key: 'demand',
        type: TYPE.int,
        flags: FLAG.sampled,
        label: 'Heating',
        unit: '/100',
        min: 0,
        max: 100,
        class: 'demand',
        cat: CATEGORY.primary,
      },
      { pid: BOOSTING, key: 'boosting', type: TYPE.bool, label: 'Boosting', cat: CATEGORY.diagnostic },
    ],
    acts: [
      {
        pid: BOOST,
        key: 'boost',
        label: 'Boost',
        class: 'boost',
        params: [
          {
            pid: BOOST_MINUTES,
            key: 'minutes',
            type: TYPE.int,
            label: 'For',
            unit: 'min',
            min: 5,
            max: 60,
            step: 5,
          },
        ],
      },
      IDENTIFY,
    ],
  },

  initial: (rng) => ({
    setpoint: 5 * Math.round(rng.between(38, 44)),
    mode: rng.chance(0.75) ? 1 : ECO,
    room: rng.between(16, 21),
    outside: OUTSIDE.mean + OUTSIDE.deviation * rng.normal(),
    demand: 0,
    radiator: rng.between(0.2, 0.6),
    boostMs: 0,
  }),

  reported: (state) =>
    new Map<number, number | boolean>([
      [SETPOINT, state.setpoint],
      [MODE, state.mode],
      [BOOSTING, state.boostMs > 0],
    ]),

  sampled: (state) =>
    new Map([
      [TEMPERATURE, toWireUnits(temperature, state.room)],
      [DEMAND, Math.round(100 * state.demand)],
    ]),

  advance(state, ms, rng) {
    let next = state;
    for (let left = ms; left > 0; left -= LONGEST_STEP) next = step(next, Math.min(left, LONGEST_STEP), rng);
    return { state: next };
  },

  wakeIn: ({ boostMs }) => (boostMs > 0 ? boostMs : undefined),

  write(state, values) {
    const mode = (values.get(MODE) as number | undefined) ?? state.mode;
    const next = {
      ...state,
      mode,
      setpoint: (values.get(SETPOINT) as number | undefined) ?? state.setpoint,
      boostMs: mode === OFF ? 0 : state.boostMs,
    };
    return { state: { ...next, demand: demandOf(next) }, outcome: DONE };
  },

  act(state, _op, [minutes]) {
    if (state.mode === OFF) {
      const msg = 'heating is off: choose a mode first';
      return { state, outcome: { st: ACK.failed, code: CODE.precondition, msg } };
    }
    const next = { ...state, boostMs: (minutes as number) * MINUTE };
    return { state: { ...next, demand: demandOf(next) }, outcome: DONE };
  },
};
