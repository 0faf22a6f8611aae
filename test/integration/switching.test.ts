import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ACK,
  CODE,
  COMMAND,
  desc,
  evFleet,
  feedTopic,
  requestTopic,
  rqDesired,
  STATUS,
  state,
  upTopic,
  type Description,
  type DeviceDelta,
} from '#firmware-protocol';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { connectPerson, TestOperator } from '../support/mqtt-client.ts';
import { TestSimulator } from '../support/simulator.ts';

const newId = () => new Uint8Array(randomBytes(8));
const online = ({ st, dhash, vals }: DeviceDelta) =>
  st === STATUS.online && dhash !== undefined && !!vals?.size;

let hub: TestHub;
let simulator: TestSimulator;
let operator: TestOperator;

beforeAll(async () => {
  hub = await startTestHub();
  simulator = await TestSimulator.start(hub, [
    { id: 'hall-lamp', kind: 'lamp' },
    { id: 'heating', kind: 'thermostat' },
    { id: 'blind', kind: 'blind' },
  ]);
  operator = await TestOperator.connect(hub);
  for (const id of ['hall-lamp', 'heating', 'blind']) await operator.untilDevice(id, online);
});

afterAll(async () => {
  await operator.client.end();
  await simulator.stop();
  simulator.remove();
  await hub.close();
});

/** The descriptions that the feed handed out, by model. */
function description(model: RegExp): Description {
  const found = operator.client.received
    .filter(({ topic }) => topic === feedTopic('home', 'fleet'))
    .flatMap(({ payload }) => evFleet.decode(payload).descs ?? [])
    .map((payload) => desc.decode(payload))
    .find((candidate) => model.test(candidate.model));
  if (!found) throw new Error(`no description of a ${model.source}`);
  return found;
}

function pid(model: RegExp, key: string): number {
  const property = description(model).props.find((candidate) => candidate.key === key);
  if (!property) throw new Error(`${model.source} has no ${key}`);
  return property.pid;
}

describe('switching a simulated lamp over wss', () => {
  test('a command is sent, done by the device, and told with the value the device reports', async () => {
    const on = pid(/lamp/i, 'on');
    const before = operator.device('hall-lamp')?.vals?.get(on);
    const id = newId();
    await operator.command('hall-lamp', { id, vals: new Map([[on, !before]]), ttl: 5_000 });
    const done = await operator.untilCommand(id, COMMAND.done);
    expect(done).toMatchObject({ did: 'hall-lamp', who: '@owner' });
    expect(done.vals?.get(on)).toBe(!before);
    const device = await operator.untilDevice('hall-lamp', ({ vals }) => vals?.get(on) === !before);
    expect(device.st).toBe(STATUS.online);
    const steps = operator.steps(id).map(({ st }) => st);
    expect(steps.indexOf(COMMAND.sent)).toBeGreaterThanOrEqual(0);
    expect(steps.at(-1)).toBe(COMMAND.done);
  });

  test('another MQTT client sees the same change on the state topic of the device', async () => {
    const on = pid(/lamp/i, 'on');
    const watcher = await connectPerson(hub);
    await watcher.mqtt.subscribeAsync('iot/1/home/+/up/#', { qos: 1 });
    const retained = await watcher.until((received) =>
      received.find(({ topic }) => topic === upTopic('home', 'hall-lamp', 'state')),
    );
    expect(retained.retain).toBe(true);
    const before = state.decode(retained.payload).vals.get(on);
    await operator.command('hall-lamp', { id: newId(), vals: new Map([[on, !before]]), ttl: 5_000 });
    const seen = await watcher.until((received) =>
      received.find(
        ({ topic, payload }) =>
          topic === upTopic('home', 'hall-lamp', 'state') && state.decode(payload).vals.get(on) === !before,
      ),
    );
    expect(seen.qos).toBe(1);
    await watcher.end();
  });

  test('asking twice with one id happens once', async () => {
    const [on, brightness] = [pid(/lamp/i, 'on'), pid(/lamp/i, 'brightness')];
    const id = newId();
    await operator.command('hall-lamp', { id, vals: new Map([[on, true]]), ttl: 5_000 });
    await operator.untilCommand(id, COMMAND.done);
    await operator.command('hall-lamp', { id, vals: new Map([[on, false]]), ttl: 5_000 });
    await operator.client.until(
      () => operator.steps(id).filter(({ st }) => st === COMMAND.done).length === 2 || undefined,
    );
    const later = newId();
    await operator.command('hall-lamp', { id: later, vals: new Map([[brightness, 42]]), ttl: 5_000 });
    await operator.untilCommand(later, COMMAND.done);
    const device = await operator.untilDevice('hall-lamp', ({ vals }) => vals?.get(brightness) === 42);
    expect(device.vals?.get(on)).toBe(true);
  });

  test('a value that the description does not allow is refused with the reason, and never sent', async () => {
    const brightness = pid(/lamp/i, 'brightness');
    const id = newId();
    await operator.command('hall-lamp', { id, vals: new Map([[brightness, 1_000]]), ttl: 5_000 });
    const refused = await operator.untilCommand(id, COMMAND.rejected);
    expect(refused.code).toBe(CODE.range);
    expect(refused.msg).toMatch(/at most/);
    expect(operator.steps(id).map(({ st }) => st)).toEqual([COMMAND.rejected]);
  });
});

