import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ACK, BATCH, COMMAND } from '#firmware-protocol';
import { backup } from '#broker/commands/backup.ts';
import { check } from '#broker/commands/check.ts';
import { createDevices } from '#broker/commands/devices.ts';
import { withStore } from '#broker/commands/open-store.ts';
import { restore } from '#broker/commands/restore.ts';
import { DataFolder } from '#broker/config/data-folder.ts';
import { lockFolder } from '#broker/config/folder-lock.ts';
import { SqliteStore, STORE_FILE } from '#broker/store/sqlite/sqlite-store.ts';
import { BenchStore } from '../unit/broker/fleet/bench-store.ts';
import { FleetBench } from '../unit/broker/fleet/fleet-bench.ts';
import { batch, command, NOW } from '../unit/broker/store/records.ts';
import { startErrorOf } from '../unit/broker/start-errors.ts';
import { temporaryFolder } from '../unit/broker/temporary-folder.ts';
import { smallDisk } from './store-disk.ts';

const silent = (): void => undefined;
const TIME = Date.UTC(2027, 1, 22, 20, 30);

/** A data folder with devices of these ids, a history, and settings. */
async function dataFolder(...ids: string[]): Promise<string> {
  const data = join(temporaryFolder(), 'data');
  const devices = ids.map((id) => ({ id, tags: ['a'] }));
  await withStore({ data }, (context) => createDevices(context, devices, NOW), { mayMake: true });
  const history = new DatabaseSync(join(data, 'history.db'));
  history.exec(`CREATE TABLE sample (x); INSERT INTO sample VALUES ('${ids.join()}')`);
  history.close();
  writeFileSync(join(data, 'switchyard.toml'), `names = ["${ids[0]}.example"]\n`);
  return data;
}

const backUp = (data: string, to: string): Promise<void> =>
  withStore({ data }, (context) => backup(context, to, silent, TIME));

const devicesIn = (data: string): Promise<string[]> =>
  withStore({ data }, async ({ store }) => (await store.devices()).map(({ id }) => id));

function historyIn(data: string): unknown {
  const db = new DatabaseSync(join(data, 'history.db'), { readOnly: true });
  const row = db.prepare('SELECT x FROM sample').get();
  db.close();
  return row?.['x'];
}

/** The content and mode of every file, by name. */
const filesIn = (folder: string): Record<string, unknown> =>
  Object.fromEntries(
    readdirSync(folder)
      .filter((name) => statSync(join(folder, name)).isFile() && !/-(wal|shm)$|\.lock/.test(name))
      .map((name) => [name, [statSync(join(folder, name)).mode, readFileSync(join(folder, name), 'hex')]]),
  );

