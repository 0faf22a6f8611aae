import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { AccessWatch, type Whom } from '#broker/access-watch.ts';
import { KEYS_FILE, HubKeys } from '#broker/auth/keys.ts';
import type { Principal } from '#broker/auth/principal.ts';
import type { MqttBroker } from '#broker/mqtt/broker.ts';
import type { Owner } from '#broker/mqtt/session/kept-session.ts';
import { DataFolder } from '#broker/config/data-folder.ts';
import { createLog } from '#broker/log/log.ts';
import { SqliteStore } from '#broker/store/sqlite/sqlite-store.ts';
import type { Store } from '#broker/store/store.ts';
import { BenchStore } from './fleet/bench-store.ts';
import { device, START, values } from './fleet/builders.ts';
import { FleetBench } from './fleet/fleet-bench.ts';
import { ada, bytes, credential, deed, nodeRed, session } from './store/records.ts';
import { temporaryFolder } from './temporary-folder.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

/** Those who are there, and why whose link was ended. */
class Links {
  readonly ended: [who: string, reason: string][] = [];
  /** Whose sessions are kept while they are away, and what they were held to. */
  readonly owners = new Set<Owner>();
  readonly held: Parameters<MqttBroker['holdSessions']>[] = [];
  readonly #open = new Map<Principal, string>();

  open(name: string, principal: Principal): Principal {
    this.#open.set(principal, name);
    return principal;
  }

