import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ack,
  CODE,
  COMMAND,
  requestTopic,
  rqDesired,
  state,
  status,
  STATUS,
  upTopic,
  type DeviceDelta,
  type UpChannel,
  type Values,
} from '#firmware-protocol';
import { DocumentedProgram } from '../support/documented-program.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { connectPerson, TestOperator, type TestClient } from '../support/mqtt-client.ts';
import { PID, WALL_LAMPS } from '../support/wall-lamps.ts';

const LAMP = 'my-lamp';
const newId = () => new Uint8Array(randomBytes(8));
const isOnline = ({ st, dhash, vals }: DeviceDelta) =>
  st === STATUS.online && dhash !== undefined && vals?.get(PID.light) !== undefined;

describe.each(WALL_LAMPS)('the device of the guide in %s, as it stands there', (_language, source) => {
  let hub: TestHub;
  let lamp: DocumentedProgram;
  let operator: TestOperator;
  /** Sees what the device publishes, as it is. */
  let watcher: TestClient;
  let env: Record<string, string>;

  async function watch(): Promise<void> {
    operator = await TestOperator.connect(hub);
    watcher = await connectPerson(hub);
    await watcher.mqtt.subscribeAsync(`iot/1/home/${LAMP}/up/#`, { qos: 1 });
  }

  beforeAll(async () => {
    hub = await startTestHub();
    const secrets = await hub.addDevices({ id: LAMP });
    lamp = new DocumentedProgram(source);
    const file = (name: string) => join(lamp.folder, name);
    env = {
      HUB_URL: hub.wss,
      HUB_CA: file('ca.pem'),
      SECRET: secrets.get(LAMP) ?? '',
      SENSOR: file('sensor'),
      KEPT: file('kept.cbor'),
    };
    writeFileSync(file('ca.pem'), hub.ca);
    writeFileSync(file('sensor'), '21530\n');
    await watch();
    lamp.start(env);
  });
  afterAll(async () => {
    await lamp.remove();
    await operator.client.end();
    await watcher.end();
    await hub.close();
  });

  const payloads = (channel: UpChannel): Buffer[] =>
    watcher.received
      .filter(({ topic }) => topic === upTopic('home', LAMP, channel))
      .map(({ payload }) => payload);

  const acks = (id: Uint8Array) =>
    payloads('ack')
      .map((payload) => ack.decode(payload))
      .filter((answer) => Buffer.compare(answer.id, id) === 0);

  const lastState = () => state.decode(payloads('state').at(-1) ?? Buffer.alloc(0));

  const want = (vals: Values) =>
    operator.client.mqtt.publishAsync(
      requestTopic('home', LAMP, 'desired'),
      Buffer.from(rqDesired.encode({ id: newId(), vals })),
      { qos: 1 },
    );

  test('comes online, describes itself and sends readings', async () => {
    await operator.untilDevice(LAMP, isOnline);
    await operator.untilDevice(LAMP, ({ vals }) => vals?.get(PID.temperature) === 2153);
  });

  test('is switched, answers with what is now, and reports its state', async () => {
    const id = newId();
    await operator.command(LAMP, { id, vals: new Map([[PID.light, true]]), ttl: 5_000 });
    const done = await operator.untilCommand(id, COMMAND.done);
    expect(done.vals).toEqual(new Map([[PID.light, true]]));
    await operator.untilDevice(LAMP, ({ vals, ver }) => vals?.get(PID.light) === true && ver === done.ver);
    await watcher.until(() => lastState().ver === done.ver || undefined);
    expect(lastState().vals.get(PID.light)).toBe(true);
    await lamp.printed(/^light on/);
  });

  test('is not sent what its description does not allow', async () => {
    const id = newId();
    await operator.command(LAMP, { id, vals: new Map([[PID.brightness, 101]]), ttl: 5_000 });
    expect(await operator.untilCommand(id, COMMAND.rejected)).toMatchObject({ code: CODE.range });
    const allowed = newId();
    await operator.command(LAMP, { id: allowed, vals: new Map([[PID.brightness, 99]]), ttl: 5_000 });
    // A device answers in the order of what it got, so an answer to the first would have come before this one.
    await watcher.until(() => acks(allowed)[0]);
    expect(acks(id)).toEqual([]);
  });

  test('rejects what is based on an older state', async () => {
    const id = newId();
    const older = (lastState().ver + 2 ** 32 - 1) % 2 ** 32;
    await operator.command(LAMP, { id, vals: new Map([[PID.light, false]]), if: older, ttl: 5_000 });
    expect(await operator.untilCommand(id, COMMAND.rejected)).toMatchObject({ code: CODE.precondition });
    await watcher.until(() => acks(id)[0]);
  });

  test('does a command once that the hub sent again, and is not sent one that expired behind it', async () => {
    const [again, expired] = [newId(), newId()];
    const before = lastState();
    const ver = (before.ver + 1) % 2 ** 32;
    lamp.signal('SIGSTOP');
    await operator.command(LAMP, { id: again, vals: new Map([[PID.light, false]]), ttl: 60_000 });
    await operator.command(LAMP, { id: expired, vals: new Map([[PID.brightness, 7]]), ttl: 3_500 });
    // The hub sends a command again after 3 s, so by then it has sent the first one twice.
    await operator.untilCommand(expired, COMMAND.expired);
    lamp.signal('SIGCONT');

    const answers = await watcher.until(() => (acks(again).length > 1 ? acks(again) : undefined));
    const [first, second] = answers.map(({ seq: _seq, t: _t, ...rest }) => rest);
    expect(first).toMatchObject({ st: COMMAND.done, ver });
    expect(second).toEqual(first);
    expect(answers[0]?.seq).not.toBe(answers[1]?.seq);
    expect(acks(expired)).toEqual([]);
    expect(await operator.untilCommand(again, COMMAND.done)).toMatchObject({ ver });
    expect(lastState().vals.get(PID.brightness)).toBe(before.vals.get(PID.brightness));
  });

  test('applies what is wanted of its setting, and reports the version', async () => {
    await want(new Map([[PID.period, 1]]));
    const device = await operator.untilDevice(LAMP, ({ dver, wver }) => wver !== undefined && dver === wver);
    expect(device.vals?.get(PID.period)).toBe(1);
    expect(lastState()).toMatchObject({ dver: device.wver });
  });

  test('connects again to a hub that was restarted: the same boot, another session', async () => {
    const before = status.decode(payloads('status').at(-1) ?? Buffer.alloc(0));
    await Promise.all([operator.client.end(), watcher.end()]);
    await hub.restart();
    await watch();
    await operator.untilDevice(LAMP, isOnline);
    // What is retained comes first, and may be from before.
    const now = await watcher.until(() =>
      payloads('status')
        .map((payload) => status.decode(payload))
        .find(({ st, sess }) => st === STATUS.online && sess > before.sess),
    );
    expect(now.boot).toBe(before.boot);
    const id = newId();
    await operator.command(LAMP, { id, vals: new Map([[PID.light, true]]), ttl: 5_000 });
    await operator.untilCommand(id, COMMAND.done);
  });

  test('says that it leaves, and has its setting again when it comes back', async () => {
    const before = lastState();
    expect(await lamp.end('SIGTERM')).toBe(0);
    await operator.untilDevice(LAMP, ({ st }) => st === STATUS.bye);
    lamp.start(env);
    await operator.untilDevice(LAMP, isOnline);
    const after = await watcher.until(() => (lastState().boot === before.boot ? undefined : lastState()));
    expect(after).toMatchObject({ dver: before.dver });
    expect(after.vals.get(PID.period)).toBe(1);
  });

  test('is lost when it ends without a word', async () => {
    await lamp.end('SIGKILL');
    await operator.untilDevice(LAMP, ({ st }) => st === STATUS.lost);
  });
});
