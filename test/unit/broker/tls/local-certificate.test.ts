import { createPrivateKey, X509Certificate } from 'node:crypto';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DataFolder } from '#broker/config/data-folder.ts';
import { hubNames, LocalCertificate, type LocalCertificates } from '#broker/tls/local-certificate.ts';
import { TestLog } from '../../../support/hub.ts';
import { startErrorOf } from '../start-errors.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const NOW = 1_800_000_000_000;
const DAY = 86_400_000;

const newFolder = (): DataFolder => new DataFolder(temporaryFolder());
const source = (folder: DataFolder, names: string[] = ['hub.example']): LocalCertificate =>
  new LocalCertificate(folder, names, new TestLog());
const load = (folder: DataFolder, now = NOW, names?: string[]): Promise<LocalCertificates> =>
  source(folder, names).load(now);

/** The server's certificate, which comes first, and the authority's. */
const parse = ({ cert, ca }: LocalCertificates) => ({
  server: new X509Certificate(cert),
  authority: new X509Certificate(ca),
});

describe('on the first start', () => {
  test('a server certificate is issued by an authority of its own', async () => {
    const { server, authority } = parse(await load(newFolder()));
    expect(server.checkIssued(authority)).toBe(true);
    expect(server.verify(authority.publicKey)).toBe(true);
    expect(server.ca).toBe(false);
    expect(authority.ca).toBe(true);
    expect(authority.verify(authority.publicKey)).toBe(true);
  });

  test('the key belongs to the certificate, and the chain ends with the authority', async () => {
    const certificates = await load(newFolder());
    const { server } = parse(certificates);
    expect(server.checkPrivateKey(createPrivateKey(certificates.key))).toBe(true);
    expect(certificates.cert.endsWith(certificates.ca)).toBe(true);
  });

  test('every name and address is certified', async () => {
    const certificates = await load(newFolder(), NOW, ['hub.example', '10.1.2.3', 'fd00::20']);
    const { server } = parse(certificates);
    for (const name of ['localhost', 'hub.example']) expect(server.checkHost(name)).toBe(name);
    for (const address of ['127.0.0.1', '::1', '10.1.2.3', 'fd00::20']) {
      expect(server.checkIP(address)).toBe(address);
    }
    expect(server.checkHost('evil.example')).toBeUndefined();
    expect(certificates.names).toEqual(hubNames(['hub.example', '10.1.2.3', 'fd00::20']));
  });

  test('certificates hold for as long as clients accept, from a day ago on', async () => {
    const { server, authority } = parse(await load(newFolder()));
    expect(server.validFromDate.getTime()).toBe(NOW - DAY);
    expect(server.validToDate.getTime()).toBe(NOW + 397 * DAY);
    expect(authority.validFromDate.getTime()).toBe(NOW - DAY);
    expect(authority.validToDate.getTime()).toBe(NOW + 3_650 * DAY);
  });

  test('keys are readable by their owner only', async () => {
    const folder = newFolder();
    await load(folder);
    for (const name of ['ca-key.pem', 'server-key.pem']) {
      expect(statSync(folder.file(name)).mode & 0o777).toBe(0o600);
    }
  });
});

