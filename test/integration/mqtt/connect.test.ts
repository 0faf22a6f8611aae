import { generate } from 'mqtt-packet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestHub, type TestHub } from '../../support/hub.ts';
import { connectBytes, CONNECT_FLAG, field, packetBytes, uint16 } from '../../support/mqtt-bytes.ts';
import { connectPacket, publishPacket, RawClient } from '../../support/raw-client.ts';
import { makeService, type Credentials } from '../../support/service.ts';

let hub: TestHub;
let service: Credentials;

beforeAll(async () => {
  hub = await startTestHub();
  service = await makeService(hub, 'talker');
});
afterAll(() => hub.close());

const connect = (options: Parameters<typeof RawClient.connect>[1] = {}): Promise<RawClient> =>
  RawClient.connect(hub, { ...service, ...options });

const BROKEN = 1002;
const REFUSED = 1008;
const { reserved, cleanSession, will, willQos1, willQos2, willRetain, userName, password } = CONNECT_FLAG;

/** Fields of a payload, in which `name` and `secret` stand for the credentials of the service. */
const payloadOf = (fields: readonly (string | Uint8Array)[]): Buffer[] =>
  fields.map((content) => {
    if (content === 'name') return field(service.username ?? '');
    return field(content === 'secret' ? (service.password ?? '') : content);
  });

const SIGNED_IN = cleanSession | userName | password;
const PLAIN = ['me', 'name', 'secret'];
const WITH_WILL = ['me', 'will/me', 'gone', 'name', 'secret'];

describe('the first packet', () => {
  test.each([
    ['PUBLISH', packetBytes(0x30, field('plant/a'))],
    ['PUBACK', packetBytes(0x40, uint16(1))],
    ['PUBREL', packetBytes(0x62, uint16(1))],
    ['SUBSCRIBE', packetBytes(0x82, uint16(1), field('plant/a'), Buffer.from([0]))],
    ['PINGREQ', packetBytes(0xc0)],
    ['DISCONNECT', packetBytes(0xe0)],
  ])('[MQTT-3.1.0-1] is a CONNECT, or the link ends: %s', async (_what, bytes) => {
    const client = await RawClient.open(hub);
    expect((await client.endedBy(bytes)).code).toBe(BROKEN);
    expect(client.packets).toEqual([]);
  });
});

test('[MQTT-3.1.0-2] a second CONNECT ends the link', async () => {
  const client = await connect();
  expect((await client.endedBy(connectPacket(service))).code).toBe(BROKEN);
  expect(client.packets.filter(({ cmd }) => cmd === 'connack')).toHaveLength(1);
});

describe('[MQTT-3.1.4-1] [MQTT-3.2.2-6] a CONNECT that breaks a rule ends the link without a CONNACK', () => {
  const RULES: [string, number, readonly (string | Uint8Array)[]][] = [
    ['its reserved flag is set [MQTT-3.1.2-3]', SIGNED_IN | reserved, PLAIN],
    ['it has the flag of a will, and no will [MQTT-3.1.2-9]', SIGNED_IN | will, PLAIN],
    ['it has a will without its flag [MQTT-3.1.2-11]', SIGNED_IN, WITH_WILL],
    ['it has the QoS of a will, and no will [MQTT-3.1.2-13]', SIGNED_IN | willQos1, PLAIN],
    ['its will has QoS 3 [MQTT-3.1.2-14]', SIGNED_IN | will | willQos1 | willQos2, WITH_WILL],
    ['it retains a will, and has none [MQTT-3.1.2-15]', SIGNED_IN | willRetain, PLAIN],
    ['it has a user name without its flag [MQTT-3.1.2-18]', cleanSession, ['me', 'name']],
    ['it has the flag of a user name, and none [MQTT-3.1.2-19]', cleanSession | userName, ['me']],
    ['it has a password without its flag [MQTT-3.1.2-20]', cleanSession | userName, PLAIN],
    ['it has the flag of a password, and none [MQTT-3.1.2-21]', SIGNED_IN, ['me', 'name']],
    ['it has a password and no user name [MQTT-3.1.2-22]', cleanSession | password, ['me', 'secret']],
    ['it has no client id [MQTT-3.1.3-3]', cleanSession, []],
    ['its will is for an empty topic [MQTT-4.7.3-1]', SIGNED_IN | will, WITH_WILL.with(1, '')],
    ['its will is for a wildcard [MQTT-4.7.1-1]', SIGNED_IN | will, WITH_WILL.with(1, 'will/+')],
    ['something follows its last field', SIGNED_IN, [...PLAIN, '']],
  ];

  test.each(RULES)('where %s', async (_what, flags, fields) => {
    const client = await RawClient.open(hub);
    expect((await client.endedBy(connectBytes({ flags, payload: payloadOf(fields) }))).code).toBe(BROKEN);
    expect(client.packets).toEqual([]);
  });

  test.each(['MQTTX', 'MQT', 'mqtt', '', 'AMQP'])(
    'where its protocol name is not MQTT [MQTT-3.1.2-1]: "%s"',
    async (protocolName) => {
      const client = await RawClient.open(hub);
      expect(
        (await client.endedBy(connectBytes({ protocolName, flags: SIGNED_IN, payload: payloadOf(PLAIN) })))
          .code,
      ).toBe(BROKEN);
      expect(client.packets).toEqual([]);
    },
  );

  test('and one that breaks none is accepted: it is not the rest of them [MQTT-3.1.4-4]', async () => {
    const client = await RawClient.open(hub);
    client.send(connectBytes({ flags: SIGNED_IN, payload: payloadOf(PLAIN) }));
    await client.next('connack');
    expect([...Buffer.concat(client.frames)]).toEqual([0x20, 2, 0, 0]);
  });
});

