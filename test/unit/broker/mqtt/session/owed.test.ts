import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Turns } from '#broker/links/rates/turns.ts';
import { Message } from '#broker/mqtt/message.ts';
import { Router } from '#broker/mqtt/router.ts';
import { Session, type Owed, type Receiver } from '#broker/mqtt/session/session.ts';

/** A client that reads whatever it is sent. */
class Reader implements Receiver {
  readonly open = true;
  readonly congested = false;
  sent = 0;

  mayReceive(): boolean {
    return true;
  }
  send(): void {
    this.sent += 1;
  }
  whenCalm(): void {
    throw new Error('it is always calm');
  }
  fallBehind(): void {
    throw new Error('it keeps up');
  }
}

function begun(): { session: Session; reader: Reader } {
  const bounds = { messages: 1_000, bytes: 1_000_000, inFlight: 100, inFlightBytes: 1_000_000 };
  const session = new Session({ router: new Router(), turns: new Turns(), bounds });
  const reader = new Reader();
  session.resume(reader);
  return { session, reader };
}

/** Messages that note when they are made. */
function* made(count: number, bytes: number, note: () => void): Iterable<Owed | undefined> {
  for (let left = count; left > 0; left -= 1) {
    note();
    const message = new Message({ topic: 'a', payload: Buffer.alloc(bytes), qos: 0, retain: true });
    yield bytes > 0 ? { message, granted: 0 } : undefined;
  }
}

test.each([
  ['large messages, of which one is as much as many steps', 20, 100_000, 1],
  ['small messages', 2_000, 10, 500],
  ['steps that find nothing', 2_000, 0, 500],
])('others have their turn amid %s', async (_what, count, bytes, most) => {
  const { session, reader } = begun();
  let steps = 0;
  session.owe(made(count, bytes, () => (steps += 1)));
  while (session.owing > 0) {
    const before = steps;
    await nextTurn();
    expect(steps - before).toBeLessThanOrEqual(2 * most);
  }
  expect(steps).toBe(count);
  expect(reader.sent).toBe(bytes > 0 ? count : 0);
});

test('what is newer on the same topic does not keep back what is no retained message', async () => {
  const { session, reader } = begun();
  const feed = (text: string) =>
    new Message({ topic: 'feed', payload: Buffer.from(text.padEnd(200_000)), qos: 0, retain: false });
  session.owe(['whole 1', 'whole 2'].map((text) => ({ message: feed(text), granted: 0 as const })));
  session.deliver(feed('change'), 0);
  while (session.owing > 0) await nextTurn();
  expect(reader.sent).toBe(3);
});
