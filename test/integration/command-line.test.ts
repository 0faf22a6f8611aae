import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CredentialsFile } from '#broker/commands/devices.ts';
import { SqliteStore, STORE_FILE } from '#broker/store/sqlite/sqlite-store.ts';
import { command, expectOneLine, run } from '../support/command-line.ts';

let data: string;
beforeEach(() => (data = mkdtempSync(join(tmpdir(), 'switchyard-line-'))));
afterEach(() => rmSync(data, { recursive: true }));

const hub = (...args: string[]) => command(data, ...args);
const tried = (...args: string[]) => run(['--data', data, ...args]);

async function withStore<T>(work: (store: SqliteStore) => Promise<T>): Promise<T> {
  const store = new SqliteStore(join(data, STORE_FILE));
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

test('credentials are printed once, and nothing else with them', async () => {
  const created = JSON.parse(await hub('device', 'create', 'lamp', '--name', 'Lamp')) as CredentialsFile;
  const credentials = {
    tenant: 'home',
    devices: [{ id: 'lamp', secret: expect.stringMatching(/^\S{43}$/) as string }],
  };
  expect(created).toEqual(credentials);
  const rotated = JSON.parse(await hub('device', 'rotate', 'lamp')) as CredentialsFile;
  expect(rotated).toEqual(credentials);
  expect(rotated.devices[0]?.secret).not.toBe(created.devices[0]?.secret);
  expect(await hub('device', 'list')).toBe('lamp\tLamp\t\n');
});

test('a link and a token are all there is on stdout', async () => {
  await hub('device', 'create', 'lamp');
  expect(await hub('sign-in-link')).toMatch(/^https:\/\/localhost:8443\/sign-in#\S+\n$/);
  expect((await hub('token')).split('.')).toHaveLength(3);
});

test('the exit code tells what is done from what cannot be done and from what is no line', async () => {
  expectOneLine(await tried('device', 'list'), /there is no store in .*: name a data folder with --data/);
  expect(await tried('device', 'lits')).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringMatching(/^switchyard: unknown command 'lits'/) as string,
  });
  expect(await tried('--help')).toMatchObject({ code: 0, err: '' });
});

test.each(['device list', 'device list --json', 'audit'])(
  '%s ends quietly where nobody reads it',
  async (line) => {
    await hub('device', 'create', 'lamp');
    // "true" has gone long before the command has begun.
    const piped = `set -o pipefail; "$0" broker/main.ts --data "$1" ${line} | true`;
    const ended = promisify(execFile)('bash', ['-c', piped, process.execPath, data]);
    expect(await ended).toEqual({ stdout: '', stderr: '' });
  },
);

describe('the audit', () => {
  const entry = (subject: string, t = Date.now()) => ({
    t,
    who: '@hub',
    address: '',
    action: 'group.save',
    subject,
    detail: '{"text":"\\u009b31m"}',
  });

  test('is printed as CSV or as lines of JSON, for the time that is asked for', async () => {
    await hub('device', 'create', 'lamp');
    await hub('sign-in-link');
    const [header, ...lines] = (await hub('audit')).trimEnd().split('\r\n');
    expect(header).toBe('time,who,from,action,subject,detail');
    expect(lines).toHaveLength(2);
    const entries = (await hub('audit', '--from', '1h', '--format', 'ndjson')).trimEnd().split('\n');
    expect(entries.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { who: '@hub', action: 'device.create', subject: 'lamp' },
      { who: '@hub', action: 'person.link', subject: '@owner' },
    ]);
    expect(await hub('audit', '--from', '2d', '--to', '1d', '--format', 'ndjson')).toBe('');
  });

  test('steers no terminal, whatever strangers wrote into it', async () => {
    await hub('device', 'create', 'lamp', '--name', 'La\u001b[31mmp\n\u202e');
    expect(await hub('device', 'list')).toBe('lamp\tLa\\u001b[31mmp\\u000a\\u202e\t\n');
    expect(JSON.parse(await hub('device', 'list', '--json'))).toMatchObject([
      { name: 'La\u001b[31mmp\n\u202e' },
    ]);
    await withStore((store) => store.saveAudit([entry('@\u001b]0;x\u0007\u009b')]));
    for (const format of ['csv', 'ndjson']) {
      // What ends a line apart.
      expect(await hub('audit', '--format', format)).not.toMatch(/(?!\r?\n)\p{Cc}/u);
    }
  });

  test('ends without a word where its reader has had enough', async () => {
    await hub('device', 'create', 'lamp');
    await withStore((store) => store.saveAudit(Array.from({ length: 20_000 }, (_, at) => entry(`x${at}`))));
    const line = `set -o pipefail; "$NODE" broker/main.ts --data "$DATA" audit | head -n 1`;
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', line], {
      env: { ...process.env, NODE: process.execPath, DATA: data },
    });
    expect(stdout).toMatch(/^time,who,[^\n]*\n$/);
    expect(stderr).toBe('');
  });
});
