import { ScriptedDevice } from '../faults/scripted-device.ts';
import type { Trial } from '../faults/trial.ts';
import { connect } from '../support/mqtt-client.ts';
import { addService } from './cast.ts';
import { commandsAround, messagesAround, type RoundTrips } from './round-trips.ts';

const DEVICE = 'lamp';
const BOOT = 1;
/** A message that takes longer than this, in ms, is one for which its client would not have waited. */
const LATE_MS = 10_000;

/** A device, an operator and a service who are busy all the time, over wss, beside whatever else there is. */
export class GoodClients {
  readonly #trial: Trial;
  readonly #messages: RoundTrips;
  readonly #commands: RoundTrips;

  private constructor(trial: Trial, messages: RoundTrips, commands: RoundTrips) {
    this.#trial = trial;
    this.#messages = messages;
    this.#commands = commands;
  }

  /** @param turned called after each round of messages */
  static async start(trial: Trial, turned: () => void): Promise<GoodClients> {
    const { hub } = trial;
    const password = await addService(hub, 'good', { publish: ['round/#'], subscribe: ['round/#'] });
    const client = await connect(hub, { username: '@good', password });
    trial.undo(() => client.end());
    const secrets = await hub.addDevices({ id: DEVICE });
    const device = await ScriptedDevice.connect(hub, DEVICE, secrets.get(DEVICE) ?? '', BOOT);
    trial.undo(() => device.close());
    await trial.online(DEVICE);
    const messages = await messagesAround(client, turned);
    return new GoodClients(trial, messages, commandsAround(trial, DEVICE, device));
  }

  /** Ends their rounds, and notes what was not as it has to be. */
  async stop(): Promise<void> {
    const { figures } = this.#trial;
    for (const [name, roundTrips] of [
      ['rounds of messages at QoS 0, 1 and 2', this.#messages],
      ['commands', this.#commands],
    ] as const) {
      for (const wrong of await roundTrips.stop()) this.#trial.must(false, wrong);
      const slowest = Math.round(roundTrips.slowest);
      this.#trial.must(slowest < LATE_MS, `one of the ${name} took ${slowest} ms`);
      figures[name] = `${roundTrips.count}, the slowest in ${slowest} ms`;
    }
  }
}
