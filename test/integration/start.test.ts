import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { expectOneLine, run, type Until } from '../support/command-line.ts';
import { PASSWORD } from '../support/sign-in.ts';

let data: string;
beforeEach(() => (data = mkdtempSync(join(tmpdir(), 'switchyard-start-'))));
afterEach(() => rmSync(data, { recursive: true }));

const hub = (done?: Until['done'], flags?: readonly string[]) =>
  run(
    ['--data', data, 'serve', '--port', '0', '--http-port', '0'],
    { printed: /Local CA/, ...(done && { done }) },
    flags,
  );

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

/** Chooses a password by the link that the hub printed, as a page of its own does. */
async function choosePassword(out: string): Promise<void> {
  const [, code] = /sign-in#(\S+)/.exec(out) ?? [];
  const [plain = ''] = /http:\/\/localhost:\d+/.exec(out) ?? [];
  const answer = await fetch(`${plain}/api/session`, {
    method: 'POST',
    headers: { Origin: plain, 'Content-Type': 'application/json' },
    body: JSON.stringify({ code, password: PASSWORD }),
  });
  expect(answer.status).toBe(200);
}

test('it prints a link until an administrator has a password, and from then on where the console is', async () => {
  for (const done of [undefined, choosePassword]) {
    const { out } = await hub(done);
    expect(out).toMatch(
      /Console +https:\/\/localhost:\d+\/sign-in#\S+\n +This link lets you choose a password, once/,
    );
  }
  const { out } = await hub();
  expect(out).toMatch(
    /Console +https:\/\/localhost:\d+\n +Forgotten your password\? "npm run hub -- --data \S+ sign-in-link"/,
  );
  expect(out).not.toContain('#');
});

test('it starts while Node watches its files, as "npm run dev" has it', async () => {
  const { out } = await hub(undefined, ['--watch-path=broker/contract', '--watch-preserve-output']);
  expect(out).toMatch(/closed/);
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
