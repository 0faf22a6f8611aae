import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Journal } from '#broker/mqtt/kept/journal.ts';
import type { SessionJournal } from '#broker/mqtt/kept/session-journal.ts';
import type { Queued } from '#broker/mqtt/session/outgoing-queue.ts';
import type { KeptChanges, KeptSessionRecord } from '#broker/store/kept-sessions.ts';
import { SqliteStore } from '#broker/store/sqlite/sqlite-store.ts';
import { storedStates, type StoredState } from './stored-state.ts';

const head = { owner: '@service', ownerCreatedAt: 1, awaySince: 5, dropped: 0 };

const message = (number: number, text = `${number}`): Queued => ({
  number,
  topic: 'a/b',
  payload: Buffer.from(text),
  qos: 1,
  retain: false,
});

function openJournal(): { journal: Journal; session: SessionJournal } {
  const journal = new Journal(() => undefined);
  const session = journal.open({ clientId: 'c', ...head });
  journal.take();
  return { journal, session };
}

test('nothing is taken where nothing happened', () => {
  const { journal } = openJournal();
  expect(journal.take()).toBeUndefined();
});

test('it wakes whoever writes with the first thing that happens', () => {
  let woken = 0;
  const journal = new Journal(() => (woken += 1));
  const session = journal.open({ clientId: 'c', ...head });
  expect(woken).toBe(1);
  journal.take();
  session.subscribed('a', 1);
  expect(woken).toBe(2);
});

test.each<[string, (session: SessionJournal, journal: Journal) => void]>([
  [
    'a message that was queued, sent and acknowledged',
    (session) => {
      session.queued(message(7));
      session.sent(message(7), 1);
      session.settled(message(7));
    },
  ],
  [
    'a session that was opened, subscribed, and ended',
    (_session, journal) => {
      const other = journal.open({ clientId: 'other', ...head });
      other.subscribed('a', 1);
      other.queued(message(8));
      other.end();
      other.queued(message(9));
    },
  ],
])('%s between two batches is never written', (_what, happen) => {
  const { journal, session } = openJournal();
  happen(session, journal);
  expect(journal.take()).toBeUndefined();
});

test('a message that was taken to be written is removed when it is acknowledged', () => {
  const { journal, session } = openJournal();
  session.queued(message(7));
  expect(session.isUnwritten(message(7))).toBe(true);
  session.sent(message(7), 3);
  expect(journal.take()).toMatchObject({ deliveries: [{ message: 7, packetId: 3 }] });
  expect(session.isUnwritten(message(7))).toBe(false);
  session.settled(message(7));
  expect(journal.take()).toMatchObject({ deliveries: [], deliveriesGone: [{ message: 7, session: 1 }] });
});

test('a message for several sessions is written once, with its own bytes and no others', () => {
  const { journal, session } = openJournal();
  const other = journal.open({ clientId: 'other', ...head });
  const read = Buffer.from('what came in one read');
  const shared = { ...message(7), payload: read.subarray(10, 13) };
  for (const each of [session, other]) each.queued({ ...shared });
  const { messages, deliveries } = journal.take() as KeptChanges;
  expect(messages).toEqual([{ number: 7, topic: 'a/b', payload: new Uint8Array(Buffer.from('in ')) }]);
  expect(messages[0]?.payload.buffer.byteLength).toBe(3);
  expect(deliveries.map(({ session: of }) => of).toSorted()).toEqual([1, 2]);
  session.sent(shared, 1);
  expect(journal.take()).toMatchObject({ messages: [], deliveries: [{ session: 1, packetId: 1 }] });
});

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** One session as it is in memory, with its journal. */
class ModelSession {
  readonly journal: SessionJournal;
  readonly state: Mutable<StoredState>;

  constructor(journal: SessionJournal, state: StoredState) {
    this.journal = journal;
    this.state = { ...state };
  }

  change(details: Partial<KeptSessionRecord>): void {
    this.state.record = { ...this.state.record, ...details };
    this.journal.change(details);
  }

  subscribe(filter: string, qos: number): void {
    this.unsubscribe(filter);
    this.state.filters = { ...this.state.filters, [filter]: qos };
    this.journal.subscribed(filter, qos);
  }

  unsubscribe(filter: string): void {
    if (!(filter in this.state.filters)) return;
    const others = Object.entries(this.state.filters).filter(([name]) => name !== filter);
    this.state.filters = Object.fromEntries(others);
    this.journal.unsubscribed(filter);
  }

  queue(number: number, text: string): void {
    this.state.messages = [...this.state.messages, [number, text, 1, 0, null]];
    this.journal.queued(message(number, text));
  }

  send(which: number, packetId: number): void {
    const at = which % this.state.messages.length;
    const found = this.state.messages[at];
    if (!found) return;
    const [number, text, ...rest] = found;
    this.state.messages = this.state.messages.with(at, [number, text, rest[0], rest[1], packetId]);
    this.journal.sent(message(number, text), packetId);
  }

  settle(which: number): void {
    const at = which % this.state.messages.length;
    const found = this.state.messages[at];
    if (!found) return;
    this.state.messages = this.state.messages.toSpliced(at, 1);
    this.journal.settled({ number: found[0] });
  }

  remember(kind: 'received' | 'released', packetId: number): void {
    this.forget(kind, packetId);
    this.state[kind] = [...this.state[kind], packetId];
    if (kind === 'received') this.journal.received(packetId);
    else this.journal.released(packetId);
  }