describe('a backup', () => {
  test('is a data folder with all that the hub keeps, readable by those who could read it before', async () => {
    const data = await dataFolder('lamp', 'kettle');
    chmodSync(join(data, STORE_FILE), 0o640);
    writeFileSync(join(data, 'address.txt'), 'https://localhost:1\n');
    mkdirSync(join(data, 'before-restore-x'));
    const to = join(temporaryFolder(), 'backup');
    await backUp(data, to);
    expect(readdirSync(to).sort()).toEqual(['history.db', 'keys.json', STORE_FILE, 'switchyard.toml']);
    expect(statSync(to).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(to)) {
      expect(statSync(join(to, name)).mode).toBe(statSync(join(data, name)).mode);
    }
    expect(await devicesIn(to)).toEqual(['kettle', 'lamp']);
    expect(historyIn(to)).toBe('lamp,kettle');
    expect(readFileSync(join(to, 'keys.json'))).toEqual(readFileSync(join(data, 'keys.json')));
  });

  test('is noted in the audit of the store that it is of', async () => {
    const data = await dataFolder('lamp');
    const to = join(temporaryFolder(), 'backup');
    await backUp(data, to);
    const latest = await withStore({ data }, ({ store }) => store.audit({ limit: 1 }));
    expect(latest).toEqual([
      { t: TIME, who: '@hub', address: '', action: 'backup', subject: to, detail: '' },
    ]);
  });

  test('is whole, and of one moment, while another process writes without a pause', async () => {
    const data = await dataFolder('lamp');
    const writer = spawn(
      process.execPath,
      ['test/integration/store-writer.ts', join(data, STORE_FILE), 'run'],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    onTestFinished(() => void writer.kill('SIGKILL'));
    let told = '';
    writer.stdout.on('data', (chunk: Buffer) => (told += chunk.toString()));
    await once(writer.stdout, 'data');
    const before = told.split('\n').slice(0, -1);
    const to = join(temporaryFolder(), 'backup');
    await backUp(data, to);
    check(to, silent);
    const store = new SqliteStore(join(to, STORE_FILE));
    const ids = new Set((await store.commandsNotIn([])).map(({ id }) => id));
    await store.close();
    expect(before.filter((id) => !ids.has(`${id}-a`) || !ids.has(`${id}-b`))).toEqual([]);
    expect([...ids].filter((id) => !ids.has(id.replace(/.$/, (half) => (half === 'a' ? 'b' : 'a'))))).toEqual(
      [],
    );
  });

  test('takes an empty folder, and never one that is not', async () => {
    const data = await dataFolder('lamp');
    const empty = temporaryFolder();
    await backUp(data, empty);
    expect(await devicesIn(empty)).toEqual(['lamp']);
    const { problem } = await startErrorOf(() => backUp(data, empty));
    expect(problem).toBe(`${empty} is there already`);
  });

  test('that cannot be made leaves nothing behind', async () => {
    const data = await dataFolder('lamp');
    writeFileSync(join(data, 'history.db'), 'no database, but long enough to be taken for one. '.repeat(20));
    const folder = temporaryFolder();
    const { problem } = await startErrorOf(() => backUp(data, join(folder, 'backup')));
    expect(problem).toContain(`cannot back up to ${join(folder, 'backup')}`);
    expect(readdirSync(folder)).toEqual([]);
    expect((await startErrorOf(() => backUp(data, join(folder, 'none', 'backup')))).problem).toContain(
      'ENOENT',
    );
  });
});

describe('a restore', () => {
  /** A data folder that has changed since its backup was made. */
  async function changedSince(): Promise<{ data: string; from: string }> {
    const data = await dataFolder('lamp');
    const from = join(temporaryFolder(), 'backup');
    await backUp(data, from);
    await withStore({ data }, (context) => createDevices(context, [{ id: 'later' }], NOW));
    writeFileSync(join(data, 'switchyard.toml'), '');
    writeFileSync(join(data, 'demo-credentials.json'), '{}');
    return { data, from };
  }

  test('brings back what was backed up, and moves aside what was there', async () => {
    const { data, from } = await changedSince();
    const aside = (await restore(data, from, TIME)) ?? '';
    expect(aside).toBe(join(data, 'before-restore-20270222T203000Z'));
    expect(await devicesIn(data)).toEqual(['lamp']);
    expect(historyIn(data)).toBe('lamp');
    expect(readFileSync(join(data, 'switchyard.toml'), 'utf8')).toContain('lamp.example');
    expect(existsSync(join(data, 'demo-credentials.json'))).toBe(false);
    expect(await devicesIn(aside)).toEqual(['lamp', 'later']);
    expect(existsSync(join(aside, 'demo-credentials.json'))).toBe(true);
    const [latest] = await withStore({ data }, ({ store }) => store.audit({ limit: 1 }));
    expect(latest).toEqual({
      t: TIME,
      who: '@hub',
      address: '',
      action: 'restore',
      subject: from,
      detail: '',
    });
  });

  test('makes a data folder where there is none', async () => {
    const { from } = await changedSince();
    const data = join(temporaryFolder(), 'new');
    expect(await restore(data, from, TIME)).toBeUndefined();
    expect(await devicesIn(data)).toEqual(['lamp']);
    expect(readdirSync(data).filter((name) => name.startsWith('before-restore'))).toEqual([]);
  });

  test('takes along what is still in the log of the backup', async () => {
    const { data, from } = await changedSince();
    const hub = new SqliteStore(join(from, STORE_FILE));
    await hub.saveProgress({ commands: [{ ...command, device: 'lamp' }] });
    await restore(data, from, TIME);
    await hub.close();
    const open = await withStore({ data }, ({ store }) => store.commandsNotIn([]));
    expect(open.map(({ id }) => id)).toEqual([command.id]);
  });

  test('ends what was open, for nobody knows what has become of it since, and leaves wishes', async () => {
    const { data, from } = await changedSince();
    const released = { ...command, device: 'lamp', sentAt: null, boot: null, code: null, msg: null };
    const created = { ...released, st: COMMAND.created, steps: `[[0,${NOW}]]` };
    const inBatch = { ...created, batch: batch.id, exp: null };
    const commands = [
      { ...command, device: 'lamp', id: 'sent' },
      { ...created, id: 'waits' },
      { ...released, id: 'accepted', st: COMMAND.accepted },
      { ...released, id: 'done', st: COMMAND.done },
      { ...inBatch, id: 'unreleased' },
      { ...inBatch, id: 'released', exp: NOW + 1 },
      { ...created, id: 'wish', wish: 1, wver: 3, exp: null },
      { ...inBatch, id: 'wish in batch', wish: 1, wver: 4 },
      { ...inBatch, id: 'unreleased wish', wish: 1 },
    ] as const;
    const batches = [
      { ...batch, st: BATCH.running },
      { ...batch, id: 'stopped', st: BATCH.stopped, msg: 'so many' },
    ];
    const backedUp = new SqliteStore(join(from, STORE_FILE));
    await backedUp.saveProgress({ commands, batches });
    await backedUp.close();
    await restore(data, from, TIME);
    const msg = 'the data was restored from a backup';
    const unknown = { st: COMMAND.unknown, t: TIME, code: 2, msg };
    const cancelled = { st: COMMAND.cancelled, t: TIME, code: 10, msg };
    const untouched = { t: NOW, msg: null };
    await withStore({ data }, async ({ store }) => {
      const after = Object.fromEntries((await store.commandsNotIn([])).map((each) => [each.id, each]));
      expect(after).toMatchObject({
        sent: unknown,
        waits: unknown,
        accepted: unknown,
        done: { ...untouched, st: COMMAND.done },
        unreleased: cancelled,
        released: unknown,
        wish: { ...untouched, st: COMMAND.created },
        'wish in batch': { ...untouched, st: COMMAND.created },
        'unreleased wish': cancelled,
      });
      expect(JSON.parse(after['waits']?.steps ?? '')).toEqual([
        [COMMAND.created, NOW],
        [COMMAND.unknown, TIME, 2, msg],
      ]);
      expect(await store.batch(batch.id)).toEqual({ ...batch, st: BATCH.cancelled, t: TIME, msg });
      expect(await store.batch('stopped')).toEqual(batches[1]);
    });
  });

  test('ends sessions that were kept for clients of services: what they had may have come since', async () => {
    const { data, from } = await changedSince();
    const record = { number: 1, clientId: 'c', owner: '@a', ownerCreatedAt: 1, awaySince: 2, dropped: 0 };
    const nothing = {
      filters: [],
      filtersGone: [],
      deliveries: [],
      deliveriesGone: [],
      ids: [],
      idsGone: [],
    };
    const backedUp = new SqliteStore(join(from, STORE_FILE));
    await backedUp.saveKept({ ...nothing, ended: [], messages: [], sessions: [record] });
    await backedUp.close();
    await restore(data, from, TIME);
    const kept = await withStore({ data }, ({ store }) => store.keptSessions());
    expect(kept.sessions).toEqual([]);
  });

  test('makes no command happen again that happened after the backup', async () => {
    const data = await dataFolder('lamp');
    const store = new SqliteStore(join(data, STORE_FILE));
    const bench = new FleetBench(new BenchStore(store));
    await bench.fleet.load(bench.now);
    await bench.online();
    await bench.away();
    await bench.command(1, { wait: true, ttl: 86_400_000 });
    const from = join(temporaryFolder(), 'backup');
    await backUp(data, from);
    bench.clear();
    await bench.link();
    expect(bench.takeSent()).toContainEqual(expect.objectContaining({ channel: 'cmd' }));
    await bench.acked(1, ACK.done);
    await store.close();
    await restore(data, from, bench.now + 1_000);
    const restored = new SqliteStore(join(data, STORE_FILE));
    const next = new FleetBench(new BenchStore(restored), bench.now + 3_600_000);
    await next.fleet.load(next.now);
    await next.link('lamp', 8);
    expect(next.takeSent()).not.toContainEqual(expect.objectContaining({ channel: 'cmd' }));
    await restored.close();
  });

  test('that cannot end what was open changes nothing', async () => {
    const { data, from } = await changedSince();
    const backedUp = new SqliteStore(join(from, STORE_FILE));
    await backedUp.saveProgress({ commands: [{ ...command, device: 'lamp' }] });
    await backedUp.close();
    refuseWrites(from, 'UPDATE ON command');
    const before = filesIn(data);
    const { problem, remedy } = await startErrorOf(() => restore(data, from, TIME));
    expect(problem).toMatch(/cannot end the commands that were open in the backup .* \(.*refused\)\)/);
    expect(remedy).toMatch(/nothing was changed$/);
    expect(filesIn(data)).toEqual(before);
    expect(readdirSync(data).filter((name) => /restore/.test(name))).toEqual([]);
  });

  test('is refused while a hub runs', async () => {
    const { data, from } = await changedSince();
    const unlock = lockFolder(new DataFolder(data));
    const before = filesIn(data);
    expect((await startErrorOf(() => restore(data, from, TIME))).problem).toContain('a hub is running');
    expect(filesIn(data)).toEqual(before);
    unlock();
  });

  test.each<[string, RegExp, (from: string) => void]>([
    ['a damaged store', /damaged/, (from) => damage(join(from, STORE_FILE))],
    ['no keys', /has no keys\.json, without which every device/, (from) => rmSync(join(from, 'keys.json'))],
    ['damaged keys', /keys\.json is damaged/, (from) => writeFileSync(join(from, 'keys.json'), '{}')],
    ['a damaged history', /history\.db is damaged/, (from) => damage(join(from, 'history.db'))],
    ['an empty store', /it is empty/, (from) => writeFileSync(join(from, STORE_FILE), '')],
    ['the store of a newer version', /newer version/, newer],
  ])('of a backup with %s changes nothing', async (_what, expected, change) => {
    const { data, from } = await changedSince();
    change(from);
    const before = filesIn(data);
    expect((await startErrorOf(() => restore(data, from, TIME))).problem).toMatch(expected);
    expect(filesIn(data)).toEqual(before);
    expect(readdirSync(data).filter((name) => /restore/.test(name))).toEqual([]);
  });

  test('of what is no backup is refused', async () => {
    const data = await dataFolder('lamp');
    const { problem } = await startErrorOf(() => restore(data, temporaryFolder(), TIME));
    expect(problem).toContain('is no backup');
  });

  test('that cannot be put in place takes back what it moved', async () => {
    const { data, from } = await changedSince();
    smallDisk(4_096, join(data, 'mounted')); // what is mounted cannot be moved
    const before = filesIn(data);
    const { problem, remedy } = await startErrorOf(() => restore(data, from, TIME));
    expect(problem).toMatch(/cannot put the backup in place \(EBUSY/);
    expect(remedy).toBe('what was there before is there again');
    expect(filesIn(data)).toEqual(before);
    expect(readdirSync(data).filter((name) => /restore/.test(name))).toEqual([]);
    expect(await devicesIn(data)).toEqual(['lamp', 'later']);
  });

  test('that was cut short keeps the hub from starting, until it is done again', async () => {
    const { data, from } = await changedSince();
    mkdirSync(join(data, 'restore.ready'));
    const { problem, remedy } = await startErrorOf(() => devicesIn(data));
    expect(problem).toBe(`a restore of ${data} was cut short`);
    expect(remedy).toContain('restore <backup>');
    await restore(data, from, TIME);
    expect(await devicesIn(data)).toEqual(['lamp']);
  });
});

describe('the check', () => {
  const linesOf = (data: string): string[] => {
    const lines: string[] = [];
    check(data, (line) => lines.push(line));
    return lines;
  };

  test('says which files are whole', async () => {
    expect(linesOf(await dataFolder('lamp'))).toEqual([
      `${STORE_FILE}: whole`,
      'history.db: whole',
      'keys.json: whole',
    ]);
  });

  test('names keys that are missing, and makes none', async () => {
    const data = await dataFolder('lamp');
    rmSync(join(data, 'keys.json'));
    const lines: string[] = [];
    const { problem } = await startErrorOf(() => check(data, (line) => lines.push(line)));
    expect(problem).toBe(`missing: ${join(data, 'keys.json')}`);
    expect(lines.at(-1)).toBe('keys.json: missing');
    expect(existsSync(join(data, 'keys.json'))).toBe(false);
  });

  test('says which are not, what is wrong, and what to do', async () => {
    const data = await dataFolder('lamp');
    damage(join(data, 'history.db'));
    const lines: string[] = [];
    const { problem, remedy } = await startErrorOf(() => check(data, (line) => lines.push(line)));
    expect(problem).toBe(`damaged: ${join(data, 'history.db')}`);
    expect(remedy).toContain('restore <backup>');
    expect(lines.slice(0, 2)).toEqual([`${STORE_FILE}: whole`, 'history.db: damaged']);
    expect(lines.length).toBeGreaterThan(2);
  });

  test('finds rows that belong to nothing', async () => {
    const data = await dataFolder('lamp');
    const db = new DatabaseSync(join(data, STORE_FILE));
    db.exec("PRAGMA foreign_keys = OFF; INSERT INTO happening VALUES ('gone', 1, 'event', '{}')");
    db.close();
    const lines: string[] = [];
    await startErrorOf(() => check(data, (line) => lines.push(line)));
    expect(lines).toContain('  row 1 of happening belongs to a device that is gone');
  });

  test('needs a store', async () => {
    expect((await startErrorOf(() => check(temporaryFolder(), silent))).problem).toContain(
      'there is no store',
    );
  });
});

/** What the executable says of a data folder, and how it ends. */
const run = (data: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, ['broker/main.ts', '--data', data, ...args]);
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('close', (code) => resolve({ code: code ?? -1, out, err }));
  });

