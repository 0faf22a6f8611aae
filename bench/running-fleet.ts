import { HubProcess } from '../test/support/processes.ts';
import { TestSimulator, type Simulated } from '../test/support/simulator.ts';

/** A hub and simulated lamps, each in a process of its own and linked over wss, as the commands of the README run them. */
export interface RunningFleet {
  readonly hub: HubProcess;
  readonly devices: readonly Simulated[];
  /** Seconds until all of them were online. */
  readonly connected: number;
  close(): Promise<void>;
}

/**
 * @param count how many lamps
 * @param intervalSeconds between their readings
 */
export async function startFleet(count: number, intervalSeconds: number): Promise<RunningFleet> {
  const devices = Array.from({ length: count }, (_, at): Simulated => ({ id: `lamp-${at}`, kind: 'lamp' }));
  const hub = await HubProcess.start({ env: { SWITCHYARD_LOG: 'warn' } });
  const startedAt = performance.now();
  const options = ['--interval', String(intervalSeconds), '--ramp', '500', '--summary', '0.2'];
  const simulator = await TestSimulator.start(hub, devices, options);
  const close = async (): Promise<void> => {
    await simulator.stop('SIGKILL');
    await hub.stop();
    simulator.remove();
    hub.remove();
  };
  try {
    await simulator.printed(new RegExp(`^${count}/${count} online`, 'm'));
  } catch (error) {
    await close();
    throw error;
  }
  return { hub, devices, connected: (performance.now() - startedAt) / 1_000, close };
}

/** The value below which that share of the others is. */
export const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
