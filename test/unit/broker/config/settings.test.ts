import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { limitsSchema } from '#broker/config/limits.ts';
import { loadSettings, type SettingsFlags } from '#broker/config/settings.ts';
import { startErrorOf } from '../start-errors.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** Settings from a file with this text, in a data folder of its own. */
function load(text: string, flags: SettingsFlags = {}) {
  const data = temporaryFolder();
  const file = join(data, 'switchyard.toml');
  writeFileSync(file, text);
  return { file, data, load: () => loadSettings({ data, ...flags }) };
}

describe('settings', () => {
  test('have defaults without a file', () => {
    const data = join(temporaryFolder(), 'new');
    expect(loadSettings({ data })).toEqual({
      data,
      tenant: 'home',
      https: { port: 8443 },
      http: { host: '127.0.0.1', port: 8080 },
      trustProxy: [],
      names: [],
      origins: [],
      keep: {
        rawHours: 24,
        minuteDays: 31,
        hourDays: 366,
        commandDays: 90,
        eventDays: 366,
        auditDays: 366,
      },
      log: 'info',
      limits: limitsSchema.parse({}),
    });
  });

  test('come from the file, the others keep their defaults', () => {
    const text = 'tenant = "works"\nnames = ["hub.example"]\n[https]\nport = 443\n[limits]\nlinks = 5\n';
    expect(load(text).load()).toMatchObject({
      tenant: 'works',
      names: ['hub.example'],
      https: { port: 443 },
      http: { port: 8080 },
      limits: { links: 5, connectMs: 10_000 },
    });
  });

  test('come from flags before the file', () => {
    const text = 'log = "warn"\n[https]\nport = 1\nhost = "127.0.0.1"\n[http]\nport = 2\n';
    expect(load(text, { log: 'debug', port: 0, httpPort: 3 }).load()).toMatchObject({
      log: 'debug',
      https: { port: 0, host: '127.0.0.1' },
      http: { port: 3 },
    });
  });

  test('origins from flags are added to those of the file', () => {
    const text = 'origins = ["https://a.example"]';
    const { origins } = load(text, { origin: ['https://b.example'] }).load();
    expect(origins).toEqual(['https://a.example', 'https://b.example']);
  });

  test('names may be of hosts, and addresses of both kinds', () => {
    const names = ['hub', 'Hub.Example', 'my_hub', 'a-b.c', '*.example.com', '10.0.0.1', '::1', 'FD00::20'];
    expect(load(`names = ${JSON.stringify(names)}`).load().names).toEqual(names);
  });

  test('name a certificate in the data folder, or by its whole path', () => {
    const own = load('[https]\ncertificate = "tls/chain.pem"\nkey = "/etc/hub/key.pem"\n');
    expect(own.load().https).toEqual({
      port: 8443,
      certificate: join(own.data, 'tls/chain.pem'),
      key: '/etc/hub/key.pem',
    });
  });

  test('name by flags a certificate from where the command is run', () => {
    const flags = { certificate: 'chain.pem', key: 'key.pem' };
    expect(load('[https]\nkey = "other.pem"\n', flags).load().https).toMatchObject({
      certificate: resolve('chain.pem'),
      key: resolve('key.pem'),
    });
  });

  test('open the plain listener to proxies that are trusted', () => {
    const text = 'trustProxy = ["10.0.0.0/8", "::1"]\n[http]\nhost = "0.0.0.0"\n';
    expect(load(text).load()).toMatchObject({
      trustProxy: ['10.0.0.0/8', '::1'],
      http: { host: '0.0.0.0', port: 8080 },
    });
    const flags = { trustProxy: ['10.1.2.3'], httpHost: '10.1.2.4' };
    expect(load(text, flags).load()).toMatchObject({ trustProxy: ['10.1.2.3'], http: { host: '10.1.2.4' } });
  });

  test('may be in a file elsewhere', () => {
    const { file } = load('tenant = "elsewhere"');
    expect(loadSettings({ data: temporaryFolder(), config: file }).tenant).toBe('elsewhere');
  });

  test('name the data folder in full', () => {
    expect(loadSettings({ data: 'no/such/folder' }).data).toBe(resolve('no/such/folder'));
  });
});

