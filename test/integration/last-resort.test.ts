import { afterAll, beforeAll, expect, test } from 'vitest';
import { FAIL, FAILS } from '../support/failures.ts';
import { connect, type TestClient } from '../support/mqtt-client.ts';
import { HubProcess } from '../support/processes.ts';

let hub: HubProcess;
let password: string;
let bystander: TestClient;

beforeAll(async () => {
  hub = await HubProcess.start({ flags: ['--import', './test/support/failing-library.ts'] });
  const grants = { publish: ['#'], subscribe: ['#'] };
  ({ token: password } = (
    await hub.api<{ token: string }>('POST', '/services', { id: 'plant', ...grants })
  ).body);
  bystander = await client('bystander');
  await bystander.mqtt.subscribeAsync('good', { qos: 1 });
});
afterAll(async () => {
  await bystander.end();
  await hub.kill();
  hub.remove();
});

const client = (clientId: string): Promise<TestClient> =>
  connect(hub, { username: '@plant', password, clientId });

const errors = (): string[] => hub.output.split('\n').filter((line) => line.includes('"level":50'));

test.each([...Object.values(FAILS).entries()])(
  'a library that fails amid a packet ends the link that it came over, and no other: %i, %s',
  async (before, topic) => {
    const culprit = await client('culprit');
    const ended = culprit.closed();
    culprit.mqtt.publish(topic, '', { qos: 1 });
    await ended;
    await bystander.mqtt.publishAsync('good', topic, { qos: 1 });
    await bystander.until((received) => received.find(({ payload }) => payload.toString() === topic));
    expect(errors()).toHaveLength(before + 1);
    expect(errors().at(-1)).toMatch(/a library failed on purpose.*a packet could not be taken/);
  },
);

test('a hub that fails for nobody in particular says so, tells its links, and ends with 1', async () => {
  const ended = bystander.closed();
  void hub.ask(FAIL);
  expect(await hub.exited).toBe(1);
  await ended;
  expect(errors().at(-1)).toMatch(/a library failed on purpose.*the hub failed where it must not/);
  expect(hub.output).toMatch(/"closed"/);
});
