import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { problem } from '#broker/contract/problem.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { askRaw } from '../support/raw-https.ts';

/** Targets byte for byte as no client would send them, over TLS, against the console as it is built. */
let hub: TestHub;
/** No body, or one of no chunks. */
const NOTHING = expect.stringMatching(/^(?:0\r\n\r\n)?$/) as string;
const page = readFileSync('console/dist/index.html', 'latin1');

beforeAll(async () => (hub = await startTestHub()));
afterAll(() => hub.close());

const get = (target: string, ...headers: string[]) =>
  askRaw(hub, [`GET ${target} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...headers]);

test('the console is built, and a file of it is served', async () => {
  expect(await get('/')).toMatchObject({ status: 200, body: page });
  expect((await get('/favicon.svg')).body).toMatch(/<svg/);
});

const UP = '../'.repeat(12);
const outside = (from: string): string[] => [`${from}../../package.json`, `${from}${UP}etc/passwd`];
const dots = (dot: string, slash: string) =>
  ['/', '/assets/', '/devices/'].flatMap((from) =>
    outside(from).map(
      (path) =>
        // The slash that a target begins with is not encoded.
        path.slice(0, from.length) + path.slice(from.length).replaceAll('.', dot).replaceAll('/', slash),
    ),
  );

describe('no target leads out of the console', () => {
  test.each<[string, string[]]>([
    ['dots', dots('.', '/')],
    ['encoded dots', dots('%2e', '/')],
    ['encoded dots in capitals', dots('%2E', '/')],
    ['encoded slashes', dots('.', '%2f')],
    ['encoded dots and slashes', dots('%2e', '%2f')],
    ['backslashes', dots('.', '\\')],
    ['encoded backslashes', dots('.', '%5c')],
    ['encoded dots and backslashes', dots('%2e', '%5C')],
    ['what is encoded twice', dots('%252e', '%252f')],
    ['what is encoded three times', dots('%25252e', '%25252f')],
    ['dots that are too long in UTF-8', dots('%c0%ae', '%c0%af')],
    ['dots of full width', dots('%ef%bc%8e', '%ef%bc%8f')],
    ['escapes of another make', dots('%u002e', '%u2215')],
    ['escapes that are cut', dots('%2', '%')],
    ['four dots and two slashes', ['/....//....//package.json', '/assets/....//....//....//package.json']],
    ['dots with parameters', ['/..;/..;/package.json', '/assets/..;x=y/..;/..;/package.json']],
    [
      'whole paths',
      ['//etc/passwd', '///etc/passwd', '/%2fetc%2fpasswd', '/assets//etc/passwd', '/C:/Windows/win.ini'],
    ],
    [
      'NUL',
      [
        '/%00',
        '/favicon.svg%00.html',
        '/..%00/package.json',
        '/%00../../package.json',
        '/index.html%00/../../package.json',
      ],
    ],
    [
      'whole URLs',
      [
        'https://localhost/../../package.json',
        'https://localhost/%2e%2e/%2e%2e/package.json',
        'file:///etc/passwd',
      ],
    ],
    ['line ends', ['/%0d%0aX-Odd:%20x', '/%0a../package.json']],
    ['the sources of the console', ['/../main.ts', '/../vite.config.ts', '/main.ts', '/dist/index.html']],
    ['files of the data folder', ['/keys.json', '/ca-key.pem', '/switchyard.db', '/../data/keys.json']],
    ['hidden files', ['/.git/config', '/.env', '/assets/.git/config']],
  ])('with %s', async (_what, targets) => {
    const root = hub.settings.data.slice(1);
    for (const target of [
      ...targets,
      ...targets.map((each) => each.replace('etc/passwd', `${root}/keys.json`)),
    ]) {
      const { status, head, body } = await get(target);
      // Either the one page, whose router knows no such path; or a refusal in JSON; or one by HTTP itself.
      const shown = { target, status, isPage: body === page };
      if (status === 200) expect(shown).toEqual({ target, status: 200, isPage: true });
      else if (status === 404) problem.parse(JSON.parse(body));
      else expect({ target, status, body }).toEqual({ target, status: 400, body: NOTHING });
      expect(head).not.toMatch(/^X-Odd/im);
    }
  });

  test.each([
    ['bytes that are no ASCII', '/\xff\xfe/../package.json'],
    ['NUL', '/\0../../package.json'],
    ['no slash', 'package.json'],
    ['dots without a slash', '../../package.json'],
  ])('with a target of %s, which is no HTTP', async (_what, target) => {
    const { status, body } = await get(target);
    expect([status, body]).toEqual([
      400,
      expect.stringMatching(/^this is no request of HTTP\/1\.1: "[^"/]*"\n$/),
    ]);
  });

  test.each(['HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'])(
    'nor by %s',
    async (method) => {
      const lines = ['Host: localhost', 'Connection: close', 'Content-Length: 0'];
      const { body } = await askRaw(hub, [
        `${method} /assets/..%2f..%2f..%2fpackage.json HTTP/1.1`,
        ...lines,
      ]);
      if (body !== '' && body !== page) problem.parse(JSON.parse(body));
    },
  );

  test('the precompressed form of a file is the same file', async () => {
    const [, asset = ''] = /src="(\/assets\/[^"]+\.js)"/.exec(page) ?? [];
    const { status, head } = await get(asset, 'Accept-Encoding: br');
    expect(status).toBe(200);
    expect(head).toMatch(/content-encoding: br/i);
    for (const target of ['/assets/../../package.json', `${asset}/../../../package.json`]) {
      expect((await get(target, 'Accept-Encoding: br, gzip')).body).not.toContain('"switchyard"');
    }
  });
});

test('what is looked for is there to be found', () => {
  expect(readFileSync('package.json', 'utf8')).toContain('"switchyard"');
  expect(readFileSync(join(hub.settings.data, 'keys.json'), 'utf8')).not.toBe('');
});
