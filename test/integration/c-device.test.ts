import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  ack,
  ACK,
  CODE,
  COMMAND,
  isOver,
  desc,
  evFleet,
  event,
  feedTopic,
  requestTopic,
  rqDesired,
  STATUS,
  status,
  tele,
  upTopic,
  type DeviceDelta,
  type UpChannel,
} from '#firmware-protocol';
import { CBuild } from '../support/c-build.ts';
import { LampFolder, LampProcess } from '../support/c-device.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { connectPerson, TestOperator, type TestClient } from '../support/mqtt-client.ts';

const LAMP = 'c-lamp';
const PID = { on: 1, brightness: 2, temperature: 3, powerOn: 4, button: 5 };
const IDENTIFY = 240;
const OVER = Object.values(COMMAND).filter(isOver);
// What is desired of a lamp that begins anew may or may not have come before it stops.
const WHOLE_STATE = /^switchyard-lamp 1\nboot \d+\npower_on [0-2]\nlight [01] \d+\n/;

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const newId = () => new Uint8Array(randomBytes(8));
const online = ({ st, dhash, vals }: DeviceDelta) =>
  st === STATUS.online && dhash !== undefined && vals?.has(PID.on) === true;

const build = await CBuild.configure('c-device', 'SWITCHYARD_DEVICE');
await build.build('switchyard-lamp');
const program = build.program('device/switchyard-lamp');

let hub: TestHub;
let secret: string;
let folder: LampFolder;

beforeAll(async () => {
  hub = await startTestHub();
  secret = (await hub.addDevices({ id: LAMP })).get(LAMP) as string;
});
afterAll(() => hub.close());

beforeEach(() => {
  folder = new LampFolder();
  folder.warm(21_530);
});
afterEach(() => folder.remove());

const start = () => LampProcess.start(program, folder, { hub, id: LAMP, secret });

/** The first message of a channel that `is` accepts, of those the lamp sent since the watcher came. */
function message<T>(
  watcher: TestClient,
  channel: UpChannel,
  decode: (payload: Uint8Array) => T,
  is: (message: T) => boolean,
): Promise<T> {
  return watcher.until((received) =>
    received
      .filter(({ topic }) => topic === upTopic('home', LAMP, channel))
      .map(({ payload }) => decode(payload))
      .find(is),
  );
}

