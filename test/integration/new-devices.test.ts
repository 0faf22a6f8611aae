import { afterAll, beforeAll, test } from 'vitest';
import { COMMAND, desc, downTopic, FLAG, status, STATUS, TYPE, upTopic } from '#firmware-protocol';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { connectDevice, TestOperator } from '../support/mqtt-client.ts';

/** So many that reading all of them takes longer than a device's first words. */
const FLEET = 20_000;

let hub: TestHub;

beforeAll(async () => {
  hub = await startTestHub();
  await hub.addDevices(...Array.from({ length: FLEET }, (_, n) => ({ id: `device-${n}` })));
}, 60_000);
afterAll(() => hub.close());

test('a device that connects right after its registration is heard, however large the fleet', async () => {
  const operator = await TestOperator.connect(hub);
  await operator.untilDevice(`device-${FLEET - 1}`, () => true);
  const secrets = await hub.addDevices({ id: 'lamp' });
  const lamp = await connectDevice(hub, 'lamp', secrets.get('lamp') as string);
  const description = desc.encode({
    proto: [1, 0],
    model: 'lamp',
    fw: '1',
    props: [{ pid: 1, key: 'on', type: TYPE.bool, flags: FLAG.writable }],
  });
  const online = status.encode({ boot: 7, sess: 1, st: STATUS.online });
  const retained = { qos: 1, retain: true } as const;
  await Promise.all([
    lamp.mqtt.subscribeAsync(downTopic('home', 'lamp', 'cmd'), { qos: 1 }),
    lamp.mqtt.publishAsync(upTopic('home', 'lamp', 'status'), Buffer.from(online), retained),
    lamp.mqtt.publishAsync(upTopic('home', 'lamp', 'desc'), Buffer.from(description), retained),
  ]);
  await operator.untilDevice('lamp', ({ st, dhash }) => st === STATUS.online && dhash !== undefined);
  const id = new Uint8Array(8).fill(1);
  await operator.command('lamp', { id, vals: new Map([[1, true]]), ttl: 10_000 });
  await operator.untilCommand(id, COMMAND.sent);
  await lamp.until((received) => received.find(({ topic }) => topic === downTopic('home', 'lamp', 'cmd')));
  await Promise.all([lamp.end(), operator.client.end()]);
}, 60_000);
