import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { AccessWatch } from '#broker/access-watch.ts';
import { HubKeys } from '#broker/auth/keys.ts';
import type { Principal } from '#broker/auth/principal.ts';
import { DataFolder } from '#broker/config/data-folder.ts';
import { createLog } from '#broker/log/log.ts';
import { SqliteStore } from '#broker/store/sqlite/sqlite-store.ts';
import { NOW } from './store/records.ts';
import { temporaryFolder } from './temporary-folder.ts';

const ada: Principal = {
  kind: 'person',
  tenant: 'home',
  id: 'ada',
  role: 'viewer',
  sid: 'x',
  expiresAt: NOW,
};
const lamp: Principal = { kind: 'device', tenant: 'home', id: 'lamp', generation: 1 };

/** A watch over links that are up, and the keys as another process has them. */
async function watched() {
  const folder = new DataFolder(temporaryFolder());
  const store = new SqliteStore(join(folder.path, 'store.db'));
  const [keys, others] = [await HubKeys.load(folder, NOW), await HubKeys.load(folder, NOW)];
  const up = new Set<Principal>([ada, lamp]);
  const reasons: string[] = [];
  const watch = new AccessWatch({
    tenant: 'home',
    store,
    keys,
    fleet: { load: () => Promise.resolve(), registered: () => undefined },
    links: {
      present: () => [],
      dismiss: (reasonFor) => {
        for (const principal of up) {
          const reason = reasonFor(principal);
          if (reason === undefined) continue;
          up.delete(principal);
          reasons.push(`${principal.id}: ${reason}`);
        }
      },
      holdSessions: () => undefined,
    },
    log: createLog('silent'),
    now: () => NOW,
  });
  watch.begin();
  onTestFinished(async () => {
    await watch.stop();
    await store.close();
  });
  return { watch, keys, others, up, reasons };
}

const revoked = 'ada: all access tokens were revoked';

test('people whose tokens are revoked lose their links, and whoever has no such token keeps theirs', async () => {
  const { others, reasons } = await watched();
  await others.rotate(NOW, { atOnce: true });
  await vi.waitFor(() => expect(reasons).toEqual([revoked]));
});

test('whoever was let in by a token that was revoked meanwhile loses their link too', async () => {
  const { watch, others, up, reasons } = await watched();
  const asOf = watch.count;
  await others.rotate(NOW, { atOnce: true });
  await vi.waitFor(() => expect(reasons).toEqual([revoked]));
  up.add(ada);
  watch.lookAgain(ada, watch.count);
  expect(reasons).toEqual([revoked]);
  watch.lookAgain(ada, asOf);
  expect(reasons).toEqual([revoked, revoked]);
});

test('nobody loses a link where what was signed stays good', async () => {
  const { watch, keys, others, up, reasons } = await watched();
  const { kid } = keys.signing;
  await others.rotate(NOW);
  await vi.waitFor(() => expect(keys.signing.kid).not.toBe(kid));
  up.add(ada);
  watch.lookAgain(ada, 0);
  expect(reasons).toEqual([]);
});