describe('the device in C, at a hub', () => {
  let lamp: LampProcess;
  let operator: TestOperator;
  let watcher: TestClient;

  beforeEach(async () => {
    lamp = start();
    operator = await TestOperator.connect(hub);
    await lamp.says(/^connected to wss:/m);
    await operator.untilDevice(LAMP, online);
    watcher = await connectPerson(hub);
    await watcher.mqtt.subscribeAsync(`iot/1/home/${LAMP}/up/#`, { qos: 1 });
  });

  afterEach(async () => {
    await operator.client.end();
    await watcher.end();
    expect(await lamp.stop(), lamp.output).toBe(0);
  });

  const wish = (vals: [number, number][]) =>
    operator.client.mqtt.publishAsync(
      requestTopic('home', LAMP, 'desired'),
      Buffer.from(rqDesired.encode({ id: newId(), vals: new Map(vals) })),
      { qos: 1 },
    );

  test('describes itself', async () => {
    const description = await operator.client.until((received) =>
      received
        .filter(({ topic }) => topic === feedTopic('home', 'fleet'))
        .flatMap(({ payload }) => evFleet.decode(payload).descs ?? [])
        .map((payload) => desc.decode(payload))
        .find(({ model }) => model === 'c-lamp'),
    );
    expect(description.props.map(({ key }) => key)).toEqual([
      'on',
      'brightness',
      'temperature',
      'power_on',
      'button',
    ]);
    expect(description.acts?.map(({ pid }) => pid)).toEqual([IDENTIFY]);
  });

  test('is switched, acknowledges, and reports its new state', async () => {
    const id = newId();
    await operator.command(LAMP, {
      id,
      vals: new Map<number, boolean | number>([
        [PID.on, true],
        [PID.brightness, 40],
      ]),
      ttl: 10_000,
    });
    const done = await operator.untilCommand(id, COMMAND.done);
    expect([...(done.vals ?? [])]).toEqual([
      [PID.on, true],
      [PID.brightness, 40],
    ]);
    await operator.untilDevice(LAMP, ({ vals }) => vals?.get(PID.brightness) === 40);
    await lamp.says(/^light: on, 40 %$/m);
  });

  test('takes its time to identify itself, and is busy meanwhile', async () => {
    const [first, second] = [newId(), newId()];
    await operator.command(LAMP, { id: first, op: IDENTIFY, ttl: 10_000 });
    await operator.untilCommand(first, COMMAND.accepted);
    await lamp.says(/^light: blinking$/m);
    await operator.command(LAMP, { id: second, op: IDENTIFY, ttl: 10_000 });
    expect((await operator.untilCommand(second, COMMAND.rejected)).code).toBe(CODE.busy);
    await operator.untilCommand(first, COMMAND.done);
  });

  test('does what was asked for last of many commands that come at once, and what it does in order', async () => {
    const ids = Array.from({ length: 40 }, newId);
    await Promise.all(
      ids.map((id, level) =>
        operator.command(LAMP, { id, vals: new Map([[PID.brightness, level + 1]]), ttl: 10_000 }),
      ),
    );
    const ends = await Promise.all(ids.map((id) => operator.untilCommand(id, ...OVER)));
    expect(ends.at(-1)).toMatchObject({ st: COMMAND.done });
    // While one is out, newer ones take the place of those that wait.
    for (const { st } of ends) expect([COMMAND.done, COMMAND.cancelled]).toContain(st);
    await operator.untilDevice(LAMP, ({ vals }) => vals?.get(PID.brightness) === ids.length);
    const done = ids.filter((_, at) => ends[at]?.st === COMMAND.done).map(hex);
    // A slow machine may be asked again and answer again; each command is carried out once all the same.
    const versions = await watcher.until((received) => {
      const acks = received.filter(({ topic }) => topic === upTopic('home', LAMP, 'ack'));
      const byId = new Map<string, Set<number | undefined>>();
      for (const { id, ver } of acks.map(({ payload }) => ack.decode(payload))) {
        byId.set(hex(id), (byId.get(hex(id)) ?? new Set()).add(ver));
      }
      return byId.size < done.length ? undefined : byId;
    });
    expect([...versions.keys()]).toEqual(done);
    const [[first] = []] = versions.values();
    const grown = done.map((_, at) => [((first ?? NaN) + at) % 2 ** 32]);
    expect([...versions.values()].map((told) => [...told])).toEqual(grown);
  });

  test('says of a command that has been overtaken that it was made for another state', async () => {
    const id = newId();
    await operator.command(LAMP, { id, vals: new Map([[PID.on, true]]), if: 4_000, ttl: 10_000 });
    const refused = await message(watcher, 'ack', ack.decode, ({ st }) => st === ACK.rejected);
    expect(Buffer.from(refused.id).equals(id)).toBe(true);
    expect(refused.code).toBe(CODE.precondition);
  });

  test('applies a desired document, and still has it after a restart', async () => {
    await wish([[PID.powerOn, 1]]);
    const applied = await operator.untilDevice(
      LAMP,
      ({ dver, wver, vals }) => wver !== undefined && dver === wver && vals?.get(PID.powerOn) === 1,
    );
    const before = await message(watcher, 'status', status.decode, ({ st }) => st === STATUS.online);
    expect(await lamp.stop(), lamp.output).toBe(0);
    lamp = start();
    await lamp.says(/^light: on, 100 %$/m);
    const after = await message(
      watcher,
      'status',
      status.decode,
      ({ st, boot }) => st === STATUS.online && boot !== before.boot,
    );
    expect(after.boot).toBe((before.boot + 1) % 2 ** 32);
    const back = await operator.untilDevice(
      LAMP,
      ({ st, since = 0, vals }) =>
        st === STATUS.online && since > (applied.since ?? 0) && vals?.get(PID.on) === true,
    );
    expect(back.dver).toBe(applied.dver);
    expect(back.vals?.get(PID.powerOn)).toBe(1);
  });

  test('reports what its thermometer shows', async () => {
    await message(watcher, 'tele', tele.decode, ({ vals }) => vals?.get(PID.temperature) === 2_153);
    folder.warm(-7_250);
    await message(watcher, 'tele', tele.decode, ({ vals }) => vals?.get(PID.temperature) === -725);
    folder.write('temperature', 'broken');
    await message(watcher, 'tele', tele.decode, ({ vals }) => vals?.get(PID.temperature) === null);
  });

  test('tells of its button, and is switched by it', async () => {
    const before = operator.device(LAMP)?.vals?.get(PID.on);
    lamp.signal('SIGUSR2');
    await message(watcher, 'event', event.decode, ({ vals }) => vals.get(PID.button) === 1);
    expect(operator.device(LAMP)?.vals?.get(PID.on)).toBe(before);
    lamp.signal('SIGUSR1');
    await message(watcher, 'event', event.decode, ({ vals }) => vals.get(PID.button) === 0);
    await operator.untilDevice(LAMP, ({ vals }) => vals?.get(PID.on) === !before);
  });

  test('comes back when the hub does, in the same boot and a new session', async () => {
    const before = await message(watcher, 'status', status.decode, ({ st }) => st === STATUS.online);
    await watcher.end();
    await operator.client.end();
    await hub.restart();
    operator = await TestOperator.connect(hub);
    watcher = await connectPerson(hub);
    await watcher.mqtt.subscribeAsync(`iot/1/home/${LAMP}/up/#`, { qos: 1 });
    await operator.untilDevice(LAMP, online);
    const after = await message(
      watcher,
      'status',
      status.decode,
      ({ st, sess }) => st === STATUS.online && sess !== before.sess,
    );
    expect(after.boot).toBe(before.boot);
    expect(after.sess).toBeGreaterThan(before.sess);
    const id = newId();
    await operator.command(LAMP, { id, vals: new Map([[PID.brightness, 7]]), ttl: 10_000 });
    await operator.untilCommand(id, COMMAND.done);
    expect(lamp.output).toMatch(/the link to wss:\S+ broke; trying again/);
  });

  test('says good-bye when it is asked to end', async () => {
    expect(await lamp.stop(), lamp.output).toBe(0);
    const gone = await operator.untilDevice(LAMP, ({ st }) => st === STATUS.bye);
    expect(gone.st).toBe(STATUS.bye);
  });

  test('is lost when it dies, by the will that it left', async () => {
    await lamp.stop('SIGKILL');
    await operator.untilDevice(LAMP, ({ st }) => st === STATUS.lost);
    await message(watcher, 'status', status.decode, ({ st }) => st === STATUS.lost);
    lamp = start();
    await lamp.says(/^connected to wss:/m);
  });
});

