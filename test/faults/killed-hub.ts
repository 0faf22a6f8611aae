import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AWAITED, COMMAND, isOver, STATUS } from '#firmware-protocol';
import { Rng } from '#device-sim/rng.ts';
import { HubProcess } from '../support/processes.ts';
import { TestSimulator, type Simulated } from '../support/simulator.ts';
import { readDeeds } from './deeds.ts';
import { LoadKeeper } from './load-keeper.ts';
import { orderFor } from './load.ts';
import { statesThatDiffer } from './states.ts';
import { judge, type Verdict } from './verdict.ts';
import { Watcher } from './watcher.ts';

export interface Killing {
  readonly kills: number;
  /** The same seed draws the same load and the same moments, as far as two processes can be made to repeat. */
  readonly seed: number;
  readonly tell: (line: string) => void;
}

const fleet = (prefix: string, kinds: readonly Simulated['kind'][]): Simulated[] =>
  kinds.map((kind, at) => ({ id: `${prefix}-${kind}-${at}`, kind }));

/** Devices whose process lives through it all, and devices that lose their power now and then. */
const STEADY = fleet('steady', [
  ...Array<'lamp'>(5).fill('lamp'),
  'plug',
  'plug',
  'blind',
  'blind',
  'blind',
  'thermostat',
  'thermostat',
]);
const SHAKY = fleet('shaky', ['lamp', 'lamp', 'lamp', 'plug', 'blind', 'blind', 'thermostat', 'lamp']);

/** A command that was accepted and never heard of again is over after a minute (SPEC.md 11.9). */
const QUIET_MS = 75_000;
/** How long the last state of a device may be on its way to a console, in ms. */
const STATE_MS = 5_000;
const OVER = Object.values(COMMAND).filter(isOver);

/** Kills a hub under load with −9 at random moments, and finds out whether anything that it told was not so. */
export async function killHub({ kills, seed, tell }: Killing): Promise<Verdict> {
  const rng = new Rng(seed, 'kills');
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-faults-'));
  const record = join(folder, 'deeds.ndjson');
  const hub = await HubProcess.start();
  const options = ['--record', record, '--longest-wait', '0.5', '--interval', '10'];
  const steady = await TestSimulator.start(hub, STEADY, options);
  let shaky = await TestSimulator.start(hub, SHAKY, options);
  const watcher = new Watcher();
  const devices = [...STEADY, ...SHAKY];
  let powerCuts = 0;
  let slowestStart = 0;
  try {
    await watcher.connect(hub);
    await allOnline(watcher, devices);
    const load = new LoadKeeper(watcher, devices, new Rng(seed, 'load'));
    for (let kill = 1; kill <= kills; kill++) {
      await randomMoment(watcher, rng);
      await new Promise((resolve) => setTimeout(resolve, 15 * rng.next()));
      await hub.kill();
      tell(`kill ${kill} of ${kills}: after ${watcher.steps} steps, ${watcher.open.size} commands open`);
      const powerCut = rng.chance(0.4);
      if (powerCut) {
        powerCuts += 1;
        await shaky.stop('SIGKILL');
      }
      const backBefore = rng.chance(0.5);
      if (powerCut && backBefore) shaky = shaky.again();
      const startedAt = performance.now();
      await hub.again();
      slowestStart = Math.max(slowestStart, performance.now() - startedAt);
      if (powerCut && !backBefore) shaky = shaky.again();
      await watcher.connect(hub);
      load.resume();
    }
    load.stop();
    await allOnline(watcher, devices);
    const late = await quiet(watcher);
    const differing = late.length > 0 ? [] : await comparePresent(watcher, devices, rng, record);
    await watcher.leave();
    await hub.stop();
    const verdict = judge({
      told: watcher.commands.values(),
      stored: await hub.stored(devices.map(({ id }) => id)),
      deeds: readDeeds(record),
    });
    return {
      figures: {
        seed,
        kills,
        'power cuts of devices': powerCuts,
        'steps told': watcher.steps,
        asked: load.asked,
        'asked again': load.askedAgain,
        ...verdict.figures,
        'slowest start (ms)': Math.round(slowestStart),
      },
      violations: [...verdict.violations, ...late, ...differing],
    };
  } catch (error) {
    tell(hub.output.slice(-2_000));
    throw error;
  } finally {
    await watcher.leave();
    await hub.kill();
    await Promise.all([steady.stop('SIGKILL'), shaky.stop('SIGKILL')]);
    for (const used of [steady, shaky, hub]) used.remove();
    rmSync(folder, { recursive: true });
  }
}

/**
 * A moment in the life of a hub: half of the time one of its first, when it takes up what was left open and devices
 * come back, and else one after some commands were sent.
 */
async function randomMoment(watcher: Watcher, rng: Rng): Promise<void> {
  const early = rng.chance(0.5);
  const steps = watcher.steps + 1 + Math.floor(100 * rng.next());
  const sent = watcher.sent + 1 + Math.floor(120 * rng.next());
  await watcher.until(() => (early ? watcher.steps >= steps : watcher.sent >= sent) || undefined);
}

async function allOnline(watcher: Watcher, devices: readonly Simulated[]): Promise<void> {
  const isThere = ({ id }: Simulated): boolean => {
    const st = watcher.devices.get(id)?.st;
    return st !== undefined && st !== STATUS.lost && st !== STATUS.bye && st !== AWAITED;
  };
  await watcher.until(() => devices.every(isThere) || undefined);
}

/** Waits until no command is open. Resolves with those that never come to an end, in words. */
const quiet = (watcher: Watcher): Promise<string[]> =>
  inTime(
    watcher.until(() => (watcher.open.size === 0 ? [] : undefined)),
    QUIET_MS,
    () => [...watcher.open].map((name) => `${name} was still told as open when all was over`),
  );

/** One last order for each device that comes to its end: then what consoles show has to be what the devices are. */
async function comparePresent(
  watcher: Watcher,
  devices: readonly Simulated[],
  rng: Rng,
  record: string,
): Promise<string[]> {
  await Promise.all(devices.map((device) => carriedOut(watcher, device, rng)));
  const differing = (): string[] => statesThatDiffer(watcher.devices, devices, readDeeds(record));
  return inTime(
    watcher.until(() => (differing().length === 0 ? [] : undefined)),
    STATE_MS,
    differing,
  );
}

async function carriedOut(watcher: Watcher, device: Simulated, rng: Rng): Promise<void> {
  for (let st: number | undefined; st !== COMMAND.done;) {
    const order = orderFor(device, rng);
    watcher.ask(device.id, order.channel, order.payload);
    ({ st } = await watcher.untilCommand(device.id, order.id, ...OVER));
  }
}

/** Resolves with what was found, or with what is there instead after so many ms. */
async function inTime<T>(found: Promise<T>, ms: number, instead: () => T): Promise<T> {
  const overdue = Promise.withResolvers<T>();
  const deadline = setTimeout(() => overdue.resolve(instead()), ms);
  try {
    return await Promise.race([found, overdue.promise]);
  } finally {
    clearTimeout(deadline);
  }
}

/** A seed to begin with where none was given. */
export const anySeed = (): number => randomBytes(4).readUInt32BE();
