import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SqliteStore, STORE_FILE } from '#broker/store/sqlite/sqlite-store.ts';

let data: string;
beforeEach(() => (data = mkdtempSync(join(tmpdir(), 'switchyard-start-'))));
afterEach(() => rmSync(data, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the hub's executable as people do; `until` ends it with SIGTERM when its output matches. */
function run(args: readonly string[], until?: RegExp): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['broker/main.ts', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      if (until?.test(out)) {
        until = undefined;
        child.kill('SIGTERM');
      }
    });
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('exit', (code) => resolve({ code, out, err }));
  });
}

const hub = (...more: string[]) =>
  run(['--data', data, 'serve', '--port', '0', '--http-port', '0', ...more], /Local CA/);

/** What the hub says when it cannot start: one line, with the remedy, and no stack. */
function expectOneLine({ code, err }: Ended, pattern: RegExp): void {
  expect(err.trim().split('\n')).toHaveLength(1);
  expect(err).toMatch(pattern);
  expect(code).toBe(1);
}

test('the hub starts, makes its keys and certificates once, and closes in good order on SIGTERM', async () => {
  const first = await hub();
  expect(first.code).toBe(0);
  expect(first.out).toMatch(/Console +https:\/\/localhost:\d+\/sign-in#\S+/);
  expect(first.out).toMatch(/closed/);
  const kept = ['ca.pem', 'server.pem', 'keys.json'].map((name) => readFileSync(join(data, name), 'utf8'));
  for (const secret of ['ca-key.pem', 'server-key.pem', 'keys.json']) {
    expect(statSync(join(data, secret)).mode & 0o777).toBe(0o600);
  }
  expect(existsSync(join(data, 'switchyard.db-wal'))).toBe(false);
  await hub();
  expect(['ca.pem', 'server.pem', 'keys.json'].map((name) => readFileSync(join(data, name), 'utf8'))).toEqual(
    kept,
  );
});

describe('what stops a start gets one clear line', () => {
  test('a busy port', async () => {
    const busy = createServer().listen(0);
    await once(busy, 'listening');
    const { port } = busy.address() as { port: number };
    const ended = await run(['--data', data, 'serve', '--port', String(port), '--http-port', '0']);
    expectOneLine(ended, /is in use by another program: .*--port/);
    busy.close();
  });

  test('a data folder that cannot be made', async () => {
    writeFileSync(join(data, 'file'), '');
    const ended = await run(['--data', join(data, 'file', 'folder'), 'serve']);
    expectOneLine(ended, /cannot read and write .*folder \(ENOTDIR\): .*--data/);
  });

  test.each([
    [
      'broken TOML',
      'tenant = \n',
      /switchyard\.toml is not valid TOML, line 1, column \d+: .* mend that line/,
    ],
    ['an unknown setting', 'tennant = "x"\n', /there is no setting tennant/],
    ['a value that is not right', '[limits]\nlinks = "many"\n', /the setting limits\.links is not right/],
  ])('settings with %s', async (_what, content, pattern) => {
    writeFileSync(join(data, 'switchyard.toml'), content);
    expectOneLine(await hub(), pattern);
  });

  test('a settings file that is not there', async () => {
    expectOneLine(
      await run(['--config', join(data, 'none.toml'), '--data', data, 'serve']),
      /cannot read the settings file .*none\.toml/,
    );
  });

  test.each([
    ['store', 'switchyard.db', /cannot use the store .*switchyard\.db .*it was left as it is/],
    ['keys', 'keys.json', /keys\.json is damaged: restore it from a backup/],
    ['certificate', 'ca.pem', /ca\.pem is not a certificate: restore it/],
  ])('a damaged %s, which stays as it is', async (_what, name, pattern) => {
    await hub();
    const file = join(data, name);
    writeFileSync(
      file,
      'not what it was, and long enough to be looked at closely by whoever reads it\n'.repeat(20),
    );
    const before = readFileSync(file);
    expectOneLine(await hub(), pattern);
    expect(readFileSync(file)).toEqual(before);
  });
});

describe('the commands', () => {
  test('device create prints credentials once and refuses a taken or bad id', async () => {
    const created = await run(['--data', data, 'device', 'create', 'kitchen-lamp', '--name', 'Kitchen lamp']);
    expect(JSON.parse(created.out)).toMatchObject({ tenant: 'home', devices: [{ id: 'kitchen-lamp' }] });
    expectOneLine(
      await run(['--data', data, 'device', 'create', 'kitchen-lamp']),
      /there is a device kitchen-lamp already/,
    );
    expectOneLine(await run(['--data', data, 'device', 'create', 'Kitchen']), /device "Kitchen": id must be/);
    expect((await run(['--data', data, 'device', 'list'])).out).toBe('kitchen-lamp\tKitchen lamp\t\n');
  });

  test('device import never overwrites credentials', async () => {
    const [list, out] = [join(data, 'list.json'), join(data, 'credentials.json')];
    writeFileSync(list, '[{"id":"a"},{"id":"b","kind":"lamp"}]');
    expect((await run(['--data', data, 'device', 'import', list, '--out', out])).code).toBe(0);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    writeFileSync(list, '[{"id":"c"}]');
    expectOneLine(
      await run(['--data', data, 'device', 'import', list, '--out', out]),
      /credentials\.json is there already/,
    );
    expect((await run(['--data', data, 'device', 'list'])).out).not.toMatch(/^c\t/m);
  });

  test('a sign-in link and a token are for people that there are', async () => {
    await run(['--data', data, 'device', 'create', 'lamp']);
    expect((await run(['--data', data, 'sign-in-link'])).out).toMatch(
      /^https:\/\/localhost:8443\/sign-in#\S+\n$/,
    );
    expect((await run(['--data', data, 'token'])).out.split('.')).toHaveLength(3);
    expectOneLine(
      await run(['--data', data, 'token', '--person', 'nobody']),
      /there is nobody called nobody/,
    );
    const link = (url: string) => run(['--data', data, 'sign-in-link', '--url', url]);
    expect((await link('https://hub.example/')).out).toMatch(/^https:\/\/hub\.example\/sign-in#/);
    expect(await link('nonsense')).toMatchObject({ code: 1, err: expect.stringContaining("'--url <url>'") });
  });

  test.each([
    [['backup', 'copy']],
    [['token']],
    [['sign-in-link']],
    [['device', 'list']],
    [['device', 'remove', 'a']],
  ])('%j needs a store, and makes none', async (args) => {
    const none = join(data, 'typo');
    expectOneLine(await run(['--data', none, ...args]), /there is no store in .*typo: .*--data/);
    expect(existsSync(none)).toBe(false);
  });

  test('device create gives tags, and a name to one device only', async () => {
    const create = (...args: string[]) => run(['--data', data, 'device', 'create', ...args]);
    expectOneLine(await create('a', 'b', '--name', 'X'), /--name is for a single device/);
    expect((await create('a', 'b', '--tags', 'up, down')).code).toBe(0);
    const store = new SqliteStore(join(data, STORE_FILE));
    expect((await store.devices()).map(({ id, tags }) => [id, tags])).toEqual([
      ['a', ['up', 'down']],
      ['b', ['up', 'down']],
    ]);
    await store.close();
  });

  test.each([
    [['devce', 'list'], /unknown command devce/],
    [['serve', '--log', 'loud'], /'--log <level>' argument 'loud' is invalid.*debug, info/],
  ])('%j is refused with what is wrong', async (args, pattern) => {
    const ended = await run(['--data', data, ...args]);
    expect(ended.code).toBe(1);
    expect(ended.err).toMatch(pattern);
  });
});
