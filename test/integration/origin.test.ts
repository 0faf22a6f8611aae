import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { askRaw, handshake } from '../support/raw-https.ts';

/** Origins as bytes on the wire, in real handshakes over TLS. */
let hub: TestHub;
let port: number;

const PANEL = 'https://panel.example.com';
const KITCHEN = 'https://xn--kche-0ra.example.com';

beforeAll(async () => {
  hub = await startTestHub((settings) => ({
    ...settings,
    names: ['hub.example.com'],
    origins: [PANEL, KITCHEN],
  }));
  port = hub.hub.httpsPort;
});
afterAll(() => hub.close());
afterEach(() => hub.log.lines.splice(0));

const upgrade = (...headers: (string | Buffer)[]) => askRaw(hub, handshake(...headers));
const from = (origin: string) => `Origin: ${origin}`;

describe('a handshake is taken', () => {
  test('without an Origin, as devices make it', async () => expect((await upgrade()).status).toBe(101));

  test.each<[string, () => string]>([
    ['this machine', () => `https://localhost:${port}`],
    ['this machine by its address', () => `https://127.0.0.1:${port}`],
    ['this machine by its IPv6 address', () => `https://[::1]:${port}`],
    ['a name of the settings', () => `https://hub.example.com:${port}`],
    ['the plain listener', () => `http://localhost:${hub.hub.httpPort}`],
    ['another page that is configured', () => PANEL],
    ['one in another script', () => KITCHEN],
  ])('from %s', async (_what, origin) => {
    expect((await upgrade(from(origin()))).status).toBe(101);
    expect(hub.log.lines.filter((line) => /refused/.test(line))).toEqual([]);
  });

  test('with space around the Origin, which is no part of it', async () => {
    expect((await upgrade(`Origin: \t ${PANEL} \t `)).status).toBe(101);
  });
});

