import { CATEGORY, FLAG, TYPE, toWireUnits } from '#firmware-protocol';
import { DONE, IDENTIFY, type Kind } from './kind.ts';
import { wander, wattHours } from './process.ts';

const ON = 1;
const POWER = 2;
const ENERGY = 3;
const VOLTAGE = 4;

const RESET_ENERGY = 1;

const STANDBY_WATTS = 0.3;
const LOAD_NOISE = { mean: 1, deviation: 0.04, relaxMs: 20_000 };
const MAINS = { mean: 230, deviation: 1.6, relaxMs: 120_000 };

const power = { pid: POWER, key: 'power', type: TYPE.int, unit: 'W', scale: -1 } as const;
const energy = { pid: ENERGY, key: 'energy', type: TYPE.int, unit: 'kWh', scale: -3 } as const;
const voltage = { pid: VOLTAGE, key: 'voltage', type: TYPE.int, unit: 'V', scale: -1 } as const;

interface Plug {
  readonly on: boolean;
  /** What is plugged in draws at 230 V, in W. */
  readonly ratedWatts: number;
  /** What it draws now, as a part of that. */
  readonly load: number;
  readonly volts: number;
  readonly usedWh: number;
}

/** Most appliances are resistors, whose power follows the square of the voltage. */
const watts = ({ on, ratedWatts, load, volts }: Plug): number =>
  on ? ratedWatts * Math.max(0, load) * (volts / MAINS.mean) ** 2 : STANDBY_WATTS;

/** A metering plug with some appliance in it. */
export const plug: Kind<Plug> = {
  name: 'plug',
  description: {
    proto: [1, 0],
    model: 'sim-plug',
    fw: '1.0.0',
    props: [
      {
        pid: ON,
        key: 'on',
        type: TYPE.bool,
        flags: FLAG.writable,
        label: 'Outlet',
        class: 'outlet',
        cat: CATEGORY.primary,
      },
      { ...power, flags: FLAG.sampled, label: 'Power', min: 0, class: 'power', cat: CATEGORY.primary },
      {
        ...energy,
        flags: FLAG.sampled | FLAG.counter,
        label: 'Energy',
        min: 0,
        class: 'energy',
        cat: CATEGORY.primary,
      },
      { ...voltage, flags: FLAG.sampled, label: 'Voltage', class: 'voltage', cat: CATEGORY.diagnostic },
    ],
    acts: [{ pid: RESET_ENERGY, key: 'reset-energy', label: 'Reset energy', class: 'reset' }, IDENTIFY],
  },

  initial: (rng) => ({
    on: rng.chance(0.7),
    ratedWatts: rng.between(8, 1_800),
    load: LOAD_NOISE.mean,
    volts: MAINS.mean,
    usedWh: rng.between(0, 90_000),
  }),

  reported: ({ on }) => new Map([[ON, on]]),

  sampled: (state) =>
    new Map([
      [POWER, toWireUnits(power, watts(state))],
      [ENERGY, toWireUnits(energy, state.usedWh / 1000)],
      [VOLTAGE, toWireUnits(voltage, state.volts)],
    ]),

  advance(state, ms, rng) {
    const load = wander(state.load, LOAD_NOISE, ms, rng);
    const volts = wander(state.volts, MAINS, ms, rng);
    return { state: { ...state, load, volts, usedWh: state.usedWh + wattHours(watts(state), ms) } };
  },

  wakeIn: () => undefined,

  write: (state, values) => ({
    state: { ...state, on: (values.get(ON) as boolean | undefined) ?? state.on },
    outcome: DONE,
  }),

  act: (state, op) => ({ state: op === RESET_ENERGY ? { ...state, usedWh: 0 } : state, outcome: DONE }),
};
