import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  OutgoingQueue,
  type Allowed,
  type Queued,
  type Sending,
} from '#broker/mqtt/session/outgoing-queue.ts';

const message = (name: string, qos: 1 | 2 = 1, size = 1): Queued => ({
  topic: 't',
  payload: Buffer.alloc(size, name),
  qos,
  retain: false,
  number: 0,
});

const WINDOW = 100;
const BOUNDS = { messages: 1_000, bytes: 1_000_000, inFlight: WINDOW, inFlightBytes: 100_000 };
const anything: Allowed = () => true;
const nothing: Allowed = () => false;

const idOf = (sending: Sending | undefined): number => (sending as { id: number }).id;

/** Takes all that may be sent now. */
function sendAll(queue: OutgoingQueue, allowed = anything): Sending[] {
  const packets: Sending[] = [];
  for (let packet = queue.next(allowed); packet; packet = queue.next(allowed)) packets.push(packet);
  return packets;
}

const names = (sendings: readonly Sending[]): string =>
  sendings.map((sending) => ('payload' in sending ? String(sending.payload) : '')).join('');

function filled(...messages: Queued[]): OutgoingQueue {
  const queue = new OutgoingQueue(BOUNDS);
  for (const each of messages) queue.offer(each);
  return queue;
}

describe('a QoS 1 message', () => {
  test('is sent once, stays until its PUBACK, and is sent again as a duplicate with the same identifier', () => {
    const queue = filled(message('a'));
    const [first] = sendAll(queue);
    expect(first).toMatchObject({ topic: 't', qos: 1, dup: false, retain: false });
    expect(sendAll(queue)).toEqual([]);
    expect(queue.again(anything)).toEqual([{ ...first, dup: true }]);
    queue.acknowledged(idOf(first));
    expect(queue.again(anything)).toEqual([]);
  });

  test('is not acknowledged by what belongs to QoS 2, nor by an identifier that is not its own', () => {
    const queue = filled(message('a'));
    const [sent] = sendAll(queue);
    queue.received(idOf(sent));
    queue.completed(idOf(sent));
    queue.acknowledged(idOf(sent) + 1);
    expect(queue.again(anything)).toEqual([{ ...sent, dup: true }]);
  });
});

describe('a QoS 2 message', () => {
  test('is sent until its PUBREC, from when on its PUBREL is, until its PUBCOMP', () => {
    const queue = filled(message('a', 2));
    const [sent] = sendAll(queue);
    queue.acknowledged(idOf(sent));
    queue.completed(idOf(sent));
    expect(queue.again(anything)).toEqual([{ ...sent, dup: true }]);
    queue.received(idOf(sent));
    expect(queue.again(anything)).toEqual([{ release: idOf(sent) }]);
    queue.completed(idOf(sent));
    expect(queue.again(anything)).toEqual([]);
  });

  test('that is no longer allowed is released: its client may have it already', () => {
    const queue = filled(message('a', 2));
    const [sent] = sendAll(queue);
    expect(queue.again(nothing)).toEqual([{ release: idOf(sent) }]);
    expect(queue.again(anything)).toEqual([{ release: idOf(sent) }]);
  });
});

test('what is sent again is in the order of the first time; PUBRELs are in the order of their PUBRECs', () => {
  const queue = filled(...[...'abcdef'].map((name, at) => message(name, at % 2 === 0 ? 2 : 1)));
  const sent = sendAll(queue);
  const [a, b, c, , e] = sent.map(idOf) as number[];
  queue.received(e as number);
  queue.received(a as number);
  queue.acknowledged(b as number);
  const again = queue.again(anything);
  expect(again.slice(0, 2)).toEqual([{ release: e }, { release: a }]);
  expect(names(again.slice(2))).toBe('cdf');
  expect(again.slice(2).map(idOf)).toContain(c);
});

test('what is no longer allowed is not sent, at first or again', () => {
  const queue = filled(message('a'), message('b'), message('c'));
  const not = (name: string) => (each: Queued) => String(each.payload) !== name;
  expect(names(sendAll(queue, not('b')))).toBe('ac');
  expect(names(queue.again(not('a')))).toBe('c');
  expect(names(queue.again(anything))).toBe('c');
});

test('what waits can be looked through', () => {
  const queue = new OutgoingQueue({ ...BOUNDS, bytes: 1_000 });
  for (const name of 'abcd') queue.offer(message(name, 1, 200));
  queue.recheck(({ payload }) => String(payload).startsWith('b'));
  expect(queue.waiting).toMatchObject({ messages: 1 });
  // What went took its bytes along.
  for (const name of 'efg') expect(queue.offer(message(name, 1, 200))).toBe(0);
  expect(names(sendAll(queue)).replaceAll(/(.)\1+/g, '$1')).toBe('befg');
});

describe('where more would wait than may, the oldest go', () => {
  test('by number', () => {
    const queue = new OutgoingQueue({ ...BOUNDS, messages: 3 });
    expect([...'abcde'].map((name) => queue.offer(message(name)))).toEqual([0, 0, 0, 1, 1]);
    expect(names(sendAll(queue))).toBe('cde');
  });

  test('by bytes, as many as are needed, topics counted', () => {
    const queue = new OutgoingQueue({ ...BOUNDS, bytes: 100 });
    for (const name of 'abc') expect(queue.offer(message(name, 1, 30))).toBe(0);
    expect(queue.offer(message('d', 1, 60))).toBe(2);
    expect(names(sendAll(queue))).toBe('c'.repeat(30) + 'd'.repeat(60));
  });

  test('but none that was sent', () => {
    const queue = new OutgoingQueue({ ...BOUNDS, messages: 1 });
    queue.offer(message('a'));
    sendAll(queue);
    for (const name of 'bc') queue.offer(message(name));
    expect(names(queue.again(anything))).toBe('a');
    expect(names(sendAll(queue))).toBe('c');
  });
});

