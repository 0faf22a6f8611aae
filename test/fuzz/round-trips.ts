import { ACK, COMMAND } from '#firmware-protocol';
import type { TestClient } from '../support/mqtt-client.ts';
import type { ScriptedDevice } from '../faults/scripted-device.ts';
import type { Trial } from '../faults/trial.ts';

/** The qualities of service, each with a topic of its own. */
const QUALITIES = [0, 1, 2] as const;
const topicOf = (qos: number): string => `round/${qos}`;
const FILTER = 'round/+';

/** How long a command may take to be answered, in ms: longer than anybody waits for it. */
const TTL_MS = 60_000;
const ON = new Map([[1, true]]);

/** Good clients that are busy all the time, and count what they get. */
export interface RoundTrips {
  /** How many there were so far. */
  readonly count: number;
  /** How long the slowest took, in ms. */
  readonly slowest: number;
  /** Ends after the one that is under way. Resolves with what was not as it has to be, in words. */
  stop(): Promise<string[]>;
}

class Counted implements RoundTrips {
  readonly #once: (count: number) => Promise<void>;
  readonly #verdict: () => string[];
  readonly #going: Promise<void>;
  #stopped = false;
  count = 0;
  slowest = 0;

  constructor(once: (count: number) => Promise<void>, verdict: () => string[]) {
    this.#once = once;
    this.#verdict = verdict;
    this.#going = this.#go();
  }

  async stop(): Promise<string[]> {
    this.#stopped = true;
    await this.#going;
    return this.#verdict();
  }

  async #go(): Promise<void> {
    while (!this.#stopped) {
      const begun = performance.now();
      await this.#once(this.count);
      this.count += 1;
      this.slowest = Math.max(this.slowest, performance.now() - begun);
    }
  }
}

/**
 * A client of a service that publishes to itself at each quality of service.
 * @param turned called after each round
 */
export async function messagesAround(client: TestClient, turned: () => void): Promise<RoundTrips> {
  await client.mqtt.subscribeAsync(FILTER, { qos: 2 });
  const counts = QUALITIES.map(() => 0);
  const wrong: string[] = [];
  return new Counted(
    async (round) => {
      const payload = String(round);
      const from = client.received.length;
      await Promise.all(QUALITIES.map((qos) => client.mqtt.publishAsync(topicOf(qos), payload, { qos })));
      await client.until((received) => received.length >= from + QUALITIES.length || undefined);
      for (const message of client.received.splice(0)) {
        const said = message.payload.toString();
        const as = `QoS ${message.qos} on ${message.topic}`;
        if (message.topic !== topicOf(message.qos)) wrong.push(`a message came at ${as}`);
        if (said !== payload) wrong.push(`in round ${round}, message ${said} came at ${as}`);
        counts[message.qos] = (counts[message.qos] ?? 0) + 1;
      }
      turned();
    },
    () => {
      const expected = Math.max(...counts);
      const uneven = counts.some((count) => count !== expected)
        ? [`at QoS 0, 1 and 2 came ${counts.join(', ')} messages`]
        : [];
      const ended = client.mqtt.connected ? [] : ['the link of a good service was ended'];
      return [...wrong, ...uneven, ...ended];
    },
  );
}

/** An operator who asks a device for something, which the device does, again and again. */
export function commandsAround(trial: Trial, id: string, device: ScriptedDevice): RoundTrips {
  const wrong: string[] = [];
  return new Counted(
    async (round) => {
      const command = trial.ask(id, { vals: ON, ttl: TTL_MS });
      await device.commanded(command);
      await device.answer(command, ACK.done);
      await trial.told(id, command, COMMAND.done);
      const times = device.count(command);
      if (times !== 1) wrong.push(`command ${round} was sent ${times} times`);
      const { created, sent, done } = COMMAND;
      const steps = `${trial.steps(id, command)}`;
      if (steps !== `${[created, sent, done]}`) wrong.push(`command ${round} went through ${steps}`);
    },
    () => [
      ...wrong,
      ...(device.connected ? [] : ['the link of a good device was ended']),
      ...(trial.watcher.connected ? [] : ['the link of a good operator was ended']),
    ],
  );
}
