import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { COMMAND, rqCmd, rqDesired } from '#firmware-protocol';
import { timeline as timelineSchema } from '#broker/contract/timeline.ts';
import { timeline } from '#broker/fleet/told/timeline.ts';
import { SqliteStore } from '#broker/store/sqlite/sqlite-store.ts';
import { batch, bytes, command, lamp as record, NOW } from '../../store/records.ts';
import { lamp } from '../selection/views.ts';

const id = new Uint8Array(8);
let store: SqliteStore;

beforeEach(async () => {
  store = new SqliteStore(':memory:');
  await store.createDevices([record]);
});
afterEach(() => store.close());

const told = async (query: { before?: number; limit: number } = { limit: 10 }, description = lamp.value) => {
  const entries = await timeline(store, record.id, description, query);
  return timelineSchema.parse({ entries }).entries;
};

const asked = (at: number, request: Uint8Array, fields: Partial<typeof command> = {}) => ({
  ...command,
  id: at.toString(16).padStart(16, '0'),
  request,
  createdAt: NOW + at,
  t: NOW + at,
  reported: null,
  steps: JSON.stringify([
    [COMMAND.created, NOW + at, null, null],
    [COMMAND.failed, NOW + at + 9, 13, 'jammed'],
  ]),
  st: COMMAND.failed,
  ...fields,
});

const happened = (at: number, kind: 'presence' | 'event', data: object) => ({
  device: record.id,
  t: NOW + at,
  kind,
  data: JSON.stringify(data),
});

describe('the line of time of a device', () => {
  test('has what it did and what it was asked in one order, the latest first', async () => {
    await store.saveHappenings([
      happened(1, 'presence', { state: 'online' }),
      happened(3, 'event', { vals: { 10: 1_005, 5: 2 }, msg: 'rang' }),
      happened(5, 'presence', { state: 'lost', why: 'it fell silent' }),
    ]);
    await store.saveProgress({
      commands: [
        asked(2, rqCmd.encode({ id, vals: new Map([[4, 215]]), ttl: 1 })),
        asked(4, rqDesired.encode({ id, vals: new Map([[5, 1]]) }), { wish: 1, batch: 'b000000000000001' }),
      ],
    });
    const entries = await told();
    expect(entries.map(({ t }) => t - NOW)).toEqual([5, 4, 3, 2, 1]);
    expect(entries).toMatchObject([
      { kind: 'presence', state: 'lost', why: 'it fell silent' },
      { kind: 'command', command: { wish: true, set: { mode: 'heat' }, batch: 'b000000000000001' } },
      { kind: 'event', vals: { energy: 1.005, mode: 'cool' }, msg: 'rang' },
      {
        kind: 'command',
        command: {
          wish: false,
          set: { warmth: 21.5 },
          state: 'failed',
          steps: [{ state: 'created' }, { state: 'failed', t: NOW + 11, code: 13, msg: 'jammed' }],
        },
      },
      { kind: 'presence', state: 'online' },
    ]);
    expect((await told({ limit: 2 })).map(({ t }) => t - NOW)).toEqual([5, 4]);
    expect((await told({ limit: 2, before: NOW + 4 })).map(({ t }) => t - NOW)).toEqual([3, 2]);
  });

  test('names actions with their arguments', async () => {
    const request = rqCmd.encode({ id, op: 31, args: [3, bytes(255, 128, 0)], ttl: 1 });
    await store.saveProgress({ commands: [asked(1, request)] });
    expect(await told()).toMatchObject([{ command: { run: { action: 'blink', args: [3, '#ff8000'] } } }]);
  });

  test('tells by number what the description no longer has', async () => {
    const bare = { ...lamp.value, props: [], acts: [] };
    const vals = new Map<number, number | Uint8Array>([
      [4, 215],
      [6, bytes(1, 2, 3)],
    ]);
    await store.saveProgress({
      commands: [
        asked(1, rqCmd.encode({ id, vals, ttl: 1 })),
        asked(2, rqCmd.encode({ id, op: 31, args: [bytes(255)], ttl: 1 })),
      ],
    });
    await store.saveHappenings([happened(3, 'event', { vals: { 10: 5 } })]);
    expect(await told({ limit: 9 }, bare)).toMatchObject([
      { vals: { '#10': 5 } },
      { command: { run: { action: '#31', args: ['ff'] } } },
      { command: { set: { '#4': 215, '#6': '010203' } } },
    ]);
  });

  test('tells of a refusal what could not be put into the words of the device as nothing', async () => {
    const request = rqDesired.encode({ id, vals: new Map() });
    await store.saveProgress({ commands: [asked(1, request, { wish: 1, st: COMMAND.rejected })] });
    const [entry] = await told();
    expect(entry).not.toHaveProperty('command.set');
    expect(entry).toHaveProperty('command.state', 'rejected');
    expect(entry).toHaveProperty('command.wish', false);
  });

  test.each([
    [{ set: { brigthness: 5 } }, { set: { brigthness: 5 } }],
    [{ run: { action: 'fly' } }, { run: { action: 'fly', args: [] } }],
  ])('tells of an order of a batch that was refused what the batch asked for: %j', async (deed, expected) => {
    const order = JSON.stringify({ selection: { all: true }, ...deed });
    await store.saveProgress({
      commands: [
        asked(1, rqDesired.encode({ id, vals: new Map() }), {
          wish: 1,
          st: COMMAND.rejected,
          batch: batch.id,
        }),
      ],
      batches: [{ ...batch, request: order }],
    });
    const [entry] = await told();
    expect(entry).toMatchObject({ command: { ...expected, wish: false, state: 'rejected' } });
  });
});