describe('a setting that is not right', () => {
  test.each([
    ['tenant = "Home"', 'the setting tenant is not right: must be 1 to 32 of'],
    ['tenant = 5', 'the setting tenant is not right'],
    ['[https]\nport = 65536', 'the setting https.port is not right'],
    ['[https]\nport = "8443"', 'the setting https.port is not right'],
    ['[http]\nport = -1', 'the setting http.port is not right'],
    ['https = 5', 'the setting https is not right'],
    [
      '[https]\ncertificate = "a.pem"',
      'the setting https.key is not right: https.certificate is set, and neither is of use without the other',
    ],
    ['[https]\nkey = "a.pem"', 'the setting https.certificate is not right: https.key is set'],
    ['[https]\ncertificate = ""\nkey = "k"', 'the setting https.certificate is not right'],
    ['[http]\nhost = "localhost"', 'the setting http.host is not right: must be an IP address'],
    [
      '[http]\nhost = "0.0.0.0"',
      'the setting http.host is not right: what comes to 0.0.0.0 is not encrypted',
    ],
    ['[http]\nhost = "::"', 'the setting http.host is not right: what comes to :: is not encrypted'],
    ['trustProxy = "10.0.0.0/8"', 'the setting trustProxy is not right'],
    ['trustProxy = ["10.0.0.0/8", "proxy"]', 'the setting trustProxy.1 is not right: must be an IP address'],
    ['trustProxy = ["0.0.0.0/0"]', 'the setting trustProxy.0 is not right: is everybody'],
    ['names = "hub"', 'the setting names is not right'],
    ['names = [""]', 'the setting names.0 is not right: must be a host name'],
    ['names = ["hub.example", "my hub"]', 'the setting names.1 is not right'],
    ['names = ["hub.example:8443"]', 'the setting names.0 is not right'],
    ['names = ["https://hub.example"]', 'the setting names.0 is not right'],
    ['names = ["hub.example/"]', 'the setting names.0 is not right'],
    ['names = ["fe80::1%eth0"]', 'the setting names.0 is not right'],
    ['names = ["küche.example"]', 'the setting names.0 is not right'],
    [
      'origins = ["https://a.example", "https://b.example/"]',
      'the setting origins.1 is not right: must be an origin',
    ],
    ['origins = ["hub.example"]', 'the setting origins.0 is not right: must be an origin'],
    ['origins = ["null"]', 'the setting origins.0 is not right'],
    ['origins = ["https://a.example/path"]', 'the setting origins.0 is not right'],
    ['origins = ["https://A.example"]', 'the setting origins.0 is not right'],
    ['origins = ["https://a.example:443"]', 'the setting origins.0 is not right'],
    ['log = "verbose"', 'the setting log is not right'],
    ['[limits]\nlinks = 0', 'the setting limits.links is not right: must be at least 1'],
    ['[limits]\nlinks = "many"', 'the setting limits.links is not right: must be a number'],
    ['[limits]\nsessionDays = 0.5', 'the setting limits.sessionDays is not right: must be a whole number'],
    ['limits = 5', 'the setting limits is not right: must be a section'],
    ...['waitingMs', 'handshakeMs', 'headersMs', 'requestMs', 'stalledMs', 'connectMs', 'silenceMs'].map(
      (name): [string, string] => [
        `[limits]\n${name} = 3_000_000_000`,
        `the setting limits.${name} is not right: must be at most 86400000`,
      ],
    ),
    [
      '[limits]\noutboundBytes = 262_144\n',
      'the setting limits.congestedBytes is not right: must be less than "outboundBytes", 262144',
    ],
    [
      '[limits]\ncongestedBytes = 65_536\npacketBytes = 131_072\noutboundBytes = 131_072',
      'the setting limits.packetBytes is not right: must be less than "outboundBytes", 131072',
    ],
    [
      '[limits]\nheadersMs = 5000\nrequestMs = 4000',
      'the setting limits.headersMs is not right: a request may take 4000 ms ("requestMs")',
    ],
    ['[limits]\npacketBytes = 1e9', 'the setting limits.packetBytes is not right: must be at most 1048576'],
    ['colour = "red"', 'there is no setting colour'],
    ['[https]\nprot = 5', 'there is no setting https.prot'],
    ['[limits]\nlink = 5', 'there is no setting limits.link'],
  ])('%j: the error names its place, the file and the mend', async (text, problem) => {
    const attempt = load(text);
    const error = await startErrorOf(attempt.load);
    expect(error.problem).toContain(problem);
    expect(error.remedy).toContain(`mend ${attempt.file}`);
  });

  test.each<[string, SettingsFlags, string]>([
    ['a flag', { log: 'loud' }, 'the setting log is not right'],
    ['a port', { port: 70_000 }, 'the setting https.port is not right'],
    ['an origin', { origin: ['hub.example'] }, 'the setting origins.0 is not right'],
  ])('may be %s', async (_name, flags, problem) => {
    const error = await startErrorOf(load('', flags).load);
    expect(error.problem).toContain(problem);
    expect(error.remedy).toContain('or the flag');
  });

  test('in the file is told even when a flag adds to it', async () => {
    for (const origins of ['5', '"https://a.example"']) {
      const attempt = load(`origins = ${origins}`, { origin: ['https://b.example'] });
      expect((await startErrorOf(attempt.load)).problem).toContain('the setting origins is not right');
    }
  });
});

describe('a settings file that cannot be used', () => {
  test.each([
    ['tenant = ', 'line 1, column'],
    ['tenant = "home"\nlog = info\n', 'line 2, column'],
    ['[https\nport = 1', 'line 1, column'],
    ['tenant = "a"\ntenant = "b"', 'line 2, column'],
  ])('%j is not TOML: the error says where', async (text, place) => {
    const attempt = load(text);
    const { problem, remedy } = await startErrorOf(attempt.load);
    expect(problem).toContain(`the settings file ${attempt.file} is not valid TOML, ${place}`);
    expect(problem).not.toContain('\n');
    expect(remedy).toBe('mend that line, or move the file away to start with the defaults');
  });

  test('is missing although it was named', async () => {
    const config = join(temporaryFolder(), 'none.toml');
    const { problem, remedy } = await startErrorOf(() => loadSettings({ config }));
    expect(problem).toBe(`cannot read the settings file ${config} (ENOENT)`);
    expect(remedy).toBe('check the path and its permissions');
  });

  test('is a folder', async () => {
    const data = temporaryFolder();
    mkdirSync(join(data, 'switchyard.toml'));
    const { problem } = await startErrorOf(() => loadSettings({ data }));
    expect(problem).toContain('(EISDIR)');
  });
});
