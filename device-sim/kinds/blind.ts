import { ACK, CATEGORY, FLAG, TYPE } from '#firmware-protocol';
import { DONE, IDENTIFY, type Kind } from './kind.ts';
import { clamp, wander } from './process.ts';

const POSITION = 1;
const MOVEMENT = 2;
const DAYLIGHT = 3;

const STOP = 1;

const PERCENT_PER_MS = 5 / 1_000;
/** How often a blind that moves tells where it is, in ms. */
const TELL_MS = 1_000;
const MOVEMENTS = ['Still', 'Opening', 'Closing'];
const SUN = { mean: 9, deviation: 1.1, relaxMs: 20 * 60_000 };

interface Blind {
  /** Percent open. */
  readonly position: number;
  /** Where it goes and where it set out, while it moves. */
  readonly journey: { readonly from: number; readonly to: number } | undefined;
  /** Natural logarithm of the light on the window, in lx. */
  readonly light: number;
}

const distanceLeft = ({ position, journey }: Blind): number =>
  journey === undefined ? 0 : Math.abs(journey.to - position);

function movement({ journey, position }: Blind): number {
  if (journey === undefined) return 0;
  return journey.to > position ? 1 : 2;
}

/** A roller blind: takes twenty seconds from end to end, and can be stopped on its way. */
export const blind: Kind<Blind> = {
  name: 'blind',
  description: {
    proto: [1, 0],
    model: 'sim-blind',
    fw: '1.0.0',
    props: [
      {
        pid: POSITION,
        key: 'position',
        type: TYPE.int,
        flags: FLAG.writable,
        label: 'Open',
        unit: '/100',
        min: 0,
        max: 100,
        step: 1,
        class: 'position',
        cat: CATEGORY.primary,
      },
      {
        pid: MOVEMENT,
        key: 'movement',
        type: TYPE.enum,
        label: 'Movement',
        enum: MOVEMENTS,
        class: 'movement',
        cat: CATEGORY.primary,
      },
      {
        pid: DAYLIGHT,
        key: 'daylight',
        type: TYPE.int,
        flags: FLAG.sampled,
        label: 'Daylight',
        unit: 'lx',
        min: 0,
        max: 120_000,
        class: 'illuminance',
        cat: CATEGORY.diagnostic,
      },
    ],
    acts: [{ pid: STOP, key: 'stop', label: 'Stop', class: 'stop' }, IDENTIFY],
  },

  initial: (rng) => ({
    position: 10 * Math.round(rng.between(0, 10)),
    journey: undefined,
    light: SUN.mean + SUN.deviation * rng.normal(),
  }),

  reported: (state) =>
    new Map([
      [POSITION, Math.round(state.position)],
      [MOVEMENT, movement(state)],
    ]),

  sampled: ({ light }) => new Map([[DAYLIGHT, Math.round(clamp(Math.exp(light), 0, 120_000))]]),

  advance(before, ms, rng) {
    const state = { ...before, light: wander(before.light, SUN, ms, rng) };
    const { journey, position } = state;
    if (journey === undefined) return { state };
    const reach = ms * PERCENT_PER_MS;
    if (reach >= distanceLeft(state)) {
      return { state: { ...state, position: journey.to, journey: undefined }, outcome: DONE };
    }
    const moved = { ...state, position: position + Math.sign(journey.to - position) * reach };
    const part = 1 - distanceLeft(moved) / Math.abs(journey.to - journey.from);
    return { state: moved, outcome: { st: ACK.progress, pct: Math.floor(100 * part) } };
  },

  wakeIn(state) {
    if (state.journey === undefined) return undefined;
    return Math.min(TELL_MS, distanceLeft(state) / PERCENT_PER_MS);
  },

  write(state, values) {
    const to = values.get(POSITION) as number | undefined;
    if (to === undefined) return { state, outcome: DONE };
    const aborts = 'sent elsewhere by a newer command';
    if (to === state.position) {
      return { state: { ...state, journey: undefined }, outcome: DONE, aborts };
    }
    const journey = { from: state.position, to };
    return { state: { ...state, journey }, outcome: { st: ACK.progress, pct: 0 }, aborts };
  },

  act: (state) => ({
    state: { ...state, position: Math.round(state.position), journey: undefined },
    outcome: DONE,
    aborts: `stopped at ${Math.round(state.position)} %`,
  }),
};