  forget(kind: 'received' | 'released', packetId: number): void {
    if (!this.state[kind].includes(packetId)) return;
    this.state[kind] = this.state[kind].filter((id) => id !== packetId);
    if (kind === 'received') this.journal.forgotten(packetId);
    else this.journal.completed(packetId);
  }
}

/** A hub's sessions in memory, its journal, and a store; it writes, fails and crashes when it is told to. */
class Model {
  readonly store = new SqliteStore(':memory:');
  sessions: ModelSession[] = [];
  /** What the store has to have. */
  committed: StoredState[] = [];
  #journal = new Journal(() => undefined);
  /** A batch that failed, and what was in memory when it was taken. */
  #failed: { readonly changes: KeptChanges | undefined; readonly states: StoredState[] } | undefined;

  open(clientId: string): void {
    this.end(this.sessions.findIndex(({ state }) => state.record.clientId === clientId));
    const journal = this.#journal.open({ clientId, ...head });
    const record = { clientId, ...head, number: journal.number };
    this.sessions.push(
      new ModelSession(journal, { record, filters: {}, messages: [], received: [], released: [] }),
    );
  }

  end(at: number): void {
    const [session] = at < 0 ? [] : this.sessions.splice(at, 1);
    session?.journal.end();
  }

  publish(to: (at: number) => boolean): void {
    const number = this.#journal.next();
    for (const session of this.sessions.filter((_session, at) => to(at))) session.queue(number, `m${number}`);
  }

  async write(outcome: 'stored' | 'stored, and not told so' | 'failed'): Promise<void> {
    const batch = this.#failed ?? { changes: this.#journal.take(), states: this.#states() };
    this.#failed = outcome === 'stored' ? undefined : batch;
    if (outcome === 'failed') return;
    if (batch.changes) await this.store.saveKept(batch.changes);
    this.committed = batch.states;
  }

  /** All that is in memory is lost, and taken up again from what is stored. */
  async crash(): Promise<void> {
    const states = await storedStates(this.store);
    const numbers = states.flatMap(({ messages }) => messages.map(([number]) => number));
    const { ids } = await this.store.keptSessions();
    const places = ids.map(({ place }) => place);
    const last = {
      session: Math.max(0, ...states.map(({ record }) => record.number)),
      number: Math.max(0, ...numbers, ...places),
    };
    this.#journal = new Journal(() => undefined);
    this.#journal.goOnFrom(last);
    this.#failed = undefined;
    this.sessions = states.map((state) => new ModelSession(this.#journal.goOn(state.record), state));
  }

  #states(): StoredState[] {
    return this.sessions.map(({ state }) => ({ ...state }));
  }
}

const small = fc.nat({ max: 5 });
const kind = fc.constantFrom('received' as const, 'released' as const);

/** What may happen to one of the sessions. */
const happening = fc.oneof(
  fc
    .record({ awaySince: fc.option(small), dropped: small })
    .map((details) => (session: ModelSession) => session.change(details)),
  fc.tuple(small, fc.nat({ max: 2 })).map(
    ([filter, qos]) =>
      (session: ModelSession) =>
        session.subscribe(`f/${filter}`, qos),
  ),
  small.map((filter) => (session: ModelSession) => session.unsubscribe(`f/${filter}`)),
  fc.tuple(small, fc.integer({ min: 1, max: 65_535 })).map(
    ([which, id]) =>
      (session: ModelSession) =>
        session.send(which, id),
  ),
  small.map((which) => (session: ModelSession) => session.settle(which)),
  fc.tuple(kind, fc.integer({ min: 1, max: 4 })).map(
    ([of, id]) =>
      (session: ModelSession) =>
        session.remember(of, id),
  ),
  fc.tuple(kind, fc.integer({ min: 1, max: 4 })).map(
    ([of, id]) =>
      (session: ModelSession) =>
        session.forget(of, id),
  ),
);

/** What may happen at all. */
const event = fc.oneof(
  { weight: 1, arbitrary: small.map((id) => async (model: Model) => model.open(`c${id}`)) },
  { weight: 1, arbitrary: small.map((at) => async (model: Model) => model.end(at % 10)) },
  {
    weight: 6,
    arbitrary: fc.nat({ max: 63 }).map((whom) => async (model: Model) => {
      model.publish((at) => (whom >> at) % 2 === 1);
    }),
  },
  {
    weight: 12,
    arbitrary: fc.tuple(small, happening).map(([at, happen]) => async (model: Model) => {
      const session = model.sessions[at % Math.max(1, model.sessions.length)];
      if (session) happen(session);
    }),
  },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom('stored' as const, 'stored, and not told so' as const, 'failed' as const)
      .map((outcome) => (model: Model) => model.write(outcome)),
  },
  { weight: 1, arbitrary: fc.constant((model: Model) => model.crash()) },
);

test('after a crash all is as it was when what was stored last was taken, whatever happened and failed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 150, size: 'max' }), async (events) => {
      const model = new Model();
      for (const happen of events) await happen(model);
      expect(await storedStates(model.store)).toEqual(model.committed);
      await model.crash();
      await model.write('stored');
      expect(await storedStates(model.store)).toEqual(model.committed);
      for (const { length } of [model.sessions]) for (let at = 0; at < length; at += 1) model.end(0);
      await model.write('stored');
      expect(await storedStates(model.store)).toEqual([]);
      await model.store.close();
    }),
    { numRuns: 150 },
  );
});
