import { ScriptedDevice } from '../faults/scripted-device.ts';
import { Trial } from '../faults/trial.ts';
import type { Verdict } from '../faults/verdict.ts';
import { connect } from '../support/mqtt-client.ts';
import type { HubProcess } from '../support/processes.ts';
import { QUESTION, type Measured } from './inside-hub.ts';
import { commandsAround, messagesAround } from './round-trips.ts';
import type { Cast } from './script.ts';
import { Siege } from './siege.ts';
import { PLAYGROUND } from './vocabulary.ts';

export interface Fuzzing {
  readonly packets: number;
  /** The same seed makes the same links, each with the same packets. */
  readonly seed: number;
  readonly tell: (line: string) => void;
}

/** Devices from which broken packets come: more than links are open at a time, so that none takes over another. */
const DEVICES = 300;
/** The share of packets before what the hub holds is measured first: what it fills once is full by then. */
const WARM_UP = 0.2;
/** How much more the hub may hold in the end, in bytes. */
const GROWTH = 10_000_000;
const TELL_EVERY_MS = 5_000;

const FLAGS = ['--expose-gc', '--import', './test/fuzz/inside-hub.ts'];

/** Sends mutated packets over links without end, and finds out whether anybody else noticed. */
export const fuzzPackets = ({ packets, seed, tell }: Fuzzing): Promise<Verdict> =>
  Trial.run({ flags: FLAGS }, async (trial) => {
    const { hub, figures } = trial;
    figures['seed'] = seed;
    const siege = new Siege({ port: hub.httpPort, seed, cast: await castOf(hub) });
    const good = await goodClients(trial, siege);
    const begun = performance.now();
    const progress = setInterval(() => {
      const seconds = Math.round((performance.now() - begun) / 1_000);
      tell(`${siege.packets} of ${packets} packets, ${siege.links} links, ${seconds} s`);
    }, TELL_EVERY_MS);
    trial.undo(() => clearInterval(progress));

    await besieged(trial, siege, packets * WARM_UP);
    const before = await measure(hub);
    await besieged(trial, siege, packets);
    const after = await measure(hub);
    const seconds = (performance.now() - begun) / 1_000;
    for (const roundTrips of good) for (const wrong of await roundTrips.stop()) trial.must(false, wrong);

    Object.assign(figures, {
      'packets sent': siege.packets,
      links: siege.links,
      seconds: seconds.toFixed(1),
      'packets a second': Math.round(siege.packets / seconds),
      ...memoryFigures(before, after),
      'longest turn of its event loop (ms of CPU)': after.longestTurn.toFixed(0),
      'longest delay of its event loop (ms)': after.longestDelay.toFixed(0),
      'rounds of messages at QoS 0, 1 and 2': good[0].count,
      'slowest round (ms)': Math.round(good[0].slowest),
      commands: good[1].count,
      'slowest command (ms)': Math.round(good[1].slowest),
      ...endingFigures(siege),
    });
    trial.must(
      after.heap + after.external - before.heap - before.external < GROWTH,
      'the hub holds 10 MB more than before',
    );
    judgeLog(trial);
  });

async function castOf(hub: HubProcess): Promise<Cast> {
  const ids = Array.from({ length: DEVICES }, (_, at) => `fuzz-${at}`);
  const secrets = await hub.addDevices(...ids.map((id) => ({ id })));
  const publish = [`${PLAYGROUND}/#`, 'iot/1/home/+/rq/#'];
  const { token } = await service(hub, 'fuzzer', { publish, subscribe: ['#'] });
  return ids.flatMap((id, at) => [
    { kind: 'device', id, username: `home/${id}`, password: secrets.get(id) ?? '' },
    { kind: 'service', id: 'fuzzer', username: '@fuzzer', password: token },
    ...(at % 4 === 0 ? [{ kind: 'nobody', id, username: `home/${id}`, password: 'wrong' } as const] : []),
  ]);
}

async function service(
  hub: HubProcess,
  id: string,
  grants: { publish: string[]; subscribe: string[] },
): Promise<{ token: string }> {
  const { status, body } = await hub.api<{ token: string }>('POST', '/services', { id, ...grants });
  if (status !== 201) throw new Error(`no service could be made: ${status} ${JSON.stringify(body)}`);
  return body;
}

async function goodClients(trial: Trial, siege: Siege) {
  const { hub } = trial;
  const { token } = await service(hub, 'good', { publish: ['round/#'], subscribe: ['round/#'] });
  const client = await connect(hub, { username: '@good', password: token });
  trial.undo(() => client.end());
  const secrets = await hub.addDevices({ id: 'lamp' });
  const device = await ScriptedDevice.connect(hub, 'lamp', secrets.get('lamp') ?? '', 1);
  trial.undo(() => device.close());
  await trial.online('lamp');
  return [
    await messagesAround(client, () => siege.tide.turn()),
    commandsAround(trial, 'lamp', device),
  ] as const;
}

/** Where the hub ends, nothing that is waited for comes any more. */
async function besieged({ hub }: Trial, siege: Siege, packets: number): Promise<void> {
  const ended = hub.exited.then((code) => {
    const open = [...siege.open].join(', ');
    throw new Error(`the hub ended with ${code}; links ${open} were open:\n${hub.output.slice(-4_000)}`);
  });
  await Promise.race([siege.until(packets), ended]);
}

const measure = async (hub: HubProcess): Promise<Measured> => (await hub.ask(QUESTION)) as Measured;

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

function memoryFigures(before: Measured, after: Measured): Record<string, string> {
  return Object.fromEntries(
    (['heap', 'external', 'rss'] as const).map((name) => [
      `${name} (MB): after a fifth, at the end`,
      `${megabytes(before[name])}, ${megabytes(after[name])} (${megabytes(after[name] - before[name])} more)`,
    ]),
  );
}

function endingFigures({ endings }: Siege): Record<string, number> {
  const sorted = [...endings].sort(([, one], [, other]) => other - one);
  return Object.fromEntries(sorted.map(([how, count]) => [`links: ${how}`, count]));
}

/** Pino's levels of what is an error or worse. */
const ERRORS = /"level":[56]0/;

/** What a hub writes that has found no fault in itself. */
function judgeLog({ hub, must }: Trial): void {
  for (const line of hub.output.split('\n')) {
    must(!ERRORS.test(line), `the log says: ${line}`);
    must(!line.includes('Warning:'), `Node says: ${line}`);
  }
}
