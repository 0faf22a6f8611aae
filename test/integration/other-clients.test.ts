import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { QoS } from 'mqtt-packet';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { CAPABILITIES, CLIENTS, type Capability } from '../clients/clients.ts';
import type { ConnectOptions, Make, OtherClient, Place, Shown } from '../clients/other-client.ts';
import { servePage } from '../clients/paho-browser/make.ts';
import type { PageServer } from '../clients/paho-browser/page-server.ts';
import { bringPair } from '../support/certificates.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { connect, type TestClient } from '../support/mqtt-client.ts';
import { makeService } from '../support/service.ts';

/** Every client of another make does everything that docs/clients.md says it can, over wss with the hub's CA. */

const folder = mkdtempSync(join(tmpdir(), 'switchyard-clients-'));
const OWN_CA = join(folder, 'ca.pem');
const OTHER_CA = join(folder, 'other-ca.pem');
const GUIDE = 'docs/clients.md';

const numbered = (count: number): string[] => Array.from({ length: count }, (_, at) => `m${at}`);
const payloads = ({ received }: Pick<OtherClient, 'received'>): string[] =>
  received.map(({ payload }) => payload);

let hub: TestHub;
let pages: PageServer;

beforeAll(async () => {
  pages = await servePage();
  hub = await startTestHub((settings) => ({ ...settings, origins: [pages.origin] }));
  writeFileSync(OWN_CA, hub.ca);
  writeFileSync(OTHER_CA, (await bringPair(['localhost'])).ca);
});
afterAll(async () => {
  await hub.close();
  await pages.close();
  rmSync(folder, { recursive: true });
});