describe('what takes time', () => {
  test('a blind accepts, tells its progress and is done when it has arrived', async () => {
    const position = pid(/blind/i, 'position');
    const before = operator.device('blind')?.vals?.get(position) as number;
    const target = before > 50 ? before - 10 : before + 10;
    const id = newId();
    await operator.command('blind', { id, vals: new Map([[position, target]]), ttl: 10_000 });
    await operator.untilCommand(id, COMMAND.done);
    const steps = operator.steps(id).map(({ st }) => st);
    expect(steps).toContain(ACK.accepted);
    expect(steps).toContain(ACK.progress);
    expect((await operator.untilDevice('blind', ({ vals }) => vals?.get(position) === target)).did).toBe(
      'blind',
    );
  });
});

describe('persistent properties', () => {
  test('a wish is versioned, applied by the device and confirmed by its version', async () => {
    const setpoint = description(/thermostat/i).props.find(({ key }) => key === 'setpoint');
    const { pid: wanted = 0, min = 0, step = 1 } = setpoint ?? {};
    const value = min + step * 4;
    await operator.client.mqtt.publishAsync(
      requestTopic('home', 'heating', 'desired'),
      Buffer.from(rqDesired.encode({ id: newId(), vals: new Map([[wanted, value]]) })),
      { qos: 1 },
    );
    const device = await operator.untilDevice(
      'heating',
      ({ dver, wver }) => wver !== undefined && wver > 0 && dver === wver,
    );
    expect(device.want?.get(wanted)).toBe(value);
    expect(device.who).toBe('@owner');
    expect((await operator.untilDevice('heating', ({ vals }) => vals?.get(wanted) === value)).did).toBe(
      'heating',
    );
  });

  test('a persistent property is not written by a command', async () => {
    const id = newId();
    await operator.command('heating', {
      id,
      vals: new Map([[pid(/thermostat/i, 'setpoint'), 200]]),
      ttl: 5_000,
    });
    expect((await operator.untilCommand(id, COMMAND.rejected)).msg).toMatch(/persistent/);
  });
});

describe('presence', () => {
  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'devices are offline when %s ends the simulator, and back with their state',
    async (signal) => {
      const fresh = await TestOperator.connect(hub);
      await fresh.untilDevice('hall-lamp', online);
      await simulator.stop(signal);
      const gone = await fresh.untilDevice('hall-lamp', ({ st }) => st === STATUS.lost || st === STATUS.bye);
      expect(gone.since).toBeDefined();

      const id = newId();
      await fresh.command('hall-lamp', { id, vals: new Map([[pid(/lamp/i, 'on'), true]]), ttl: 5_000 });
      expect(await fresh.untilCommand(id, COMMAND.rejected)).toMatchObject({ code: CODE.unavailable });

      simulator = simulator.again();
      const back = await fresh.untilDevice(
        'hall-lamp',
        (device) => online(device) && (device.since ?? 0) > (gone.since ?? 0),
      );
      expect(back.vals?.has(pid(/lamp/i, 'on'))).toBe(true);
      const again = newId();
      await fresh.command('hall-lamp', {
        id: again,
        vals: new Map([[pid(/lamp/i, 'on'), true]]),
        ttl: 5_000,
      });
      await fresh.untilCommand(again, COMMAND.done);
      await fresh.client.end();
    },
  );
});
