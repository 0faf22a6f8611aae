import { once } from 'node:events';
import { connect } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { DataFolder } from '#broker/config/data-folder.ts';
import { listen } from '#broker/links/listeners.ts';
import { keepFresh } from '#broker/tls/keep-fresh.ts';
import { LocalCertificate } from '#broker/tls/local-certificate.ts';
import { openDoor } from '../support/door.ts';
import { TestLog } from '../support/hub.ts';
import { temporaryFolder } from '../unit/broker/temporary-folder.ts';

const DAY = 86_400_000;

test('the certificate of the hub’s own authority is renewed while the hub runs; who is connected stays so', async () => {
  // Clients have no clock but the real one, for which this certificate is near its end.
  let now = Date.now() - 368 * DAY;
  const log = new TestLog();
  const source = new LocalCertificate(new DataFolder(temporaryFolder()), [], log);
  const certificates = await source.load(now);
  const listeners = await listen({
    https: { port: 0, ...certificates },
    http: { host: '127.0.0.1', port: 0 },
    ...openDoor().listening,
    admitsPlain: () => true,
    onRequest: (_request, response) => response.end('served'),
  });
  onTestFinished(() => listeners.close());
  onTestFinished(
    keepFresh({ source, onNewer: (newer) => listeners.present(newer), now: () => now, log, every: 5 }),
  );

  /** A connection of somebody who verifies the hub against its authority. */
  async function open() {
    const { ca } = certificates;
    const socket = connect({ host: 'localhost', servername: 'localhost', port: listeners.httpsPort, ca });
    onTestFinished(() => void socket.destroy());
    await once(socket, 'secureConnect');
    return socket;
  }

  const before = await open();
  now = Date.now();
  await log.line(/renewed the certificate of this hub/);
  const after = await open();
  const serials = [before, after].map((socket) => socket.getPeerCertificate().serialNumber);
  expect(serials[0]).not.toBe(serials[1]);
  for (const socket of [before, after]) {
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 200 OK/);
  }
});