describe('a protocol level', () => {
  test.each([0, 1, 2, 3, 5, 6, 0x84, 255])(
    '[MQTT-3.1.2-2] that the hub does not speak is answered with return code 1: %i',
    async (level) => {
      const client = await RawClient.open(hub);
      client.send(connectBytes({ level, flags: SIGNED_IN, payload: payloadOf(PLAIN) }));
      expect((await client.closed).code).toBe(REFUSED);
      expect([...Buffer.concat(client.frames)]).toEqual([0x20, 2, 0, 1]);
    },
  );

  test('[MQTT-3.1.2-2] of MQTT 5 is answered so too with what only MQTT 5 has in its CONNECT', async () => {
    const client = await RawClient.open(hub);
    const properties = { sessionExpiryInterval: 60, receiveMaximum: 10 };
    client.send(
      generate({ ...connectPacket(service), protocolVersion: 5, properties }, {
        protocolVersion: 5,
      } as object),
    );
    expect((await client.closed).code).toBe(REFUSED);
    expect([...Buffer.concat(client.frames)]).toEqual([0x20, 2, 0, 1]);
  });
});

test('[MQTT-3.1.3-1] the fields of a CONNECT are read in the order of the standard', async () => {
  const watcher = await connect();
  await watcher.subscribe(0, 'will/#');
  const client = await RawClient.open(hub);
  client.send(connectBytes({ flags: SIGNED_IN | will, payload: payloadOf(WITH_WILL) }));
  expect(await client.next('connack')).toMatchObject({ returnCode: 0 });
  await client.drop();
  const { topic, payload } = await watcher.next('publish');
  expect([topic, String(payload)]).toEqual(['will/me', 'gone']);
});

describe('a client id', () => {
  const ALLOWED = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

  test('[MQTT-3.1.3-5] of 1 to 23 letters and digits is accepted, whichever they are', async () => {
    const ids = [
      '0',
      'z',
      'A',
      ...[0, 23, ALLOWED.length - 23].map((from) => ALLOWED.slice(from, from + 23)),
    ];
    const codes = ids.map(async (clientId) => {
      const client = await RawClient.open(hub);
      client.send(connectPacket({ ...service, clientId }));
      const { returnCode } = await client.next('connack');
      await client.drop();
      return returnCode;
    });
    expect(new Set(await Promise.all(codes))).toEqual(new Set([0]));
  });

  test('[MQTT-3.1.3-6] that is empty is a new one each time: clients without one do not meet', async () => {
    const first = await connect({ clientId: '' });
    const second = await connect({ clientId: '' });
    await Promise.all([first.settled(), second.settled()]);
  });

  test('[MQTT-3.1.3-8] [MQTT-3.1.3-7] that is empty, of a session that is to be kept, is refused with return code 2', async () => {
    const client = await RawClient.open(hub);
    client.send(connectBytes({ flags: userName | password, payload: payloadOf(['', 'name', 'secret']) }));
    expect(await client.closed).toEqual({
      code: REFUSED,
      reason: 'a session that is kept needs a client id [MQTT-3.1.3-8]',
    });
    expect([...Buffer.concat(client.frames)]).toEqual([0x20, 2, 0, 2]);
  });

  test.each([
    ['too long', 'x'.repeat(129)],
    ['with control characters', 'a\u0007b'],
  ])(
    '[MQTT-3.1.3-9] that the hub does not take is refused with return code 2: %s',
    async (_what, clientId) => {
      const client = await RawClient.open(hub);
      client.send(connectPacket({ ...service, clientId }));
      expect((await client.closed).code).toBe(REFUSED);
      expect([...Buffer.concat(client.frames)]).toEqual([0x20, 2, 0, 2]);
      await hub.log.line(/as "@talker": .*client id/);
    },
  );
});

test('[MQTT-3.1.4-5] what follows a CONNECT that is refused is not looked at', async () => {
  const watcher = await connect();
  await watcher.subscribe(0, 'behind/#');
  const refused = await RawClient.open(hub);
  refused.send([
    connectPacket({ ...service, clientId: 'x'.repeat(129) }),
    publishPacket('behind/a', ''),
    { cmd: 'pingreq' },
  ]);
  await refused.closed;
  expect(refused.packets.map(({ cmd }) => cmd)).toEqual(['connack']);
  const admitted = await RawClient.open(hub);
  admitted.send([connectPacket({ ...service }), publishPacket('behind/b', '')]);
  await watcher.next('publish');
  expect(watcher.publishes().map(({ topic }) => topic)).toEqual(['behind/b']);
});
