import type { RequestListener } from 'node:http';
import { onTestFinished } from 'vitest';
import { DataFolder } from '#broker/config/data-folder.ts';
import { limitsSchema, type Limits } from '#broker/config/limits.ts';
import { listen, type Listeners } from '#broker/links/listeners.ts';
import { LocalCertificate } from '#broker/tls/local-certificate.ts';
import { temporaryFolder } from '../unit/broker/temporary-folder.ts';
import { openDoor } from './door.ts';
import { TestLog } from './hub.ts';

/** Opens the hub's listeners without a hub, until the test has finished. */
export async function openListeners(
  onRequest: RequestListener,
  limits: Partial<Limits> = {},
): Promise<Listeners> {
  const source = new LocalCertificate(new DataFolder(temporaryFolder()), [], new TestLog());
  const listeners = await listen({
    https: { port: 0, ...(await source.load(Date.now())) },
    http: { host: '127.0.0.1', port: 0 },
    ...openDoor({ ...limitsSchema.parse({}), ...limits }).listening,
    admitsPlain: () => true,
    onRequest,
  });
  onTestFinished(() => listeners.close());
  return listeners;
}
