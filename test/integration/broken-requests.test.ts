import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestHub, type TestHub } from '../support/hub.ts';

let hub: TestHub;

beforeAll(async () => (hub = await startTestHub()));
afterAll(() => hub.close());

/** What the hub answers to these bytes, until it ends the connection. */
async function answerTo(request: string): Promise<string> {
  const socket = connect(hub.hub.httpPort, '127.0.0.1');
  let answer = '';
  socket.setEncoding('latin1').on('data', (text: string) => (answer += text));
  socket.write(request, 'latin1');
  await once(socket, 'close');
  return answer;
}

const status = (answer: string): string | undefined => /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1];

test.each(['http://x@127.0.0.1', 'http://x:y@127.0.0.1', 'https://:y@localhost:1'])(
  'an address that names a user is a bad request: %s',
  async (base) => {
    const before = hub.log.lines.length;
    for (const path of ['/api/provision', '/api/session', '/api/nothing', '/']) {
      const head = `POST ${base}${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n`;
      const answer = await answerTo(`${head}Content-Length: 2\r\n\r\n{}`);
      expect(status(answer)).toBe('400');
      expect(answer).toContain('"code":"bad_request"');
    }
    expect(hub.log.lines.slice(before)).toEqual([]);
  },
);

test('a body that is framed wrongly is a bad request, and two lines in the log that are limited', async () => {
  const before = hub.log.lines.length;
  const head = 'POST /api/provision HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n';
  expect(status(await answerTo(`${head}\r\nzz\r\n`))).toBe('400');
  await hub.log.line(/did not come whole/);
  expect(hub.log.lines.slice(before)).toEqual([
    'refused a request from 127.0.0.1 with 400: this is no request of HTTP/1.1: "Invalid character in chunk size"',
    'POST /api/provision did not come whole: aborted',
  ]);
});
