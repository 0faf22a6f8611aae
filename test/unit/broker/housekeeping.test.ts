import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keepHouse } from '#broker/housekeeping.ts';
import { createLog } from '#broker/log/log.ts';
import { SqliteStore } from '#broker/store/sqlite/sqlite-store.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = 20_000 * DAY;
const KEEP = { rawHours: 24, minuteDays: 31, hourDays: 366, commandDays: 30, eventDays: 30, auditDays: 30 };

let store: SqliteStore;
let wall: number;
let monotonic: number;
let stop: () => Promise<void>;
/** Looks that have come to their end. */
let looked: PromiseWithResolvers<void>;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  store = new SqliteStore(':memory:');
  const { prune } = store;
  store.prune = async (...args) => {
    const gone = await prune(...args);
    if (gone === 0) looked.resolve();
    return gone;
  };
  looked = Promise.withResolvers();
  [wall, monotonic] = [NOW, 0];
  await store.saveAudit(
    [-31, -29].map((days) => ({
      t: NOW + days * DAY,
      who: '@a',
      address: '',
      action: 'x',
      subject: 'y',
      detail: '',
    })),
  );
  stop = keepHouse(
    store,
    KEEP,
    () => wall,
    createLog('silent'),
    () => monotonic,
  );
  await looked.promise;
});
afterEach(async () => {
  await stop();
  await store.close();
  vi.useRealTimers();
});

/** An hour goes by, and what is due then is done. */
async function hour(jump = 0): Promise<void> {
  looked = Promise.withResolvers();
  wall += HOUR + jump;
  monotonic += HOUR;
  vi.advanceTimersByTime(HOUR);
  await looked.promise;
}
const kept = async () => (await store.audit({ limit: 9 })).map(({ t }) => (t - NOW) / DAY);

test('what is older than the settings say goes, at the start and every hour', async () => {
  expect(await kept()).toEqual([-29]);
  for (let hours = 0; hours <= 24; hours += 1) await hour();
  expect(await kept()).toEqual([]);
});

test('a clock that is a year ahead for one look costs nothing', async () => {
  await hour(365 * DAY);
  expect(await kept()).toEqual([-29]);
  await hour(-365 * DAY);
  expect(await kept()).toEqual([-29]);
});