describe('no more is on its way than the window holds', () => {
  test('by number, QoS 2 messages until they are complete', () => {
    const queue = filled(...Array.from({ length: WINDOW + 2 }, () => message('a', 2)));
    const ids = sendAll(queue).map(idOf);
    expect(ids).toHaveLength(WINDOW);
    expect(queue.full).toBe(true);
    queue.received(ids[0] as number);
    expect(sendAll(queue)).toEqual([]);
    queue.completed(ids[0] as number);
    expect(sendAll(queue)).toHaveLength(1);
  });

  test('by bytes', () => {
    const queue = new OutgoingQueue(BOUNDS);
    for (const name of 'abc') queue.offer(message(name, 1, BOUNDS.inFlightBytes / 2));
    const sent = sendAll(queue);
    expect(sent).toHaveLength(2);
    queue.acknowledged(idOf(sent[0]));
    expect(sendAll(queue)).toHaveLength(1);
  });
});

test('identifiers go round, past zero and past those that are in use', () => {
  const queue = filled(message('first'));
  const [kept] = sendAll(queue).map(idOf) as [number];
  let last = kept;
  for (let round = 0; round < 65_534; round += 1) {
    queue.offer(message('a'));
    last = idOf(queue.next(anything));
    queue.acknowledged(last);
  }
  expect(last).toBe(kept === 1 ? 65_535 : kept - 1);
  queue.offer(message('a'));
  const next = idOf(queue.next(anything));
  expect(next).toBe(kept + 1);
});

/** What may happen to a queue; numbers choose among what there is. */
const event = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('offer' as const), qos: fc.constantFrom(1, 2) }) },
  { weight: 4, arbitrary: fc.record({ what: fc.constantFrom('send' as const, 'reconnect' as const) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      what: fc.constantFrom('puback' as const, 'pubrec' as const, 'pubcomp' as const),
      which: fc.nat({ max: 200 }),
    }),
  },
);

test('every message arrives: in order, QoS 2 once, whatever breaks in between and whoever acknowledges what', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 300, size: 'max' }), (events) => {
      const queue = new OutgoingQueue(BOUNDS);
      const client = new ModelClient();
      let offered = 0;
      for (const each of events) {
        if (each.what === 'offer') {
          queue.offer(message(`${offered}.`, each.qos as 1 | 2, `${offered}`.length + 1));
          offered += 1;
        } else if ('which' in each) client.answers(queue, each.what, each.which);
        else client.takes(each.what === 'send' ? sendAll(queue) : queue.again(anything));
        expect(client.open).toBeLessThanOrEqual(WINDOW);
      }
      client.takes(queue.again(anything));
      do client.takes(sendAll(queue));
      while (client.answersAll(queue));
      expect(queue.again(anything)).toEqual([]);
      expect(client.arrived).toEqual(Array.from({ length: offered }, (_, at) => at));
    }),
    { numRuns: 300 },
  );
});

/** The receiver of MQTT 3.1.1 §4.3: it acknowledges now or later, and knows a QoS 2 message that it has. */
class ModelClient {
  /** The numbers of messages that came, in order of their first coming. */
  readonly arrived: number[] = [];
  readonly #seen = new Set<number>();
  /** What it is yet to answer, by identifier. */
  readonly #puback = new Set<number>();
  readonly #pubrec = new Set<number>();
  readonly #pubcomp = new Set<number>();
  /** Identifiers of QoS 2 messages that it has and that were not released. */
  readonly #unreleased = new Map<number, number>();
  readonly #sets = { puback: this.#puback, pubrec: this.#pubrec, pubcomp: this.#pubcomp };

  get open(): number {
    return new Set([...this.#puback, ...this.#pubrec, ...this.#pubcomp, ...this.#unreleased.keys()]).size;
  }

  takes(sendings: readonly Sending[]): void {
    for (const sending of sendings) {
      if ('release' in sending) {
        this.#unreleased.delete(sending.release);
        this.#pubrec.delete(sending.release);
        this.#pubcomp.add(sending.release);
        continue;
      }
      const { id, payload, qos, dup } = sending;
      const number = Number.parseInt(String(payload), 10);
      if (qos === 1) this.#puback.add(id);
      else {
        // One that is in use stands for the same message, or a message would be taken for another.
        expect(this.#unreleased.get(id) ?? number).toBe(number);
        expect(this.#unreleased.has(id) && !dup).toBe(false);
        this.#pubrec.add(id);
        this.#unreleased.set(id, number);
      }
      expect(this.#seen.has(number) && !dup).toBe(false);
      if (!this.#seen.has(number)) this.arrived.push(number);
      this.#seen.add(number);
    }
  }

  answers(queue: OutgoingQueue, answer: 'puback' | 'pubrec' | 'pubcomp', which: number): boolean {
    const ids = [...this.#sets[answer]];
    const id = ids[which % ids.length];
    if (id === undefined) return false;
    this.#sets[answer].delete(id);
    if (answer === 'puback') queue.acknowledged(id);
    else if (answer === 'pubcomp') queue.completed(id);
    else {
      queue.received(id);
      // As Aedes does on a PUBREC.
      this.takes([{ release: id }]);
    }
    return true;
  }

  answersAll(queue: OutgoingQueue): boolean {
    let any = false;
    for (const answer of ['puback', 'pubrec', 'pubcomp'] as const) {
      while (this.answers(queue, answer, 0)) any = true;
    }
    return any;
  }
}