describe('on a later start', () => {
  test('all is as it was', async () => {
    const folder = newFolder();
    expect(await load(folder)).toEqual(await load(folder, NOW + 366 * DAY));
  });

  test.each([
    ['is kept 31 days before it ends', 366, true],
    ['is renewed 30 days before it ends', 367, false],
    ['is renewed after it ended', 500, false],
  ])('the server certificate %s', async (_name, days, kept) => {
    const folder = newFolder();
    const before = await load(folder);
    const after = await load(folder, NOW + days * DAY);
    expect(after.key === before.key).toBe(kept);
    expect(after.ca).toBe(before.ca);
    const { server, authority } = parse(after);
    expect(server.verify(authority.publicKey)).toBe(true);
    expect(server.validToDate.getTime()).toBe(NOW + (kept ? 0 : days * DAY) + 397 * DAY);
  });

  test.each([
    ['name', 'new.example'],
    ['address', '10.9.9.9'],
    ['IPv6 address', 'fd00::99'],
  ])('a new %s makes a new server certificate of the same authority', async (_kind, name) => {
    const folder = newFolder();
    const before = await load(folder);
    const after = await load(folder, NOW, ['hub.example', name]);
    expect(after.key).not.toBe(before.key);
    expect(after.ca).toBe(before.ca);
    expect(after.names).toContain(name);
    expect(await load(folder, NOW, ['hub.example', name])).toEqual(after);
  });

  test('a name that is given up keeps the certificate', async () => {
    const folder = newFolder();
    const before = await load(folder);
    expect((await load(folder, NOW, [])).cert).toBe(before.cert);
  });

  test('a server certificate of another authority is replaced', async () => {
    const [folder, other] = [newFolder(), newFolder()];
    const [before, foreign] = [await load(folder), await load(other)];
    for (const name of ['server.pem', 'server-key.pem']) {
      writeFileSync(folder.file(name), other.read(name) as string);
    }
    const after = await load(folder);
    expect(after.key).not.toBe(foreign.key);
    expect(after.ca).toBe(before.ca);
    const { server, authority } = parse(after);
    expect(server.verify(authority.publicKey)).toBe(true);
  });

  test.each([
    ['ca.pem', 'ca-key.pem'],
    ['ca-key.pem', 'ca.pem'],
  ])('an authority without its %s is never replaced by a new one', async (lost, left) => {
    const folder = newFolder();
    await load(folder);
    rmSync(folder.file(lost));
    const before = folder.read(left);
    const { problem } = await startErrorOf(() => load(folder));
    expect(problem).toBe(`${folder.file(lost)} is missing`);
    expect(folder.read(left)).toBe(before);
  });

  test('a server certificate without its key is replaced', async () => {
    const folder = newFolder();
    await load(folder);
    rmSync(folder.file('server-key.pem'));
    const after = await load(folder);
    expect(parse(after).server.checkPrivateKey(createPrivateKey(after.key))).toBe(true);
  });

  test.each(['ca.pem', 'server.pem'])(
    '%s that is no certificate is refused, and left as it is',
    async (name) => {
      const folder = newFolder();
      await load(folder);
      writeFileSync(folder.file(name), 'damaged');
      const { problem, remedy } = await startErrorOf(() => load(folder));
      expect(problem).toBe(`${folder.file(name)} is not a certificate`);
      expect(remedy).toContain('restore it from a backup');
      expect(folder.read(name)).toBe('damaged');
    },
  );
});

describe('while the hub runs', () => {
  test('the server certificate is renewed 30 days before it ends, and told', async () => {
    const folder = newFolder();
    const log = new TestLog();
    const running = new LocalCertificate(folder, [], log);
    const before = await running.load(NOW);
    expect(await running.newer(NOW + 366 * DAY)).toBeUndefined();
    const after = await running.newer(NOW + 367 * DAY);
    expect(after?.key).not.toBe(before.key);
    expect(after).toMatchObject({ ca: before.ca, names: before.names });
    expect(folder.read('server-key.pem')).toBe(after?.key);
    expect(log.lines).toEqual([
      expect.stringMatching(/^renewed the certificate of this hub, .* until 20\d\d-/),
    ]);
    expect(await running.newer(NOW + 367 * DAY)).toBeUndefined();
  });

  test('one that was issued when the clock was ahead is issued again', async () => {
    const running = source(newFolder());
    await running.load(NOW);
    const ahead = await running.newer(NOW + 5 * 366 * DAY);
    const back = await running.newer(NOW);
    expect(back?.key).not.toBe(ahead?.key);
    expect(new X509Certificate(back?.cert ?? '').validFromDate.getTime()).toBe(NOW - DAY);
  });

  test('a clock that is behind the authority changes nothing', async () => {
    const folder = newFolder();
    const before = await load(folder);
    const running = source(folder);
    expect(await running.load(0)).toEqual(before);
    expect(await running.newer(0)).toBeUndefined();
  });
});

test('the hub has each name once, and no address that needs a zone', () => {
  const names = hubNames(['localhost', 'hub.example', 'hub.example']);
  expect(new Set(names).size).toBe(names.length);
  expect(names.slice(0, 3)).toEqual(['localhost', '127.0.0.1', '::1']);
  expect(names.filter((name) => name.startsWith('fe80:'))).toEqual([]);
});
