import { CATEGORY, FLAG, TYPE, toWireUnits } from '#firmware-protocol';
import { DONE, IDENTIFY, type Kind } from './kind.ts';
import { approach, wattHours } from './process.ts';

const ON = 1;
const BRIGHTNESS = 2;
const COLOUR = 3;
const POWER = 4;
const ENERGY = 5;

const FULL_WATTS = 9.4;
const STANDBY_WATTS = 0.4;
/** LED drivers take a moment to settle. */
const DRIVER_MS = 250;

const power = { pid: POWER, key: 'power', type: TYPE.int, unit: 'W', scale: -1 } as const;
const energy = { pid: ENERGY, key: 'energy', type: TYPE.int, unit: 'kWh', scale: -3 } as const;

interface Lamp {
  readonly on: boolean;
  /** Percent. */
  readonly brightness: number;
  /** sRGB. */
  readonly colour: Uint8Array;
  readonly watts: number;
  readonly usedWh: number;
}

const drawn = ({ on, brightness }: Lamp): number =>
  on ? STANDBY_WATTS + ((FULL_WATTS - STANDBY_WATTS) * brightness) / 100 : STANDBY_WATTS;

/** A dimmable colour lamp: does what it is told at once. */
export const lamp: Kind<Lamp> = {
  name: 'lamp',
  description: {
    proto: [1, 0],
    model: 'sim-lamp',
    fw: '1.0.0',
    props: [
      {
        pid: ON,
        key: 'on',
        type: TYPE.bool,
        flags: FLAG.writable,
        label: 'Light',
        class: 'light',
        cat: CATEGORY.primary,
      },
      {
        pid: BRIGHTNESS,
        key: 'brightness',
        type: TYPE.int,
        flags: FLAG.writable,
        label: 'Brightness',
        unit: '/100',
        min: 1,
        max: 100,
        step: 1,
        class: 'brightness',
        cat: CATEGORY.primary,
      },
      {
        pid: COLOUR,
        key: 'colour',
        type: TYPE.rgb,
        flags: FLAG.writable,
        label: 'Colour',
        class: 'colour',
        cat: CATEGORY.primary,
      },
      {
        ...power,
        flags: FLAG.sampled,
        label: 'Power',
        min: 0,
        class: 'power',
        cat: CATEGORY.diagnostic,
      },
      {
        ...energy,
        flags: FLAG.sampled | FLAG.counter,
        label: 'Energy',
        min: 0,
        class: 'energy',
        cat: CATEGORY.diagnostic,
      },
    ],
    acts: [IDENTIFY],
  },

  initial(rng) {
    const on = rng.chance(0.5);
    const brightness = Math.round(rng.between(30, 100));
    const warm = Math.round(rng.between(150, 220));
    const colour = Uint8Array.of(255, warm, Math.round(warm * 0.7));
    return { on, brightness, colour, watts: STANDBY_WATTS, usedWh: rng.between(0, 20_000) };
  },

  reported: ({ on, brightness, colour }) =>
    new Map<number, boolean | number | Uint8Array>([
      [ON, on],
      [BRIGHTNESS, brightness],
      [COLOUR, colour],
    ]),

  sampled: ({ watts, usedWh }) =>
    new Map([
      [POWER, toWireUnits(power, watts)],
      [ENERGY, toWireUnits(energy, usedWh / 1000)],
    ]),

  advance(state, ms) {
    const watts = approach(state.watts, drawn(state), ms, DRIVER_MS);
    return { state: { ...state, watts, usedWh: state.usedWh + wattHours(watts, ms) } };
  },

  wakeIn: () => undefined,

  write(state, values) {
    return {
      state: {
        ...state,
        on: (values.get(ON) as boolean | undefined) ?? state.on,
        brightness: (values.get(BRIGHTNESS) as number | undefined) ?? state.brightness,
        colour: (values.get(COLOUR) as Uint8Array | undefined) ?? state.colour,
      },
      outcome: DONE,
    };
  },

  act: (state) => ({ state, outcome: DONE }),
};
