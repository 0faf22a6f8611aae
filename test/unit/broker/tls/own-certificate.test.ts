import { X509Certificate } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { OwnCertificate } from '#broker/tls/own-certificate.ts';
import { bringPair, type TestPair } from '../../../support/certificates.ts';
import { TestLog } from '../../../support/hub.ts';
import { startErrorOf } from '../start-errors.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const NOW = 1_800_000_000_000;
const DAY = 86_400_000;

let first: TestPair;
let second: TestPair;
beforeAll(async () => {
  first = await bringPair(['hub.example'], NOW);
  second = await bringPair(['hub.example', 'new.example'], NOW);
});

let folder: string;
let log: TestLog;
let own: OwnCertificate;
const file = (name: string): string => join(folder, name);
beforeEach(() => {
  folder = temporaryFolder();
  log = new TestLog();
  own = new OwnCertificate({ certificate: file('chain.pem'), key: file('key.pem') }, [], log);
});

const write = ({ cert, key }: TestPair, to = folder): void => {
  writeFileSync(join(to, 'chain.pem'), cert);
  writeFileSync(join(to, 'key.pem'), key);
};

/** Changes a link in one step, as certbot and Kubernetes do. */
function point(link: string, to: string): void {
  symlinkSync(to, `${link}.new`);
  renameSync(`${link}.new`, link);
}

describe('at the start', () => {
  test('the pair is presented as it is in its files, under its names', async () => {
    write(first);
    expect(await own.load(NOW)).toEqual({ cert: first.cert, key: first.key, names: ['hub.example'] });
    expect(log.lines).toEqual([]);
  });

  test.each<[string, () => void, RegExp]>([
    ['no files', () => undefined, /chain\.pem is missing$/],
    ['no key', () => rmSync(file('key.pem')), /key\.pem is missing$/],
    [
      'a folder for a key',
      () => (rmSync(file('key.pem')), mkdirSync(file('key.pem'))),
      /key\.pem cannot be read \(EISDIR\)$/,
    ],
    ['no PEM', () => writeFileSync(file('chain.pem'), 'x'), /chain\.pem holds no PEM certificate$/],
    [
      'the key to another',
      () => writeFileSync(file('key.pem'), second.key),
      /key\.pem is not the key to the certificate$/,
    ],
  ])('%s is one clear fault', async (what, damage, problem) => {
    if (what !== 'no files') write(first);
    damage();
    expect((await startErrorOf(() => own.load(NOW))).problem).toMatch(problem);
  });

  test('a pair that has ended is one too', async () => {
    write(first);
    const { problem, remedy } = await startErrorOf(() => own.load(NOW + 400 * DAY));
    expect(problem).toMatch(/chain\.pem ended on 2028-02-16 08:00 UTC$/);
    expect(remedy).toBe('renew it');
  });

  test('a name of the settings that the certificate does not have is told', async () => {
    write(first);
    const files = { certificate: file('chain.pem'), key: file('key.pem') };
    await new OwnCertificate(files, ['elsewhere.example'], log).load(NOW);
    expect(log.lines).toEqual([expect.stringContaining('not good for elsewhere.example')]);
  });
});

describe('while the hub runs', () => {
  const tookSecond = (line: string): boolean =>
    line.startsWith('took the new certificate') &&
    line.includes(new X509Certificate(second.cert).fingerprint256);

  test('nothing happens while nothing changes', async () => {
    write(first);
    await own.load(NOW);
    expect(await own.newer(NOW)).toBeUndefined();
    expect(log.lines).toEqual([]);
  });

  test('files that are written anew are taken once, with their names', async () => {
    write(first);
    await own.load(NOW);
    write(second);
    expect(await own.newer(NOW)).toEqual({
      cert: second.cert,
      key: second.key,
      names: ['hub.example', 'new.example'],
    });
    expect(await own.newer(NOW)).toBeUndefined();
    expect(log.lines.filter(tookSecond)).toHaveLength(1);
  });

  test('links that are changed one by one, as certbot does, are taken when both are', async () => {
    for (const [name, pair] of [
      ['1', first],
      ['2', second],
    ] as const) {
      mkdirSync(file(name));
      write(pair, file(name));
    }
    point(file('chain.pem'), '1/chain.pem');
    point(file('key.pem'), '1/key.pem');
    await own.load(NOW);
    point(file('key.pem'), '2/key.pem');
    expect(await own.newer(NOW)).toBeUndefined();
    point(file('chain.pem'), '2/chain.pem');
    expect(await own.newer(NOW)).toMatchObject({ cert: second.cert });
    expect(log.lines).toEqual([expect.stringMatching(/^took/)]);
  });

  test('a link in the middle of their paths, as Kubernetes has it, is followed', async () => {
    for (const [name, pair] of [
      ['..1', first],
      ['..2', second],
    ] as const) {
      mkdirSync(file(name));
      write(pair, file(name));
    }
    point(file('..data'), '..1');
    for (const name of ['chain.pem', 'key.pem']) symlinkSync(`..data/${name}`, file(name));
    await own.load(NOW);
    point(file('..data'), '..2');
    expect(await own.newer(NOW)).toMatchObject({ cert: second.cert });
  });

  test('what cannot be used is told once, and leaves the old one until it can', async () => {
    write(first);
    await own.load(NOW);
    writeFileSync(file('key.pem'), second.key.slice(0, 100));
    for (let looks = 0; looks < 4; looks += 1) expect(await own.newer(NOW)).toBeUndefined();
    expect(log.lines).toEqual([
      expect.stringMatching(/key\.pem holds .*damaged: .*; until then the certificate in use stays$/),
    ]);
    rmSync(file('key.pem'));
    for (let looks = 0; looks < 4; looks += 1) expect(await own.newer(NOW)).toBeUndefined();
    expect(log.lines).toHaveLength(2);
    write(second);
    expect(await own.newer(NOW)).toMatchObject({ cert: second.cert });
  });

  test('one that nobody renews is spoken of once a day', async () => {
    write(first);
    await own.load(NOW);
    for (const day of [380, 390, 390.5, 391.1, 398]) await own.newer(NOW + day * DAY);
    expect(log.lines).toEqual([
      expect.stringMatching(/^the certificate in use ends on .* renew .*chain\.pem$/),
      expect.stringMatching(/^the certificate in use ends on/),
      expect.stringMatching(/^the certificate in use ended on/),
    ]);
  });
});
