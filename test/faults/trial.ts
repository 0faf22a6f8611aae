import { randomBytes } from 'node:crypto';
import { rqCmd, STATUS, type CommandRequest } from '#firmware-protocol';
import { HubProcess, type HubProcessOptions } from '../support/processes.ts';
import { TestSimulator, type Simulated } from '../support/simulator.ts';
import type { Verdict } from './verdict.ts';
import { Watcher, type ToldStep } from './watcher.ts';

/** A hub and a console, what has to be so of them, and all that has to be undone afterwards. */
export class Trial {
  readonly hub: HubProcess;
  readonly watcher = new Watcher();
  readonly figures: Record<string, number | string> = {};
  readonly #violations: string[] = [];
  readonly #undo: (() => unknown)[] = [];

  private constructor(hub: HubProcess) {
    this.hub = hub;
  }

  /** Runs a trial on a fresh hub and undoes all of it, whatever happens. */
  static async run(options: HubProcessOptions, work: (trial: Trial) => Promise<void>): Promise<Verdict> {
    const hub = await HubProcess.start(options);
    const trial = new Trial(hub);
    try {
      await trial.watcher.connect(hub);
      await work(trial);
      return { figures: trial.figures, violations: trial.#violations };
    } finally {
      await trial.watcher.leave();
      for (const step of trial.#undo.toReversed()) await step();
      await hub.kill();
      hub.remove();
    }
  }

  /** Notes what is wrong where something is not as it has to be. */
  must(holds: boolean, what: string): void {
    if (!holds) this.#violations.push(what);
  }

  /** To be done at the end, latest first. */
  undo(step: () => unknown): void {
    this.#undo.push(step);
  }

  /** Simulates devices, and waits until they are there. */
  async simulate(devices: readonly Simulated[], more: readonly string[] = []): Promise<TestSimulator> {
    const simulator = await TestSimulator.start(this.hub, devices, ['--longest-wait', '0.5', ...more]);
    this.undo(() => simulator.remove());
    this.undo(() => simulator.stop('SIGKILL'));
    await this.online(...devices.map(({ id }) => id));
    return simulator;
  }

  /** Waits until devices are there, described, and have said how they are. */
  async online(...devices: readonly string[]): Promise<void> {
    for (const id of devices) {
      await this.watcher.untilDevice(id, ({ st, vals }) => st === STATUS.online && (vals?.size ?? 0) > 0);
    }
  }

  /** Asks for a command. Resolves with its id, in hex as in the feed's and the record's. */
  ask(device: string, request: Omit<CommandRequest, 'id'>): Uint8Array {
    const id = new Uint8Array(randomBytes(8));
    this.watcher.ask(device, 'cmd', rqCmd.encode({ ...request, id }));
    return id;
  }

  told(device: string, id: Uint8Array, ...states: number[]): Promise<ToldStep> {
    return this.watcher.untilCommand(device, id, ...states);
  }

  /** All that was told of a command so far, as numbers of `COMMAND`. */
  steps(device: string, id: Uint8Array): number[] {
    const name = `${device}/${Buffer.from(id).toString('hex')}`;
    return this.watcher.commands.get(name)?.steps.map(({ st }) => st) ?? [];
  }
}
