import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { SqliteStore } from '#broker/store/sqlite/sqlite-store.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { ada, deed, session } from './records.ts';

const DAY = 86_400_000;

describe('what people did', () => {
  let store: SqliteStore;
  const entry = (t: number, fields: Partial<typeof deed> = {}) => ({ ...deed, t, ...fields });

  beforeEach(() => {
    store = new SqliteStore(':memory:');
    onTestFinished(() => store.close());
  });

  test('is told the latest first', async () => {
    await store.saveAudit([entry(1), entry(2), entry(2)]);
    expect(await store.audit({ limit: 2 })).toEqual([entry(2), entry(2)]);
    expect(await store.audit({ before: 2, limit: 2 })).toEqual([entry(1)]);
  });

  test.each([
    ['nothing', {}, [4, 3, 2, 1]],
    ['who', { who: '@ada' }, [3, 1]],
    ['what', { action: 'session.open' }, [4, 3]],
    ['to what', { subject: 'lamp' }, [2, 1]],
    ['all of it', { who: '@ada', action: 'session.open', subject: '@ada' }, [3]],
    ['what is undefined', { who: undefined, action: undefined, subject: undefined }, [4, 3, 2, 1]],
    ['what nobody did', { who: '@ada', subject: '@bob' }, []],
    ['half of a name', { who: '@ad' }, []],
    ['a pattern', { who: '%' }, []],
    ['an empty name', { who: '' }, []],
    ['a time too', { who: '@ada', before: 3 }, [1]],
    ['a number too', { action: 'session.open', limit: 1 }, [4]],
  ])('is narrowed by %s', async (_what, query, expected) => {
    const opened = { action: 'session.open' };
    await store.saveAudit([
      entry(1),
      entry(2, { who: '@bob' }),
      entry(3, { ...opened, subject: '@ada' }),
      entry(4, { who: '@bob', ...opened, subject: '@bob' }),
    ]);
    expect((await store.audit({ limit: 9, ...query })).map(({ t }) => t)).toEqual(expected);
  });

  test('is told in pages that go on where the last one ended, whatever clocks did', async () => {
    const times = [5, 3, 3, 9, 1, 4];
    await store.saveAudit(times.map((t) => entry(t)));
    const found: number[] = [];
    for (let after = 0, pages = 0; pages < 9; pages += 1) {
      const page = await store.auditPage({ from: 3, to: 9, after, limit: 2 });
      found.push(...page.map(({ t }) => t));
      expect(page.every(({ row }) => row > after)).toBe(true);
      after = page.at(-1)?.row ?? after;
      // What is written meanwhile comes in its turn.
      if (pages === 0) await store.saveAudit([entry(8)]);
      if (page.length < 2) break;
    }
    expect(found).toEqual([5, 3, 3, 4, 8]);
  });

  test('is told with all of an entry in pages too', async () => {
    await store.saveAudit([entry(1)]);
    expect(await store.auditPage({ from: 0, to: 9, after: 0, limit: 9 })).toEqual([{ ...entry(1), row: 1 }]);
  });
});

describe('past the hub', () => {
  let store: SqliteStore;
  let db: DatabaseSync;
  const now = Date.now();
  const times = async (): Promise<number[]> => (await store.audit({ limit: 99 })).map(({ t }) => t);

  beforeEach(async () => {
    const file = join(temporaryFolder(), 'store.db');
    store = new SqliteStore(file);
    db = new DatabaseSync(file);
    onTestFinished(() => {
      db.close();
      return store.close();
    });
    await store.saveAudit([{ ...deed, t: now - 2 * DAY }, deed, { ...deed, t: now }]);
  });

  test.each(['t = 0', "who = '@bob'", "address = ''", "action = 'x'", "subject = 'x'", "detail = 'x'"])(
    'an entry is not changed, of whatever age: %s',
    async (change) => {
      const before = await store.audit({ limit: 9 });
      expect(() => db.exec(`UPDATE audit SET ${change}`)).toThrow(/the audit is not changed/);
      expect(() => db.exec(`UPDATE audit SET ${change} WHERE t < ${now - DAY}`)).toThrow(/not changed/);
      expect(await store.audit({ limit: 9 })).toEqual(before);
    },
  );

  test('an entry of the last day, or of a clock that is ahead, is not removed', async () => {
    expect(() => db.exec(`DELETE FROM audit WHERE t = ${now}`)).toThrow(/the last day is not removed/);
    expect(() => db.exec(`DELETE FROM audit WHERE t = ${deed.t}`)).toThrow(/the last day is not removed/);
    expect(() => db.exec('DELETE FROM audit')).toThrow(/the last day is not removed/);
    expect(await times()).toHaveLength(3);
    db.exec(`DELETE FROM audit WHERE t < ${now - DAY}`);
    expect(await times()).toHaveLength(2);
  });

  test('where it is told by another clock what is bygone, the last day stays, and all else goes', async () => {
    await store.createPerson(ada);
    await store.createSession({ ...session, expiresAt: now });
    const [access, audit] = [now + 1, now + 400 * DAY];
    expect(await store.prune({ access, commands: 0, happenings: 0, audit }, [])).toBe(2);
    expect(await store.sessions()).toEqual([]);
    expect(await times()).toEqual([deed.t, now]);
  });
});
