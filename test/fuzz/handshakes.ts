import type { Dice } from '../support/protocol/dice.ts';

/** A request for an upgrade, line by line, so that each can be changed. */
const LINES = [
  'GET /mqtt HTTP/1.1',
  'Host: localhost',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Protocol: mqtt',
] as const;

const requestOf = (lines: readonly string[], end = '\r\n'): Uint8Array =>
  Buffer.from(`${lines.join(end)}${end}${end}`, 'latin1');

/** The handshake of a client that does nothing wrong. */
export const UPGRADE = requestOf(LINES);

/** Lines that mean something else than those that there are, or nothing at all. */
const STRANGE = [
  'POST /mqtt HTTP/1.1',
  'GET / HTTP/1.1',
  'GET /healthz HTTP/1.1',
  'GET /mqtt?token=x HTTP/1.1',
  'GET http://localhost/mqtt HTTP/1.1',
  'GET * HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'CONNECT localhost:80 HTTP/1.1',
  'GET /%00%ff/..%2f..%2f HTTP/1.1',
  'GET /mqtt HTTP/1.0',
  'GET /mqtt HTTP/2.0',
  'PRI * HTTP/2.0',
  'Host:',
  'Host: evil.example',
  'Upgrade: h2c',
  'Upgrade: websocket, h2c',
  'Connection: close',
  'Connection: keep-alive, Upgrade',
  'Sec-WebSocket-Key: short',
  'Sec-WebSocket-Key:',
  'Sec-WebSocket-Version: 8',
  'Sec-WebSocket-Version: 255',
  'Sec-WebSocket-Version: x',
  'Sec-WebSocket-Protocol:',
  'Sec-WebSocket-Protocol: mqttv3.1',
  'Sec-WebSocket-Protocol: mqtt,mqtt',
  'Sec-WebSocket-Protocol: ,mqtt;,"',
  'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=99',
  'Sec-WebSocket-Extensions: permessage-deflate;;',
  'Origin: null',
  'Origin: https://evil.example',
  'Origin: http://localhost:99999',
  'Cookie: session=x',
  'X-Forwarded-For: 1.2.3.4, ::1, unknown',
  'Content-Length: 5',
  'Content-Length: -1',
  'Content-Length: 99999999999999999999',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip, chunked',
  'Expect: 100-continue',
  ' folded',
  'no colon',
  ': no name',
  'Bad Name: x',
  'N: \x01\x7f\xff',
] as const;

function changed(lines: readonly string[], dice: Dice): readonly string[] {
  const at = dice.below(lines.length);
  switch (dice.below(5)) {
    case 0:
      return lines.toSpliced(at, 1);
    case 1:
      return lines.toSpliced(at, 0, lines[at] ?? '');
    case 2:
      return lines.toSpliced(at, 0, dice.pick(STRANGE));
    case 3:
      return lines.with(at, dice.pick(STRANGE));
    default:
      return lines.with(at, `${lines[at]}${dice.pick(['\x00', 'x'.repeat(20_000), '\r', ',', '\xe4'])}`);
  }
}

/** A handshake with one or two mistakes, which may still be a good one. */
export function brokenUpgrade(dice: Dice): Uint8Array {
  let lines: readonly string[] = LINES;
  for (let left = 1 + dice.below(2); left > 0; left -= 1) lines = changed(lines, dice);
  const request = requestOf(lines, dice.oneIn(10) ? '\n' : '\r\n');
  return dice.oneIn(8) ? request.subarray(0, dice.below(request.length)) : request;
}
