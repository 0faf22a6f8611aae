import { CATEGORY, FLAG, TYPE, toWireUnits } from '#firmware-protocol';
import { DONE, IDENTIFY, type Kind } from './kind.ts';
import { approach, clamp, wander } from './process.ts';

const TEMPERATURE = 1;
const HUMIDITY = 2;
const PRESSURE = 3;
const CO2 = 4;
const BATTERY = 5;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const ROOM = { mean: 21.2, deviation: 0.9, relaxMs: 40 * MINUTE };
const MOISTURE = { mean: 46, deviation: 5, relaxMs: 50 * MINUTE };
const WEATHER = { mean: 1_013, deviation: 7, relaxMs: 8 * HOUR };
const FRESH_AIR_PPM = 430;
const OCCUPIED_PPM = 1_250;
const AIR_MS = 18 * MINUTE;
/** How long people stay in a room, or out of it, on average. */
const STAY_MS = 25 * MINUTE;
/** Far quicker than a real cell, so that a low battery can be seen within a day. */
const BATTERY_PERCENT_PER_HOUR = 4;
/** Somebody puts a new battery in when it is as low as this. */
const EMPTY_PERCENT = 2;

const temperature = { pid: TEMPERATURE, key: 'temperature', type: TYPE.int, unit: 'Cel', scale: -2 } as const;
const humidity = { pid: HUMIDITY, key: 'humidity', type: TYPE.int, unit: '%RH', scale: -1 } as const;
const pressure = { pid: PRESSURE, key: 'pressure', type: TYPE.int, unit: 'hPa', scale: -1 } as const;

interface Climate {
  readonly celsius: number;
  readonly humidity: number;
  readonly hectopascals: number;
  readonly co2: number;
  readonly occupied: boolean;
  /** Percent. */
  readonly battery: number;
}

/** A battery sensor of the air in a room: read-only. */
export const climate: Kind<Climate> = {
  name: 'climate',
  description: {
    proto: [1, 0],
    model: 'sim-climate',
    fw: '1.0.0',
    props: [
      {
        ...temperature,
        flags: FLAG.sampled,
        label: 'Temperature',
        min: -4_000,
        max: 8_500,
        class: 'temperature',
        cat: CATEGORY.primary,
        rpt: [1, 300, 5],
      },
      {
        ...humidity,
        flags: FLAG.sampled,
        label: 'Humidity',
        min: 0,
        max: 1_000,
        class: 'humidity',
        cat: CATEGORY.primary,
      },
      {
        ...pressure,
        flags: FLAG.sampled,
        label: 'Pressure',
        min: 3_000,
        max: 11_000,
        class: 'pressure',
        cat: CATEGORY.primary,
      },
      {
        pid: CO2,
        key: 'co2',
        type: TYPE.int,
        flags: FLAG.sampled,
        label: 'CO₂',
        unit: 'ppm',
        min: 0,
        max: 5_000,
        class: 'co2',
        cat: CATEGORY.primary,
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
    ],
    acts: [IDENTIFY],
  },

  initial: (rng) => ({
    celsius: ROOM.mean + ROOM.deviation * rng.normal(),
    humidity: MOISTURE.mean + MOISTURE.deviation * rng.normal(),
    hectopascals: WEATHER.mean + WEATHER.deviation * rng.normal(),
    co2: rng.between(FRESH_AIR_PPM, OCCUPIED_PPM),
    occupied: rng.chance(0.5),
    battery: rng.between(20, 100),
  }),

  reported: ({ battery }) => new Map([[BATTERY, Math.ceil(battery)]]),

  sampled: (state) =>
    new Map([
      [TEMPERATURE, toWireUnits(temperature, state.celsius)],
      [HUMIDITY, toWireUnits(humidity, state.humidity)],
      [PRESSURE, toWireUnits(pressure, state.hectopascals)],
      [CO2, Math.round(state.co2)],
    ]),

  advance(state, ms, rng) {
    const moved = rng.chance(1 - Math.exp(-ms / STAY_MS));
    const battery = state.battery - (BATTERY_PERCENT_PER_HOUR * ms) / HOUR;
    return {
      state: {
        celsius: wander(state.celsius, ROOM, ms, rng),
        humidity: clamp(wander(state.humidity, MOISTURE, ms, rng), 5, 95),
        hectopascals: wander(state.hectopascals, WEATHER, ms, rng),
        co2: approach(state.co2, state.occupied ? OCCUPIED_PPM : FRESH_AIR_PPM, ms, AIR_MS),
        occupied: moved ? !state.occupied : state.occupied,
        battery: battery > EMPTY_PERCENT ? battery : 100,
      },
    };
  },

  wakeIn: () => undefined,
  write: (state) => ({ state, outcome: DONE }),
  act: (state) => ({ state, outcome: DONE }),
};