  present(whom?: Whom): Principal[] {
    const isMeant = ({ kind, id }: Principal): boolean => !whom || (kind === whom.kind && id === whom.id);
    return [...this.#open.keys()].filter(isMeant);
  }

  dismiss(reasonFor: (principal: Principal) => string | undefined): void {
    for (const [principal, name] of [...this.#open]) {
      const reason = reasonFor(principal);
      if (reason === undefined) continue;
      this.#open.delete(principal);
      this.ended.push([name, reason]);
    }
  }

  sessionOwners(): ReadonlySet<Owner> {
    return new Set(this.owners);
  }

  holdSessions(...args: Parameters<MqttBroker['holdSessions']>): void {
    this.held.push(args);
  }
}

/** A hub's watch, its store, and the same store as another process sees it. */
class Bench {
  readonly store: BenchStore;
  readonly other: SqliteStore;
  readonly fleet: FleetBench;
  readonly folder: DataFolder;
  readonly keys: HubKeys;
  readonly links = new Links();
  readonly watch: AccessWatch;

  private constructor(store: BenchStore, other: SqliteStore, folder: DataFolder, keys: HubKeys) {
    this.store = store;
    this.other = other;
    this.fleet = new FleetBench(store);
    this.folder = folder;
    this.keys = keys;
    const { fleet } = this.fleet;
    const now = (): number => this.fleet.now;
    this.watch = new AccessWatch({
      tenant: 'home',
      store,
      keys,
      fleet,
      links: this.links,
      log: createLog('silent'),
      now,
    });
    onTestFinished(() => this.watch.stop());
  }

  /** @param prepare what is stored before the hub starts */
  static async with(prepare: (store: BenchStore) => Promise<BenchStore | void>): Promise<Bench> {
    const file = join(temporaryFolder(), 'store.db');
    const before = new BenchStore(new SqliteStore(file));
    const store = (await prepare(before)) ?? before;
    const other = new SqliteStore(file);
    onTestFinished(async () => {
      await other.close();
      await store.close();
    });
    const folder = new DataFolder(temporaryFolder());
    return new Bench(store, other, folder, await HubKeys.load(folder, START));
  }

  async start(): Promise<void> {
    await this.watch.load(this.fleet.now);
    this.watch.begin();
  }

  /** A second passes, and what comes of it is done. */
  async second(): Promise<void> {
    vi.advanceTimersByTime(1_000);
    await this.fleet.pass(1_000);
  }

  get devices(): string[] {
    return [...this.fleet.fleet.devices()].map(({ id }) => id);
  }
}

const registered = (id: string) => ({ ...credential, device: id });
const principal = {
  lamp: { kind: 'device', tenant: 'home', id: 'lamp', generation: 1 },
  plug: { kind: 'device', tenant: 'home', id: 'plug', generation: 1 },
  ada1: { kind: 'person', tenant: 'home', id: 'ada', role: 'operator', sid: 'a1', expiresAt: 0 },
  ada2: { kind: 'person', tenant: 'home', id: 'ada', role: 'operator', sid: 'a2', expiresAt: 0 },
  bob: { kind: 'person', tenant: 'home', id: 'bob', role: 'admin', sid: 'b', expiresAt: 0 },
  nodeRed: { ...nodeRed, kind: 'service', tenant: 'home', expiresAt: undefined },
  script: { ...nodeRed, kind: 'service', tenant: 'home', id: 'script', expiresAt: undefined },
} as const satisfies Record<string, Principal>;

/** Everybody is registered and has links. */
async function everybodyThere(): Promise<Bench> {
  const bench = await Bench.with(async (store) => {
    await store.createDevices([device('lamp'), device('plug')], ['lamp', 'plug'].map(registered));
    await store.createPerson(ada);
    await store.createPerson({ ...ada, id: 'bob', role: 'admin' });
    for (const [sid, person] of [
      ['a1', 'ada'],
      ['a2', 'ada'],
      ['b', 'bob'],
    ] as const) {
      await store.createSession({ ...session, sid, person, hash: new TextEncoder().encode(sid) });
    }
    await store.createService(nodeRed);
    await store.createService({ ...nodeRed, id: 'script' });
    await store.saveSignInCode({ hash: bytes(1), person: 'ada', expiresAt: 2 ** 42, createdBy: '@hub' });
  });
  for (const [name, who] of Object.entries(principal)) bench.links.open(name, who);
  await bench.start();
  return bench;
}

describe('the registry', () => {
  /** One lamp, of which something is wanted. */
  const withLamp = (): Promise<Bench> =>
    Bench.with(async (store) => {
      const before = new FleetBench(store);
      await store.createDevices([device('lamp')]);
      await before.fleet.load(before.now);
      await before.online();
      await before.desire({ 3: 10 });
      return store.kill();
    });

  test('that another process changes is taken up within a second, until the watch is stopped', async () => {
    const bench = await withLamp();
    await bench.start();
    await bench.other.createDevices([device('plug')]);
    await bench.second();
    expect(bench.devices).toEqual(['lamp', 'plug']);
    await bench.other.removeDevice('lamp');
    await bench.second();
    expect(bench.devices).toEqual(['plug']);
    expect(bench.fleet.dropped).toEqual(['lamp']);
    await bench.watch.stop();
    await bench.other.createDevices([device('later')]);
    await bench.second();
    expect(bench.devices).toEqual(['plug']);
  });

  test('that this process changes is taken up where the watch is told', async () => {
    const bench = await withLamp();
    await bench.start();
    await bench.store.createDevices([device('plug')]);
    await bench.second();
    expect(bench.devices).toEqual(['lamp']);
    await bench.watch.registryChanged();
    expect(bench.devices).toEqual(['lamp', 'plug']);
  });

  test('that changes while the fleet is loaded overwrites nothing that is stored, and is taken up after it', async () => {
    const bench = await withLamp();
    const { fleet } = bench.fleet;
    const load = fleet.load.bind(fleet);
    // Another process writes in the middle of a load that takes several seconds.
    vi.spyOn(fleet, 'load').mockImplementation(async (now) => {
      await bench.other.createDevices([device('plug')]);
      await bench.second();
      await bench.second();
      await load(now);
    });
    await bench.start();
    await bench.second();
    expect(bench.fleet.told()?.want).toEqual(values({ 3: 10 }));
    expect(bench.devices).toEqual(['lamp', 'plug']);
    const stored = (await bench.store.twins()).find((twin) => twin.device === 'lamp');
    expect(stored?.desired).not.toBeNull();
  });

  test('that changes once the fleet has read it is taken up all the same', async () => {
    const bench = await withLamp();
    const { fleet } = bench.fleet;
    const load = fleet.load.bind(fleet);
    vi.spyOn(fleet, 'load').mockImplementation(async (now) => {
      await load(now);
      await bench.other.createDevices([device('plug')]);
    });
    await bench.start();
    expect(bench.devices).toEqual(['lamp']);
    await bench.second();
    expect(bench.devices).toEqual(['lamp', 'plug']);
  });

  test('has no room for a device that was removed while it was let in', async () => {
    const bench = await everybodyThere();
    const late = { ...principal.lamp };
    const record = device('lamp');
    const asOf = bench.watch.count;
    await bench.store.removeDevice('lamp');
    await bench.watch.registryChanged();
    // What its credentials were held to is older than this: it is introduced, and let in.
    bench.fleet.fleet.introduced(record);
    bench.links.open('late', late);
    expect(bench.watch.count).not.toBe(asOf);
    bench.watch.lookAgain(late, asOf);
    await bench.second();
    expect(bench.links.ended).toContainEqual(['late', 'this device was removed']);
    expect(bench.devices).toEqual(['plug']);
  });
});

describe('a change ends the links that it is about, and no others', () => {
  const removed = 'this person was removed';
  const ended = 'the session has ended';
  const credentialChanged = 'its credential was replaced or revoked';
  const grantsChanged = 'its token or its grants were changed';
  const none = { secretMac: null, publicKey: null, changedAt: 0 };

  const changes: [string, Whom, (store: Store) => Promise<unknown>, [string, string][]][] = [
    [
      'a role',
      principal.ada1,
      (store) => store.changePerson('ada', { role: 'viewer' }),
      [
        ['ada1', 'the role is viewer now'],
        ['ada2', 'the role is viewer now'],
      ],
    ],
    ['a name', principal.ada1, (store) => store.changePerson('ada', { name: 'Ada L.' }), []],
    ['a session', principal.ada1, (store) => store.removeSession('ada', 'a1'), [['ada1', ended]]],
    [
      'all sessions but one',
      principal.ada1,
      (store) => store.removeSessionsOf('ada', 'a1'),
      [['ada2', ended]],
    ],
    [
      'a password by a link',
      principal.ada1,
      (store) => store.useSignInCode(bytes(1), '$', 0),
      [
        ['ada1', ended],
        ['ada2', ended],
      ],
    ],
    ['a renewal', principal.ada1, (store) => store.renewSession('a1', session), []],
    [
      'a person who goes',
      principal.ada1,
      (store) => store.removePerson('ada'),
      [
        ['ada1', removed],
        ['ada2', removed],
      ],
    ],
    [
      'what a service may',
      principal.nodeRed,
      (store) => store.changeService(nodeRed.id, { publish: [] }),
      [['nodeRed', grantsChanged]],
    ],
    [
      'a service that is barred',
      principal.nodeRed,
      (store) => store.changeService(nodeRed.id, { disabled: 1 }),
      [['nodeRed', 'this service was disabled']],
    ],
    [
      'what a service is called',
      principal.nodeRed,
      (store) => store.changeService(nodeRed.id, { name: 'Flows' }),
      [],
    ],
    [
      'a service that goes',
      principal.nodeRed,
      (store) => store.removeService(nodeRed.id),
      [['nodeRed', 'this service was removed']],
    ],
    [
      'another secret',
      principal.lamp,
      (store) => store.changeCredential('lamp', { credential: { ...none, secretMac: bytes(1) } }),
      [['lamp', credentialChanged]],
    ],
    [
      'a revocation',
      principal.lamp,
      (store) => store.changeCredential('lamp', { credential: none }),
      [['lamp', credentialChanged]],
    ],
    [
      'a device that is barred',
      principal.lamp,
      (store) => store.changeCredential('lamp', { disabled: 1 }),
      [['lamp', 'this device was disabled']],
    ],
    ['what a device is called', principal.lamp, (store) => store.labelDevice('lamp', { name: 'Lamp' }), []],
    [
      'a device that goes',
      principal.lamp,
      (store) => store.removeDevice('lamp'),
      [['lamp', 'this device was removed']],
    ],
    [
      'a service that is made anew with its id',
      principal.nodeRed,
      async (store) => {
        await store.removeService(nodeRed.id);
        await store.createService({ ...nodeRed, createdAt: nodeRed.createdAt + 1 });
      },
      [['nodeRed', 'this service was removed']],
    ],
    ['an entry of the audit', principal.bob, (store) => store.saveAudit([deed]), []],
  ];

  test.each(changes)('by another process: %s', async (_what, _whom, change, expected) => {
    const bench = await everybodyThere();
    await change(bench.other);
    expect(bench.links.ended).toEqual([]);
    await bench.second();
    expect(bench.links.ended).toEqual(expected);
  });

  test.each(changes)('by this process, as soon as it is told: %s', async (_what, whom, change, expected) => {
    const bench = await everybodyThere();
    await change(bench.store);
    bench.watch.changed(whom);
    await bench.fleet.run();
    expect(bench.links.ended).toEqual(expected);
  });

  test('by this process, and nobody else is looked at', async () => {
    const bench = await everybodyThere();
    await bench.store.changeCredential('lamp', { disabled: 1 });
    await bench.store.removeService(nodeRed.id);
    bench.watch.changed({ kind: 'device', id: 'lamp' });
    await bench.fleet.run();
    expect(bench.links.ended).toEqual([['lamp', 'this device was disabled']]);
  });

  test('where nobody is there, nothing is looked up', async () => {
    const bench = await everybodyThere();
    const before = bench.store.done.length;
    bench.watch.changed({ kind: 'device', id: 'away' });
    await bench.fleet.run();
    expect(bench.store.done).toHaveLength(before);
  });
});

describe('sessions that services keep while they are away', () => {
  const owner: Owner = { name: '@script', createdAt: nodeRed.createdAt };

  /** Two services, one of which keeps a session, and nobody who is there. */
  async function keeping(): Promise<Bench> {
    const bench = await Bench.with(async (store) => {
      for (const id of ['script', 'other', 'barred']) await store.createService({ ...nodeRed, id });
      await store.changeService('barred', { disabled: 1 });
    });
    bench.links.owners.add(owner);
    await bench.start();
    return bench;
  }

  test.each<[string, (bench: Bench) => Promise<unknown>]>([
    [
      'this process has changed',
      async ({ store, watch }) => {
        await store.changeService('script', { subscribe: ['a/#'] });
        watch.changed({ kind: 'service', id: 'script' });
      },
    ],
    ['another process has changed', ({ other }) => other.changeService('script', { subscribe: ['a/#'] })],
  ])('are held to what %s, by who had one before it was looked up', async (_what, change) => {
    const bench = await keeping();
    await change(bench);
    await bench.second();
    expect(bench.links.held).toHaveLength(1);
    const [[owners, services]] = bench.links.held as [Parameters<MqttBroker['holdSessions']>];
    expect([...owners]).toEqual([owner]);
    expect(services.map(({ id, subscribe }) => [id, subscribe])).toEqual(
      expect.arrayContaining([
        ['other', ['#']],
        ['script', ['a/#']],
      ]),
    );
    expect(services).toHaveLength(2);
  });

  test('are not looked up where there are none, or for a person', async () => {
    const bench = await keeping();
    bench.watch.changed({ kind: 'person', id: 'ada' });
    bench.links.owners.clear();
    bench.watch.changed({ kind: 'service', id: 'script' });
    await bench.fleet.run();
    expect(bench.links.held).toEqual([]);
  });
});

describe('whoever is let in while access changes', () => {
  test.each<[string, (bench: Bench) => Promise<unknown>, boolean]>([
    ['somebody’s access has changed', async ({ watch }) => watch.changed(principal.bob), true],
    ['devices came or went', ({ watch }) => watch.registryChanged(), true],
    ['another process wrote', (bench) => bench.other.saveAudit([deed]).then(() => bench.second()), true],
    ['nothing was written', (bench) => bench.second(), false],
    ['somebody was looked at again', async ({ watch }) => watch.lookAgain(principal.bob, 0), false],
  ])('can tell where %s', async (_what, happen, isTold) => {
    const bench = await everybodyThere();
    const before = bench.watch.count;
    await happen(bench);
    await bench.fleet.run();
    expect(bench.watch.count !== before).toBe(isTold);
  });

  test('can tell before the first of it is looked up', async () => {
    const bench = await everybodyThere();
    const before = bench.watch.count;
    bench.store.hold();
    bench.watch.changed(principal.bob);
    expect(bench.watch.count).not.toBe(before);
    bench.store.letGo();
    await bench.fleet.run();
  });

  test('is looked at again, and loses the link that should not have been', async () => {
    const bench = await everybodyThere();
    await bench.store.changePerson('ada', { role: 'viewer' });
    const late = bench.links.open('late', { ...principal.ada1 });
    bench.watch.lookAgain(late, bench.watch.count);
    await bench.fleet.run();
    expect(bench.links.ended.map(([who]) => who)).toContain('late');
  });

  test('is not ended by a look that began before', async () => {
    const bench = await everybodyThere();
    bench.store.hold();
    bench.watch.changed({ kind: 'device', id: 'lamp' });
    // Nobody asked the store about these.
    bench.links.open('kettle', { ...principal.lamp, id: 'kettle' });
    bench.links.open('renewed', { ...principal.lamp, generation: 2 });
    bench.store.letGo();
    await bench.fleet.run();
    expect(bench.links.ended).toEqual([]);
  });
});

describe('while the store fails', () => {
  const outage = (bench: Bench): void => bench.store.breakDown('standings', 'people', 'devices');

  test('links stay, and what this process changed is made up for', async () => {
    const bench = await everybodyThere();
    await bench.store.changeCredential('lamp', { disabled: 1 });
    outage(bench);
    bench.watch.changed(principal.lamp);
    await bench.second();
    await bench.second();
    expect(bench.links.ended).toEqual([]);
    bench.store.mend();
    await bench.second();
    expect(bench.links.ended).toEqual([['lamp', 'this device was disabled']]);
  });

  test('links stay, and what another process changed is made up for', async () => {
    const bench = await everybodyThere();
    outage(bench);
    await bench.other.removeSession('ada', 'a1');
    await bench.second();
    expect(bench.links.ended).toEqual([]);
    bench.store.mend();
    await bench.second();
    expect(bench.links.ended).toEqual([['ada1', 'the session has ended']]);
  });

  test('whoever registered or removed a device is not told that it failed, and it is made up for', async () => {
    const bench = await everybodyThere();
    await bench.store.createDevices([device('kettle')]);
    outage(bench);
    await expect(bench.watch.registryChanged()).resolves.toBeUndefined();
    await bench.second();
    expect(bench.devices).toEqual(['lamp', 'plug']);
    bench.store.mend();
    await bench.second();
    expect(bench.devices).toEqual(['lamp', 'plug', 'kettle']);
  });

  test('it is made up for once', async () => {
    const bench = await everybodyThere();
    outage(bench);
    bench.watch.changed(principal.lamp);
    await bench.second();
    bench.store.mend();
    await bench.second();
    const before = bench.store.done.length;
    await bench.second();
    expect(bench.store.done.slice(before)).toEqual(['foreignVersion']);
  });
});

describe('looks', () => {
  test('do not overlap, however long the store takes', async () => {
    const bench = await everybodyThere();
    bench.store.hold();
    const before = bench.store.done.length;
    for (let n = 0; n < 5; n += 1) await bench.second();
    bench.store.letGo();
    await bench.fleet.run();
    expect(bench.store.done.slice(before)).toEqual(['foreignVersion']);
  });

  test('that are under way are waited for where the watch is stopped', async () => {
    const bench = await everybodyThere();
    await bench.other.removePerson('ada');
    bench.store.hold();
    await bench.second();
    const stopped = bench.watch.stop();
    bench.store.letGo();
    await stopped;
    expect(bench.links.ended.map(([who]) => who)).toEqual(['ada1', 'ada2']);
  });
});

describe('keys', () => {
  const people = ['ada1', 'ada2', 'bob'];
  const rotatedBy = async (bench: Bench, how: { atOnce?: boolean } = {}): Promise<HubKeys> => {
    const command = await HubKeys.load(bench.folder, bench.fleet.now);
    await command.rotate(bench.fleet.now, how);
    await bench.second();
    await vi.waitFor(() => expect(bench.keys.signing.kid).toBe(command.signing.kid));
    return command;
  };

  test('that another process rotated sign from then on, and links stay', async () => {
    const bench = await everybodyThere();
    await rotatedBy(bench);
    await bench.second();
    expect(bench.links.ended).toEqual([]);
  });

  test('that another process rotated at once end what was made with access tokens', async () => {
    const bench = await everybodyThere();
    await rotatedBy(bench, { atOnce: true });
    await vi.waitFor(() =>
      expect(bench.links.ended).toEqual(people.map((who) => [who, 'all access tokens were revoked'])),
    );
  });

  test('that were rotated at once end the link of whoever was let in meanwhile, and of nobody else', async () => {
    const bench = await everybodyThere();
    const asOf = bench.watch.count;
    await rotatedBy(bench, { atOnce: true });
    await vi.waitFor(() => expect(bench.watch.count).not.toBe(asOf));
    const early = bench.links.open('early', { ...principal.bob });
    const later = bench.links.open('later', { ...principal.bob });
    bench.watch.lookAgain(early, asOf);
    bench.watch.lookAgain(later, bench.watch.count);
    await bench.fleet.run();
    expect(bench.links.ended.slice(people.length)).toEqual([['early', 'all access tokens were revoked']]);
  });

  test('that are old are rotated by the hub itself', async () => {
    const bench = await everybodyThere();
    const { kid } = bench.keys.signing;
    bench.fleet.now += 91 * 86_400_000;
    await bench.second();
    await vi.waitFor(() => expect(bench.keys.signing.kid).not.toBe(kid));
    expect((await HubKeys.load(bench.folder)).signing.kid).toBe(bench.keys.signing.kid);
    expect(bench.links.ended).toEqual([]);
  });

  test.each<[string, (bench: Bench) => void]>([
    ['cannot be read', (bench) => writeFileSync(bench.folder.file(KEYS_FILE), 'damaged')],
    [
      'are old and cannot be written',
      (bench) => {
        bench.fleet.now += 91 * 86_400_000;
        vi.spyOn(bench.folder, 'write').mockImplementation(() => {
          throw new Error('disk full');
        });
      },
    ],
  ])('that %s keep nobody from being looked at', async (_what, fail) => {
    const bench = await everybodyThere();
    fail(bench);
    await bench.other.removePerson('ada');
    await bench.second();
    await vi.waitFor(() => expect(bench.links.ended.map(([who]) => who)).toEqual(['ada1', 'ada2']));
  });
});