describe('a handshake is refused with 403, and the log names its Origin', () => {
  test.each<[string, (string | Buffer)[] | (() => string[]), string | (() => string)]>([
    ['null', [from('null')], '"null"'],
    ['nothing', ['Origin:'], '""'],
    ['space', ['Origin:   '], '""'],
    ['a stranger', [from('https://evil.example.com')], '"https://evil.example.com"'],
    ['two headers', [from(PANEL), from('https://evil.example.com')], `"${PANEL}, https://evil.example.com"`],
    [
      'two headers in the other order',
      [from('https://evil.example.com'), from(PANEL)],
      `"https://evil.example.com, ${PANEL}"`,
    ],
    ['two that are the same', [from(PANEL), from(PANEL)], `"${PANEL}, ${PANEL}"`],
    ['one that is good and an empty one', [from(PANEL), 'Origin:'], `"${PANEL}, "`],
    ['several with commas', [from(`${PANEL},${PANEL}`)], `"${PANEL},${PANEL}"`],
    ['several with spaces', [from(`${PANEL} ${PANEL}`)], `"${PANEL} ${PANEL}"`],
    ['capitals in the scheme', [from('HTTPS://panel.example.com')], '"HTTPS://panel.example.com"'],
    ['capitals in the host', [from('https://Panel.example.com')], '"https://Panel.example.com"'],
    ['another scheme', [from('http://panel.example.com')], '"http://panel.example.com"'],
    ['wss', [from('wss://panel.example.com')], '"wss://panel.example.com"'],
    ['no scheme', [from('panel.example.com')], '"panel.example.com"'],
    ['only slashes for a scheme', [from('//panel.example.com')], '"//panel.example.com"'],
    ['another port', [from(`${PANEL}:8443`)], `"${PANEL}:8443"`],
    [
      'the port of the plain listener',
      () => [from(`https://localhost:${hub.hub.httpPort}`)],
      () => `"https://localhost:${hub.hub.httpPort}"`,
    ],
    ['no port where ours has one', [from('https://hub.example.com')], '"https://hub.example.com"'],
    ['the default port, written out', [from(`${PANEL}:443`)], `"${PANEL}:443"`],
    ['an empty port', [from(`${PANEL}:`)], `"${PANEL}:"`],
    ['a port with zeros', () => [from(`https://localhost:0${port}`)], () => `"https://localhost:0${port}"`],
    ['a slash at the end', [from(`${PANEL}/`)], `"${PANEL}/"`],
    ['a path', [from(`${PANEL}/mqtt`)], `"${PANEL}/mqtt"`],
    ['a query', [from(`${PANEL}?x`)], `"${PANEL}?x"`],
    ['a fragment', [from(`${PANEL}#x`)], `"${PANEL}#x"`],
    ['a dot at the end', [from(`${PANEL}.`)], `"${PANEL}."`],
    ['a user', [from('https://me@panel.example.com')], '"https://me@panel.example.com"'],
    [
      'our name as a user',
      [from('https://panel.example.com@evil.example.com')],
      '"https://panel.example.com@evil.example.com"',
    ],
    ['a name below', [from('https://a.panel.example.com')], '"https://a.panel.example.com"'],
    ['a name above', [from('https://example.com')], '"https://example.com"'],
    ['a name that ends alike', [from('https://evilpanel.example.com')], '"https://evilpanel.example.com"'],
    ['a name that begins alike', [from(`${PANEL}.evil.com`)], `"${PANEL}.evil.com"`],
    ['a file', [from('file://')], '"file://"'],
    ['a file of a host', [from('file:///etc/passwd')], '"file:///etc/passwd"'],
    ['data', [from('data:text/html,x')], '"data:text/html,x"'],
    ['an extension', [from('chrome-extension://abcdef')], '"chrome-extension://abcdef"'],
    [
      'a script as it is written, in UTF-8',
      [Buffer.from('Origin: https://küche.example.com')],
      String.raw`"https://k\u00c3\u00bcche.example.com"`,
    ],
    [
      'a script as it is written, in Latin-1',
      [from('https://küche.example.com')],
      String.raw`"https://k\u00fcche.example.com"`,
    ],
    [
      'another script’s letters that look alike',
      [Buffer.from('Origin: https://pаnel.example.com')],
      String.raw`"https://p\u00d0\u00b0nel.example.com"`,
    ],
    [
      'dots of another script',
      [Buffer.from('Origin: https://panel。example.com')],
      String.raw`"https://panel\u00e3\u0080\u0082example.com"`,
    ],
    ['escapes', [from('https://panel%2eexample.com')], '"https://panel%2eexample.com"'],
    [
      'IPv6 at length',
      () => [from(`https://[0:0:0:0:0:0:0:1]:${port}`)],
      () => `"https://[0:0:0:0:0:0:0:1]:${port}"`,
    ],
    ['IPv4 as a number', () => [from(`https://2130706433:${port}`)], () => `"https://2130706433:${port}"`],
    ['orders to a terminal', [from('https://\x9b31mevil')], String.raw`"https://\u009b31mevil"`],
    ['8,000 characters', [from(`https://${'x'.repeat(8_000)}.com`)], `"https://${'x'.repeat(92)}"…`],
    ['a good one behind 8,000 spaces', [from(`${' '.repeat(8_000)}x${PANEL}`)], `"x${PANEL}"`],
  ])('from %s', async (_what, headers, named) => {
    const { status, head, body } = await upgrade(...(typeof headers === 'function' ? headers() : headers));
    const shown = typeof named === 'function' ? named() : named;
    expect(status).toBe(403);
    expect(head).toMatch(/Connection: close/);
    expect(Buffer.from(body, 'latin1').toString()).toBe(
      `Origin ${shown} is not allowed: if it is to be, add it to "origins" in the hub's settings\n`,
    );
    const line = await hub.log.line(/refused a connection/);
    expect(line).toContain(`with 403: Origin ${shown} is not allowed`);
    expect(line).toMatch(/^[\x20-\x7e…]{1,400}$/);
  });

  test.each(['Cookie: __Host-switchyard=x', 'Sec-Fetch-Site: cross-site'])(
    'without an Origin, but with "%s"',
    async (header) => {
      expect(await upgrade(header)).toMatchObject({ status: 403, body: 'a browser must say its Origin\n' });
      await hub.log.line(/with 403: a browser must say its Origin/);
    },
  );

  test('from nobody who writes the header in another case either', async () => {
    expect((await upgrade('ORIGIN: https://evil.example.com')).status).toBe(403);
    expect((await upgrade('oRiGiN: https://evil.example.com')).status).toBe(403);
  });
});

describe('a handshake that is not HTTP is not even looked at', () => {
  test.each([
    ['more headers than the hub reads', [`Origin: ${PANEL}${'x'.repeat(20_000)}`], 431],
    ['a header before which there is a space', [` Origin: ${PANEL}`], 400],
    ['a header behind which there is a space', [`Origin : ${PANEL}`], 400],
    ['NUL in the Origin', [`Origin: ${PANEL}\0`], 400],
    ['a line end of its own', [`Origin: ${PANEL}\nOrigin: https://evil.example.com`], 400],
  ])('%s', async (_what, headers, status) => expect((await upgrade(...headers)).status).toBe(status));
});

test('the plain listener judges alike', async () => {
  const plain = (...headers: string[]) => askRaw({ port: hub.hub.httpPort }, handshake(...headers));
  expect((await plain()).status).toBe(101);
  expect((await plain(from(PANEL))).status).toBe(101);
  expect((await plain(from('https://evil.example.com'))).status).toBe(403);
  expect((await plain(from('null'))).status).toBe(403);
});