describe.each(CLIENTS)('$name', ({ id, lacks, speaksMqtt5, showsFlags, make }) => {
  let ready: Make;
  let place: Place;
  /** MQTT.js, as the same service. */
  let witness: TestClient;
  const started: OtherClient[] = [];
  let count = 0;

  const topic = (last: string): string => `plant/${id}/${last}`;
  const flags = (qos: QoS, retain: boolean): Partial<Shown> => (showsFlags ? { qos, retain } : {});

  async function start(change: Partial<Place> = {}): Promise<OtherClient> {
    const client = await ready.start({ ...place, ...change });
    started.push(client);
    return client;
  }

  async function connected(options: Partial<ConnectOptions> = {}): Promise<OtherClient> {
    const client = await start();
    await client.connect({ clientId: `${id}-${(count += 1)}`, ...options });
    return client;
  }

  /** Another client's next subscription, and what it has got when a message behind it has come. */
  async function newcomer(filter: string, last: string): Promise<OtherClient> {
    const client = await connected();
    await client.subscribe(filter, 1);
    await client.publish({ topic: last, payloads: ['end'], qos: 1 });
    await client.until('end');
    return client;
  }

  beforeAll(async () => {
    ready = await make(pages);
    const { username = '', password = '' } = await makeService(hub, id);
    place = { url: hub.wss, ca: OWN_CA, username, password: password.toString() };
    witness = await connect(hub, { username, password: place.password, clientId: 'witness' });
  });
  afterEach(async () => {
    for (const client of started.splice(0)) await client.cut();
  });
  afterAll(async () => {
    await witness.end();
    await ready.close();
  });

  test('connects with its token, and not with another', async () => {
    await connected();
    const stranger = await start({ password: 'another' });
    await expect(stranger.connect({ clientId: 'stranger' })).rejects.toThrow();
    await hub.log.line(new RegExp(`^refused a CONNECT from \\S+ as "@${id}"`));
  });

  test('connects to nobody whose authority it does not know', async () => {
    const client = await start({ ca: OTHER_CA });
    await expect(client.connect({ clientId: 'wary' })).rejects.toThrow();
  });

  if (speaksMqtt5) {
    test('is refused when it speaks MQTT 5, and the log says why', async () => {
      const why = /it speaks MQTT 5: connect with MQTT 3\.1\.1/;
      const before = hub.log.lines.filter((line) => why.test(line)).length;
      const client = await start();
      await expect(client.connect({ clientId: 'modern', protocolVersion: 5 })).rejects.toThrow();
      await hub.log.line(why, before + 1);
    });
  }

  /** Each message back once, in order, as it was sent. */
  async function echoes(qos: QoS): Promise<void> {
    const at = topic(`qos-${qos}`);
    const client = await connected();
    await client.subscribe(at, qos);
    await client.publish({ topic: at, payloads: [...numbered(20), 'end'], qos });
    await client.until('end');
    const sent = [...numbered(20), 'end'];
    expect(client.received).toEqual(sent.map((payload) => ({ topic: at, payload, ...flags(qos, false) })));
  }

  const DEEDS: Readonly<Record<Capability, () => Promise<void>>> = {
    'QoS 0': () => echoes(0),
    'QoS 1': () => echoes(1),
    'QoS 2': () => echoes(2),

    async unsubscribe() {
      const client = await connected();
      await client.subscribe(topic('no-longer'), 1);
      await client.subscribe(topic('still'), 1);
      await client.unsubscribe(topic('no-longer'));
      await client.publish({ topic: topic('no-longer'), payloads: ['unheard'], qos: 1 });
      await client.publish({ topic: topic('still'), payloads: ['end'], qos: 1 });
      await client.until('end');
      expect(payloads(client)).toEqual(['end']);
    },

    async retained() {
      const [kept, last] = [topic('shelf/kept'), topic('shelf/last')];
      const client = await connected();
      await client.publish({ topic: kept, payloads: ['kept'], qos: 1, retain: true });
      const first = await newcomer(topic('shelf/#'), last);
      expect(first.received).toEqual([
        { topic: kept, payload: 'kept', ...flags(1, true) },
        { topic: last, payload: 'end', ...flags(1, false) },
      ]);
      await client.publish({ topic: kept, payloads: [''], qos: 1, retain: true });
      const second = await newcomer(topic('shelf/#'), last);
      expect(payloads(second)).toEqual(['end']);
    },

    async will() {
      const will = { topic: topic('will'), payload: 'it is gone', qos: 1 } as const;
      await witness.mqtt.subscribeAsync(will.topic, { qos: 1 });
      const client = await connected({ will });
      await client.subscribe(topic('anything'), 0);
      await client.cut();
      const message = await witness.until((received) => received.find((one) => one.topic === will.topic));
      expect([message.payload.toString(), message.qos]).toEqual([will.payload, will.qos]);
    },

    async 'kept session'() {
      const keeper = { clientId: `${id}-keeper`, clean: false };
      const before = await connected(keeper);
      await before.subscribe(topic('missed'), 1);
      await before.disconnect();
      await hub.log.line(new RegExp(`^@${id} disconnected`));
      const missed = [...numbered(20), 'end'];
      for (const payload of missed) await witness.mqtt.publishAsync(topic('missed'), payload, { qos: 1 });

      const after = await start();
      const present = await after.connect(keeper);
      if (present === undefined) await after.subscribe(topic('missed'), 1);
      await after.until('end');
      expect([present ?? true, payloads(after)]).toEqual([true, missed]);
    },
  };

  test.each(CAPABILITIES.filter((capability) => !lacks.includes(capability)))('%s', async (capability) => {
    await DEEDS[capability]();
  });
});

test(`what each can do is what ${GUIDE} says`, () => {
  const [, table = ''] = /((?:^\| client .*\n)(?:^\|.*\n)+)/m.exec(readFileSync(GUIDE, 'utf8')) ?? [];
  const [columns, , ...rows] = table.split('\n').map((line) => line.split(/ *\| */).slice(1, -1));
  expect(columns).toEqual(['client', ...CAPABILITIES]);
  expect(rows.filter((row) => row.length > 0)).toEqual(
    CLIENTS.map(({ name, lacks }) => [
      name,
      ...CAPABILITIES.map((capability) => (lacks.includes(capability) ? 'no' : 'yes')),
    ]),
  );
});
