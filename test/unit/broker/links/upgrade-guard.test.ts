import { describe, expect, test } from 'vitest';
import { refuseUpgrade } from '#broker/links/upgrade-guard.ts';

const OWN = 'https://hub.example:8443';

interface Change {
  readonly url?: string;
  readonly method?: string;
  readonly httpVersion?: string;
  readonly hosts?: readonly string[];
  /** Headers besides those of a device; undefined takes one away. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

const DEVICE = {
  upgrade: 'websocket',
  connection: 'Upgrade',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-protocol': 'mqtt',
};

function judge({ url = '/mqtt', method = 'GET', httpVersion = '1.1', hosts = ['hub'], headers }: Change) {
  const given = Object.entries({ ...DEVICE, ...headers }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const rawHeaders = [...hosts.flatMap((host) => ['Host', host]), ...given.flat()];
  const request = { url, method, httpVersion, headers: Object.fromEntries(given), rawHeaders };
  return refuseUpgrade(request, (origin) => origin === OWN);
}

describe('a handshake goes on', () => {
  test.each<[string, Change]>([
    ['from a device, which sends no Origin', {}],
    ['from Node’s own WebSocket', { headers: { 'sec-fetch-mode': 'websocket' } }],
    ['from the hub’s own page', { headers: { origin: OWN } }],
    ['from the hub’s own page with a cookie', { headers: { origin: OWN, cookie: 'a=b' } }],
    ['with a query, which is not looked at', { url: '/mqtt?x=1' }],
    ['with "mqtt" among others', { headers: { 'sec-websocket-protocol': 'mqttv3.1, mqtt' } }],
    ['with "mqtt" among others, without spaces', { headers: { 'sec-websocket-protocol': 'x,mqtt,y' } }],
    ['with a body of no length', { headers: { 'content-length': '0' } }],
  ])('%s', (_name, change) => {
    expect(judge(change)).toBeUndefined();
  });
});

describe('a handshake is refused', () => {
  test.each([
    ['at the root', '/'],
    ['below the path', '/mqtt/'],
    ['at a path that begins alike', '/mqtts'],
    ['at another case', '/MQTT'],
    ['at an encoded path', '/%6dqtt'],
    ['at a path behind slashes', '//mqtt'],
    ['at a whole URL', 'http://hub.example/mqtt'],
    ['at nothing', ''],
  ])('%s: 404', (_name, url) => {
    expect(judge({ url })).toMatchObject({
      cause: 'wrong-path',
      status: 404,
      reason: expect.stringContaining('/mqtt'),
    });
  });

  test.each(['https://evil.example', 'null', '', `${OWN}/`])('from the origin %j: 403', (origin) => {
    expect(judge({ headers: { origin } })).toMatchObject({
      cause: 'foreign-origin',
      status: 403,
      reason: expect.stringContaining(origin),
    });
  });

  test.each([['cookie'], ['sec-fetch-site']])(
    'without an Origin but with %s, which only browsers send: 403',
    (name) => {
      expect(judge({ headers: { [name]: 'x' } })).toEqual({
        cause: 'foreign-origin',
        status: 403,
        reason: 'a browser must say its Origin',
      });
    },
  );

  test('with a sentence that is short and printable, whatever the handshake says', () => {
    const odd = `\u009b31m${'x'.repeat(10_000)}`;
    for (const refusal of [judge({ url: odd }), judge({ headers: { origin: odd } })]) {
      expect(refusal?.reason).toMatch(/^[\x20-\x7e…]{50,300}$/);
    }
  });

  test.each([[undefined], [''], ['MQTT'], ['mqttv3.1'], ['mqtt2, xmqtt'], ['mqtt;v=1']])(
    'with the subprotocols %j: 400 [MQTT-6.0.0-3]',
    (protocols) => {
      expect(judge({ headers: { 'sec-websocket-protocol': protocols } })).toEqual({
        cause: 'no-subprotocol',
        status: 400,
        reason: 'offer the WebSocket subprotocol "mqtt"',
      });
    },
  );

  test.each<[string, Change, number, RegExp]>([
    ['with another method', { method: 'POST' }, 405, /begins with GET/],
    ['of HTTP/1.0', { httpVersion: '1.0' }, 400, /HTTP\/1\.1/],
    ['without a Host', { hosts: [] }, 400, /one Host/],
    ['with two of them', { hosts: ['hub', 'other'] }, 400, /one Host/],
    ['with a body', { headers: { 'content-length': '5' } }, 400, /no body/],
    ['with a body in chunks', { headers: { 'transfer-encoding': 'chunked' } }, 400, /no body/],
    ['without a key', { headers: { 'sec-websocket-key': undefined } }, 400, /one key of 16 bytes/],
    ['with a short key', { headers: { 'sec-websocket-key': 'YQ==' } }, 400, /one key of 16 bytes/],
    [
      'with two keys',
      { headers: { 'sec-websocket-key': `${DEVICE['sec-websocket-key']}, x` } },
      400,
      /one key of 16 bytes/,
    ],
  ])('%s', (_name, change, status, reason) => {
    expect(judge(change)).toMatchObject({
      cause: 'handshake-malformed',
      status,
      reason: expect.stringMatching(reason),
    });
  });

  test.each([[undefined], ['8'], ['14'], ['13, 13'], ['x'], ['']])(
    'with the version %j: 426 and the version that is spoken (RFC 6455 §4.4)',
    (version) => {
      expect(judge({ headers: { 'sec-websocket-version': version } })).toMatchObject({
        status: 426,
        headers: { 'Sec-WebSocket-Version': '13', Upgrade: 'websocket' },
      });
    },
  );

  test('for its origin before it learns anything else', () => {
    const headers = { origin: 'https://evil.example', 'sec-websocket-version': '8' };
    expect(judge({ headers })).toMatchObject({ status: 403 });
  });
});