describe('the device in C says what is wrong, and what to do', () => {
  /** Runs until it has said something on what keeps it from connecting. */
  async function complaint(settings: { secret?: string; ca?: string; url?: string }): Promise<string> {
    const lamp = LampProcess.start(program, folder, { hub, id: LAMP, secret, ...settings });
    await lamp.says(/trying again/);
    expect(await lamp.stop(), lamp.output).toBe(0);
    expect(lamp.output).not.toMatch(/^connected/m);
    return lamp.output;
  }

  test('of an authority that is not the hub’s', async () => {
    const other = await startTestHub();
    expect(await complaint({ ca: other.ca })).toMatch(/certificate of wss:\S+ is not trusted.*--ca/);
    await other.close();
  });

  test('of a name that the certificate does not have', async () => {
    const url = hub.wss.replace('localhost', '127.0.0.2');
    expect(await complaint({ url })).toMatch(/certificate is for another name .*check --url/);
  });

  test('of a secret that is not right', async () => {
    expect(await complaint({ secret: 'x'.repeat(43) })).toMatch(
      /refuses the credentials of c-lamp: check its secret/,
    );
  });

  test('of a hub that is not there', async () => {
    expect(await complaint({ url: 'wss://localhost:9/mqtt' })).toMatch(/no hub at wss:\S+, .*check --url/);
  });

  test.each([
    ['no URL', ['--device', 'x'], 64, /--url/],
    ['an URL without TLS', ['--device', 'x', '--url', 'ws://localhost/mqtt'], 64, /must begin with wss/],
    ['no device', ['--url', 'wss://localhost/mqtt'], 64, /--device/],
    ['a device that is no id', ['--url', 'wss://localhost/mqtt', '--device', 'My Lamp'], 64, /is no id/],
    ['no secret', ['--url', 'wss://localhost/mqtt', '--device', 'x'], 64, /SWITCHYARD_SECRET/],
    ['an unknown option', ['--password', 'x'], 64, /--help/],
    ['an interval that is none', ['--url', 'wss://x/mqtt', '--device', 'x', '--interval', '1s'], 64, /0\.1/],
    [
      'an authority that is not there',
      ['--url', 'wss://x/mqtt', '--device', 'x', '--ca', '/none'],
      66,
      /--ca/,
    ],
  ] as const)('of %s', async (_what, args, code, said) => {
    const lamp = new LampProcess(program, args, { SWITCHYARD_SECRET: '' });
    expect(await lamp.ended()).toBe(code);
    expect(lamp.output).toMatch(said);
  });

  test('of a state that it cannot keep', async () => {
    const state = join(folder.write('file', ''), 'state');
    const args = ['--url', 'wss://localhost/mqtt', '--device', 'x', '--state', state];
    const lamp = new LampProcess(program, args, { SWITCHYARD_SECRET: 'x' });
    expect(await lamp.ended()).toBe(73);
    expect(lamp.output).toMatch(/--state/);
  });

  test('of a file that it cannot replace with its state', async () => {
    const path = folder.occupy(`home.${LAMP}.state`);
    const lamp = LampProcess.start(program, folder, { hub, id: LAMP, secret });
    expect(await lamp.ended()).toBe(73);
    expect(lamp.output).toMatch(`cannot read ${path} (`);
    expect(lamp.output).toMatch(/cannot write .*--state/);
  });

  test.each([
    ['is empty', () => ''],
    ['ends too soon', (text: string) => text.slice(0, text.indexOf('light'))],
    ['has a boot that is none', (text: string) => text.replace(/\d+\n/, 'x\n')],
    ['has an error twice', (text: string) => `${text}err 1 3\nerr 1 3\n`],
    ['is too long', (text: string) => text + '\n'.repeat(4096)],
  ])('of a state that %s, and begins anew', async (_what, damage) => {
    const path = join(folder.state, `home.${LAMP}.state`);
    const first = LampProcess.start(program, folder, { hub, id: LAMP, secret });
    await first.says(/^connected/m);
    expect(await first.stop(), first.output).toBe(0);
    const before = readFileSync(path, 'utf8');
    expect(before).toMatch(WHOLE_STATE);
    writeFileSync(path, damage(before));
    const second = LampProcess.start(program, folder, { hub, id: LAMP, secret });
    await second.says(/^connected/m);
    expect(await second.stop(), second.output).toBe(0);
    expect(second.output).toMatch(/home\.c-lamp\.state is no state of a lamp: beginning anew/);
    const after = readFileSync(path, 'utf8');
    expect(after).toMatch(WHOLE_STATE);
    const boot = (text: string) => Number(/^boot (\d+)$/m.exec(text)?.[1]);
    expect([0, 1, boot(before), (boot(before) + 1) % 2 ** 32]).not.toContain(boot(after));
  });

  test('and explains itself', async () => {
    const lamp = new LampProcess(program, ['--help'], {});
    expect(await lamp.ended()).toBe(0);
    expect(lamp.output).toMatch(/--secret-file FILE/);
  });
});