test('what is done is done where the audit cannot be written, and says so', async () => {
  const data = await dataFolder('lamp');
  const to = join(temporaryFolder(), 'backup');
  refuseWrites(data, 'INSERT ON audit');
  const missing = (action: string) =>
    expect.stringMatching(`^switchyard: "${action}" is missing in the audit: .*refused\\)\n$`);
  expect(await run(data, 'backup', to)).toEqual({
    code: 0,
    out: `backed up to ${to}\n`,
    err: missing('backup'),
  });
  const created = await run(data, 'device', 'create', 'plug');
  expect(created).toMatchObject({ code: 0, err: missing('device.create') });
  expect(JSON.parse(created.out)).toMatchObject({ devices: [{ id: 'plug', secret: expect.any(String) }] });
  const restored = await run(data, 'restore', to);
  expect(restored).toMatchObject({ code: 0, err: missing('restore') });
  expect(restored.out).toMatch(/^restored .*; what was there before is in .*before-restore-/);
  expect(await devicesIn(data)).toEqual(['lamp']);
});

test('the executable does all three, and ends with 1 where something is damaged', async () => {
  const data = await dataFolder('lamp');
  const to = join(temporaryFolder(), 'backup');
  const hub = (...args: string[]) => run(data, ...args);
  expect(await hub('backup', to)).toEqual({ code: 0, out: `backed up to ${to}\n`, err: '' });
  damage(join(data, STORE_FILE));
  const broken = await hub('check');
  expect(broken.code).toBe(1);
  expect(broken.out).toContain(`${STORE_FILE}: damaged`);
  expect(broken.err).toMatch(/^switchyard: damaged: .*: stop the hub and restore a backup/);
  const restored = await hub('restore', to);
  expect(restored.code).toBe(0);
  expect(restored.out).toMatch(/^restored .*; what was there before is in .*before-restore-/);
  expect(await hub('check')).toMatchObject({
    code: 0,
    out: `${STORE_FILE}: whole\nhistory.db: whole\nkeys.json: whole\n`,
  });
});

/** Overwrites a database from its second quarter on, or all but its header where it is small. */
function damage(file: string): void {
  const content = readFileSync(file);
  writeFileSync(file, content.fill(0xff, Math.min(content.length / 4, 4_096)));
}

/** Makes a store refuse some of what is written to it. @param what such as `INSERT ON audit` */
function refuseWrites(folder: string, what: string): void {
  const db = new DatabaseSync(join(folder, STORE_FILE));
  db.exec(`CREATE TRIGGER refusal BEFORE ${what} BEGIN SELECT RAISE(ABORT, 'refused'); END`);
  db.close();
}

function newer(folder: string): void {
  const db = new DatabaseSync(join(folder, STORE_FILE));
  db.exec('PRAGMA user_version = 1000');
  db.close();
}
