import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseOptions } from '#device-sim/options.ts';
import { readTrust } from '#device-sim/trust.ts';
import { UserError } from '#device-sim/user-error.ts';

afterEach(() => vi.unstubAllEnvs());

const withCredentials = (...args: string[]) => parseOptions(['--credentials', 'devices.json', ...args]);

describe('options', () => {
  it('have defaults', () => {
    expect(withCredentials()).toMatchObject({
      url: 'wss://localhost:8443/mqtt',
      devices: undefined,
      credentials: 'devices.json',
      intervalMs: 1_000,
      summaryMs: 5_000,
      durationMs: undefined,
      longestWaitMs: 30_000,
      kind: undefined,
      record: undefined,
    });
  });

  it('come from the environment where the command line has none', () => {
    vi.stubEnv('SWITCHYARD_URL', 'wss://hub.example/mqtt');
    vi.stubEnv('SWITCHYARD_CREDENTIALS', 'env.json');
    vi.stubEnv('SWITCHYARD_CA', 'ca.pem');
    expect(parseOptions([])).toMatchObject({
      url: 'wss://hub.example/mqtt',
      credentials: 'env.json',
      ca: 'ca.pem',
    });
    expect(parseOptions(['--ca', 'other.pem'])).toMatchObject({ ca: 'other.pem' });
  });

  it.each([
    [['--url', 'nonsense'], 'not a URL'],
    [['--url', 'https://localhost/mqtt'], 'must begin with wss://'],
    [['--url', 'ws://hub.example/mqtt'], 'must begin with wss://'],
    [['--url', 'wss://me:secret@hub.example/mqtt'], 'do not belong in the URL'],
    [['--devices', '0'], 'at least 1'],
    [['--devices', '1.5'], 'whole number'],
    [['--interval', '0'], 'above 0'],
    [['--ramp', 'fast'], 'above 0'],
    [['--kind', 'toaster'], 'lamp'],
    [['--colour', 'red'], "unknown option '--colour'"],
  ])('%j are refused in one line', (args, expected) => {
    const attempt = () => withCredentials(...args);
    expect(attempt).toThrow(UserError);
    expect(attempt).toThrow(expected);
    expect(attempt).not.toThrow('\n');
  });

  it('need credentials', () => {
    expect(() => parseOptions([])).toThrow('--credentials');
  });

  it('allow a plain link on this machine only', () => {
    expect(withCredentials('--url', 'ws://127.0.0.1:8080/mqtt')).toMatchObject({
      url: 'ws://127.0.0.1:8080/mqtt',
    });
  });
});

describe('trust', () => {
  it('names the file that cannot be read or holds no certificate', async () => {
    await expect(readTrust('/nowhere/ca.pem')).rejects.toThrow('CA /nowhere/ca.pem: there is no such file');
    await expect(readTrust(import.meta.filename)).rejects.toThrow('holds no certificate');
  });
});
