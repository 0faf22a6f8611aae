import { describe, expect, test } from 'vitest';
import { refuseUpgrade, type GuardContext } from '#broker/links/upgrade-guard.ts';

const OWN = 'https://hub.example:8443';

interface Handshake {
  readonly url?: string;
  readonly origin?: string;
  readonly protocol?: string | null;
  readonly more?: Record<string, string>;
}

function judge(
  { url = '/mqtt', origin, protocol = 'mqtt', more }: Handshake,
  context: Partial<GuardContext> = {},
) {
  const headers = {
    ...more,
    ...(origin !== undefined && { origin }),
    ...(protocol !== null && { 'sec-websocket-protocol': protocol }),
  };
  const roomy = { originAllowed: (candidate: string) => candidate === OWN, links: 0, maxLinks: 10 };
  return refuseUpgrade({ url, headers }, { ...roomy, ...context });
}

describe('a handshake goes on', () => {
  test.each([
    ['from a device, which sends no Origin', {}],
    ['from the hub’s own page', { origin: OWN }],
    ['from the hub’s own page with a cookie', { origin: OWN, more: { cookie: 'a=b' } }],
    ['with a query, which is not looked at', { url: '/mqtt?x=1' }],
    ['with "mqtt" alone', { protocol: 'mqtt' }],
    ['with "mqtt" among others', { protocol: 'mqttv3.1, mqtt' }],
    ['with "mqtt" among others, without spaces', { protocol: 'x,mqtt,y' }],
  ])('%s', (_name, handshake) => {
    expect(judge(handshake)).toBeUndefined();
  });

  test('while there is room for one more', () => {
    expect(judge({}, { links: 9 })).toBeUndefined();
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
    expect(judge({ url })).toMatchObject({ status: 404, reason: expect.stringContaining('/mqtt') });
  });

  test.each(['https://evil.example', 'null', '', `${OWN}/`])('from the origin %j: 403', (origin) => {
    expect(judge({ origin })).toMatchObject({ status: 403, reason: expect.stringContaining(origin) });
  });

  test.each([['cookie'], ['sec-fetch-site'], ['sec-fetch-mode']])(
    'without an Origin but with %s, which only browsers send: 403',
    (name) => {
      expect(judge({ more: { [name]: 'x' } })).toEqual({
        status: 403,
        reason: 'a browser must say its Origin',
      });
    },
  );

  test('with a sentence that is short and printable, whatever the handshake says', () => {
    const odd = `\u009b31m${'x'.repeat(10_000)}`;
    for (const refusal of [judge({ url: odd }), judge({ origin: odd })]) {
      expect(refusal?.reason).toMatch(/^[\x20-\x7e…]{50,300}$/);
    }
  });

  test.each([[null], [''], ['MQTT'], ['mqttv3.1'], ['mqtt2, xmqtt'], ['mqtt;v=1']])(
    'with the subprotocols %j: 400',
    (protocol) => {
      expect(judge({ protocol })).toEqual({ status: 400, reason: 'offer the WebSocket subprotocol "mqtt"' });
    },
  );

  test.each([10, 11])('when %i of 10 links are in use: 503', (links) => {
    expect(judge({}, { links })).toEqual({ status: 503, reason: 'all 10 links are in use' });
  });

  test('for a foreign origin even when the hub is full, so that it does not learn that', () => {
    expect(judge({ origin: 'https://evil.example' }, { links: 10 })).toMatchObject({ status: 403 });
  });
});
