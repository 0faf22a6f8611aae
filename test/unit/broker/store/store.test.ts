import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { COMMAND } from '#firmware-protocol';
import type { CommandRecord } from '#broker/store/commands.ts';
import type { Store } from '#broker/store/store.ts';
import { ada, batch, bytes, claim, command, deed, lamp, NOW, schedule, session, twin } from './records.ts';
import { STORES } from './stores.ts';

describe.each(STORES)('%s', (_where, open) => {
  let store: Store;

  beforeEach(async () => {
    store = await open();
    onTestFinished(() => store.close());
    await store.createDevices([lamp]);
    await store.createPerson(ada);
  });

  const saveCommands = (...commands: CommandRecord[]): Promise<void> => store.saveProgress({ commands });
  const kettle = { ...lamp, id: 'kettle', name: '', place: 'attic', tags: [] };

  describe('devices', () => {
    test('come back as they were created, in the order of their ids', async () => {
      expect(await store.createDevices([kettle])).toEqual([]);
      expect(await store.devices()).toEqual([kettle, lamp]);
      expect(await store.device('kettle')).toEqual(kettle);
      expect(await store.device('none')).toBeUndefined();
    });

    test('are created all or, where an id is taken, none', async () => {
      expect(await store.createDevices([kettle, { ...lamp, name: 'other' }])).toEqual(['lamp']);
      expect(await store.devices()).toEqual([lamp]);
      await expect(store.createDevices([kettle, { ...kettle, id: null as never }])).rejects.toThrow(
        /NOT NULL/,
      );
      expect(await store.devices()).toEqual([lamp]);
    });

    test('are labelled, and are the same otherwise', async () => {
      const labels = { name: 'Lamp', place: 'hall', tags: ['a', 'b'] };
      expect(await store.labelDevice('lamp', labels)).toEqual(labels);
      expect(await store.device('lamp')).toEqual({ ...lamp, ...labels });
      expect(await store.labelDevice('none', labels)).toBeUndefined();
    });

    test('keep the labels that are not changed', async () => {
      const [, , last] = await Promise.all([
        store.labelDevice('lamp', { name: 'Lamp' }),
        store.labelDevice('lamp', { place: 'hall' }),
        store.labelDevice('lamp', { tags: [] }),
      ]);
      expect(last).toEqual({ name: 'Lamp', place: 'hall', tags: [] });
      expect(await store.labelDevice('lamp', { place: '' })).toEqual({ name: 'Lamp', place: '', tags: [] });
    });

    test('keep what is kept of them when they are labelled', async () => {
      await store.saveTwins([twin]);
      await store.labelDevice('lamp', { name: '', place: '', tags: [] });
      expect(await store.twins()).toEqual([twin]);
    });

    test('take all that is kept of them along when they are removed', async () => {
      await store.createDevices([kettle]);
      await store.saveTwins([twin, { ...twin, device: 'kettle' }]);
      await saveCommands(command, { ...command, device: 'kettle' });
      await store.saveHappenings([{ device: 'lamp', t: NOW, kind: 'event', data: '{}' }]);
      expect(await store.removeDevice('lamp')).toBe(true);
      expect(await store.removeDevice('lamp')).toBe(false);
      expect((await store.twins()).map(({ device }) => device)).toEqual(['kettle']);
      expect((await store.commandsNotIn([])).map(({ device }) => device)).toEqual(['kettle']);
      expect(await store.happenings('lamp', { limit: 10 })).toEqual([]);
    });
  });

  describe('groups', () => {
    test('are replaced and removed by their names', async () => {
      await store.saveGroup({ name: 'ümlaut', selection: '{}' });
      await store.saveGroup({ name: 'hall', selection: '{"all":true}' });
      await store.saveGroup({ name: 'hall', selection: '{"tag":"hall"}' });
      expect(await store.groups()).toEqual([
        { name: 'hall', selection: '{"tag":"hall"}' },
        { name: 'ümlaut', selection: '{}' },
      ]);
      expect(await store.removeGroup('hall')).toBe(true);
      expect(await store.removeGroup('hall')).toBe(false);
    });
  });

  describe('twins', () => {
    test.each([
      ['with all that is known', twin],
      [
        'with nothing known',
        {
          ...twin,
          desc: null,
          reported: null,
          statusPayload: null,
          statePayload: null,
          desired: null,
          who: null,
          since: null,
          seenAt: null,
        },
      ],
    ])('come back as they were saved: %s', async (_name, record) => {
      await store.saveTwins([record]);
      expect(await store.twins()).toEqual([record]);
    });

    test('are replaced when they are saved again', async () => {
      await store.saveTwins([twin]);
      await store.saveTwins([{ ...twin, st: 0 }]);
      expect(await store.twins()).toEqual([{ ...twin, st: 0 }]);
    });

    test('are saved all or none', async () => {
      const broken = { ...twin, st: null as never };
      await expect(store.saveTwins([twin, broken])).rejects.toThrow(/NOT NULL/);
      expect(await store.twins()).toEqual([]);
    });

    test('of a device that was removed meanwhile are left out', async () => {
      await store.saveTwins([{ ...twin, device: 'removed' }, twin]);
      expect(await store.twins()).toEqual([twin]);
    });

    test('may be none at all', async () => {
      await expect(store.saveTwins([])).resolves.toBeUndefined();
    });
  });

  describe('commands', () => {
    test.each([
      ['with all that is known', command],
      [
        'before it was sent',
        { ...command, exp: null, sentAt: null, boot: null, code: null, msg: null, pct: null, reported: null },
      ],
      ['of a batch', { ...command, batch: batch.id }],
      ['a wish', { ...command, wish: 1, exp: null, wver: 3 } as const],
    ])('come back as they were saved: %s', async (_name, record) => {
      await saveCommands(record);
      expect(await store.command('lamp', command.id)).toEqual(record);
    });

    test('are known by device and id', async () => {
      await store.createDevices([kettle]);
      await saveCommands(command);
      expect(await store.command('kettle', command.id)).toBeUndefined();
      expect(await store.command('lamp', 'ffffffffffffffff')).toBeUndefined();
    });

    test('take their next step when they are saved again', async () => {
      await saveCommands(command, { ...command, st: COMMAND.done });
      expect(await store.commandsNotIn([])).toEqual([{ ...command, st: COMMAND.done }]);
    });

    test('are found by what state they are not in, in the order of their coming', async () => {
      const [open, done, failed] = [COMMAND.sent, COMMAND.done, COMMAND.failed].map((st, at) => ({
        ...command,
        id: `000000000000000${at}`,
        createdAt: NOW - at,
        st,
      }));
      await saveCommands(open!, done!, failed!);
      expect(await store.commandsNotIn([COMMAND.done, COMMAND.failed])).toEqual([open]);
      expect(await store.commandsNotIn([COMMAND.sent])).toEqual([done, failed]);
      expect(await store.commandsNotIn([])).toHaveLength(3);
    });

    test('are saved all or none', async () => {
      const broken = { ...command, id: 'ff', st: null as never };
      const unheard = { ...deed, who: null as never };
      await expect(
        store.saveProgress({ commands: [command], batches: [batch], twins: [twin], audit: [deed, unheard] }),
      ).rejects.toThrow(/NOT NULL/);
      await expect(store.saveProgress({ commands: [command, broken], audit: [deed] })).rejects.toThrow(
        /NOT NULL/,
      );
      expect(await store.audit({ limit: 9 })).toEqual([]);
      expect(await store.commandsNotIn([])).toEqual([]);
      expect(await store.batch(batch.id)).toBeUndefined();
      expect(await store.twins()).toEqual([]);
    });

    test('are saved together with the twins and batches that they change, and with who asked', async () => {
      await store.saveProgress({ commands: [command], batches: [batch], twins: [twin], audit: [deed] });
      expect(await store.audit({ limit: 9 })).toEqual([deed]);
      expect(await store.command('lamp', command.id)).toEqual(command);
      expect(await store.batch(batch.id)).toEqual(batch);
      expect(await store.twins()).toEqual([twin]);
    });

    test('of a device that was removed meanwhile are left out', async () => {
      await saveCommands({ ...command, device: 'removed' }, command);
      expect(await store.commandsNotIn([])).toEqual([command]);
    });

    test('are listed the latest first, by device and before a time', async () => {
      await store.createDevices([kettle]);
      const at = (createdAt: number, more: Partial<CommandRecord> = {}): CommandRecord => ({
        ...command,
        id: String(createdAt),
        createdAt,
        ...more,
      });
      await saveCommands(at(1), at(3, { batch: 'b' }), at(2, { device: 'kettle', batch: 'b' }), at(4));
      const list = async (query: Parameters<Store['commands']>[0]): Promise<number[]> =>
        (await store.commands(query)).map(({ createdAt }) => createdAt);
      expect(await list({ limit: 10 })).toEqual([4, 3, 2, 1]);
      expect(await list({ limit: 2 })).toEqual([4, 3]);
      expect(await list({ before: 3, limit: 2 })).toEqual([2, 1]);
      expect(await list({ device: 'lamp', limit: 2 })).toEqual([4, 3]);
      expect(await list({ device: 'kettle', before: 3, limit: 10 })).toEqual([2]);
    });

    test('of one moment are listed one after the other', async () => {
      const ids = [1, 2, 3, 4].map((n) => `000000000000000${n}`);
      await saveCommands(...ids.map((id, at) => ({ ...command, id, createdAt: NOW + (at > 0 ? 1 : 0) })));
      const after = async (id: string, createdAt: number): Promise<string[]> => {
        const found = await store.commands({
          device: 'lamp',
          after: { device: 'lamp', id, createdAt },
          limit: 2,
        });
        return found.map((each) => each.id);
      };
      expect(await after(ids[3] as string, NOW + 1)).toEqual([ids[2], ids[1]]);
      expect(await after(ids[1] as string, NOW + 1)).toEqual([ids[0]]);
      expect(await after('ffffffffffffffff', NOW + 1)).toEqual([ids[0]]);
    });

    test('of a batch are listed by device, from one on and in one state', async () => {
      const devices = ['a', 'b', 'c', 'd'];
      await store.createDevices(devices.map((id) => ({ ...kettle, id })));
      const of = (device: string, st: number): CommandRecord => ({ ...command, device, batch: batch.id, st });
      const { done, failed } = COMMAND;
      await saveCommands(of('c', done), of('a', done), of('d', done), of('b', failed), command);
      const list = async (query: object): Promise<string[]> => {
        const found = await store.batchCommands({ batch: batch.id, limit: 2, ...query });
        return found.map(({ device }) => device);
      };
      expect(await list({})).toEqual(['a', 'b']);
      expect(await list({ after: 'b' })).toEqual(['c', 'd']);
      expect(await list({ st: done })).toEqual(['a', 'c']);
      expect(await list({ st: done, after: 'c' })).toEqual(['d']);
      expect(await list({ batch: 'none' })).toEqual([]);
    });
  });

  describe('batches', () => {
    test('are listed the latest first', async () => {
      const later = { ...batch, id: 'b2', createdAt: NOW + 1 };
      await store.saveProgress({ commands: [], batches: [batch, later, { ...batch, id: 'b3' }] });
      await store.saveProgress({ commands: [], batches: [{ ...batch, st: 1, msg: 'over' }] });
      const list = async (query: { before?: number; limit: number }): Promise<string[]> =>
        (await store.batches(query)).map(({ id }) => id);
      expect(await list({ limit: 10 })).toEqual(['b2', 'b3', batch.id]);
      expect(await list({ limit: 1 })).toEqual(['b2']);
      expect(await list({ before: NOW + 1, limit: 10 })).toEqual(['b3', batch.id]);
      expect(await store.batch(batch.id)).toEqual({ ...batch, st: 1, msg: 'over' });
    });

    test('are listed with how many ids they select, and as they are where that cannot be told', async () => {
      const requests = [
        '{"selection":{"ids":["a","b"],"tag":"x"},"ttl":1}',
        '{"selection":{"all":true}}',
        'no',
      ];
      const batches = requests.map((request, at) => ({
        ...batch,
        id: `b${at}`,
        request,
        createdAt: NOW - at,
      }));
      await store.saveProgress({ commands: [], batches });
      expect(await store.batchesInShort({ limit: 9 })).toEqual([
        { ...batches[0], request: '{"selection":{"ids":2,"tag":"x"},"ttl":1}' },
        ...batches.slice(1),
      ]);
      expect(await store.batches({ limit: 1 })).toEqual(batches.slice(0, 1));
    });

    test('are tallied by the states of their commands', async () => {
      const each = [COMMAND.done, COMMAND.done, COMMAND.failed].map((st, at) => ({
        ...command,
        id: `${at}`,
        batch: batch.id,
        st,
      }));
      await saveCommands(...each, command);
      expect(await store.tally(batch.id)).toEqual([
        { st: COMMAND.done, n: 2 },
        { st: COMMAND.failed, n: 1 },
      ]);
      expect(await store.tally('none')).toEqual([]);
    });
  });

  describe('schedules', () => {
    const run = { schedule: 'evening', due: NOW, outcome: 'started', batch: batch.id, msg: null } as const;

    test('come back as they were saved, and are replaced by their ids', async () => {
      await store.saveSchedule(schedule);
      await store.saveSchedule({ ...schedule, enabled: 0 });
      expect(await store.schedules()).toEqual([{ ...schedule, enabled: 0 }]);
    });

    test('note their runs and up to when they are done at once', async () => {
      await store.saveSchedule(schedule);
      const done = { ...schedule, doneUntil: NOW + 5 };
      const missed = {
        ...run,
        due: NOW + 5,
        outcome: 'missed',
        batch: null,
        msg: 'the hub was down',
      } as const;
      await store.saveRuns(done, [run, missed], [deed]);
      expect(await store.audit({ limit: 9 })).toEqual([deed]);
      expect(await store.schedules()).toEqual([done]);
      expect(await store.runs('evening', 10)).toEqual([missed, run]);
      expect(await store.runs('evening', 1)).toEqual([missed]);
      await expect(
        store.saveRuns(schedule, [{ ...run, outcome: 'guessed' as never }], [deed]),
      ).rejects.toThrow(/CHECK/);
      expect(await store.schedules()).toEqual([done]);
    });

    test('keep their runs when they are changed, and take them along when they are removed', async () => {
      await store.saveSchedule(schedule);
      await store.saveRuns(schedule, [run], []);
      await store.saveSchedule({ ...schedule, name: 'Night' });
      expect(await store.runs('evening', 10)).toEqual([run]);
      expect(await store.removeSchedule('evening')).toBe(true);
      expect(await store.removeSchedule('evening')).toBe(false);
      expect(await store.runs('evening', 10)).toEqual([]);
    });

    test('that were removed meanwhile do not come back with a run, but the audit has it', async () => {
      await store.saveRuns(schedule, [run], [deed]);
      expect(await store.audit({ limit: 9 })).toEqual([deed]);
      expect(await store.schedules()).toEqual([]);
      expect(await store.runs('evening', 10)).toEqual([]);
    });
  });

  describe('the journal', () => {
    const happening = (t: number) => ({ device: 'lamp', t, kind: 'presence', data: `{"t":${t}}` }) as const;

    test('tells what happened to a device, the latest first', async () => {
      await store.saveHappenings([happening(1), happening(3), happening(2)]);
      await store.saveHappenings([{ ...happening(9), device: 'removed' }]);
      expect(await store.happenings('lamp', { limit: 2 })).toEqual([happening(3), happening(2)]);
      expect(await store.happenings('lamp', { before: 2, limit: 2 })).toEqual([happening(1)]);
      expect(await store.happenings('removed', { limit: 2 })).toEqual([]);
    });
  });

  describe('pruning', () => {
    const nothing = { access: 0, commands: 0, happenings: 0, audit: 0 };
    const over = [COMMAND.done];

    test('removes what is bygone, and nothing else', async () => {
      await store.createPerson({ ...ada, id: 'bob' });
      await store.saveSignInCode({ hash: bytes(1), person: 'ada', expiresAt: 9, createdBy: '@hub' });
      await store.saveSignInCode({ hash: bytes(2), person: 'bob', expiresAt: 10, createdBy: '@hub' });
      await store.createSession({ ...session, expiresAt: 9 });
      const goesOn = { ...session, hash: bytes(7), sid: 'goes on', expiresAt: 10 };
      await store.createSession(goesOn);
      await store.createClaim({ ...claim, expiresAt: 9 });
      await store.createClaim({ ...claim, id: 'c2', expiresAt: 10 });
      const old = { ...command, t: 9, st: COMMAND.done, batch: 'gone' };
      await store.saveProgress({
        commands: [
          old,
          { ...old, id: 'open', st: COMMAND.sent, batch: 'running' },
          { ...old, id: 'late', t: 10, batch: 'kept' },
        ],
        batches: ['gone', 'running', 'kept'].map((id) => ({ ...batch, id, t: 9 })),
      });
      await store.saveSchedule(schedule);
      const run = { schedule: 'evening', outcome: 'started', batch: null, msg: null } as const;
      await store.saveRuns(
        schedule,
        [
          { ...run, due: 9 },
          { ...run, due: 10 },
        ],
        [],
      );
      const happened = { device: 'lamp', kind: 'event', data: '{}' } as const;
      await store.saveHappenings([
        { ...happened, t: 9 },
        { ...happened, t: 10 },
      ]);
      await store.saveAudit([
        { ...deed, t: 9 },
        { ...deed, t: 10 },
      ]);

      expect(await store.prune(nothing, over)).toBe(0);
      expect(await store.prune({ access: 10, commands: 10, happenings: 10, audit: 10 }, over)).toBe(8);

      expect(await store.signInCode(bytes(1))).toBeUndefined();
      expect(await store.signInCode(bytes(2))).toBeDefined();
      expect(await store.sessions()).toEqual([goesOn]);
      expect((await store.claims()).map(({ id }) => id)).toEqual(['c2']);
      expect((await store.commandsNotIn([])).map(({ id }) => id)).toEqual(['open', 'late']);
      expect((await store.batches({ limit: 9 })).map(({ id }) => id)).toEqual(['kept', 'running']);
      expect((await store.runs('evening', 9)).map(({ due }) => due)).toEqual([10]);
      expect((await store.happenings('lamp', { limit: 9 })).map(({ t }) => t)).toEqual([10]);
      expect((await store.audit({ limit: 9 })).map(({ t }) => t)).toEqual([10]);
    });

    test('goes in steps, until there is nothing left to remove', async () => {
      await store.saveAudit(Array.from({ length: 1_201 }, (_, t) => ({ ...deed, t })));
      const gone: number[] = [];
      do gone.push(await store.prune({ ...nothing, audit: 1_200 }, over));
      while (gone.at(-1)! > 0);
      expect(gone).toEqual([200, 200, 200, 200, 200, 200, 0]);
      expect(await store.audit({ limit: 9 })).toHaveLength(1);
    });
  });
});
