import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { limitsSchema } from '#broker/config/limits.ts';
import { Turns } from '#broker/links/rates/turns.ts';
import { Router } from '#broker/mqtt/router.ts';
import { queueBounds } from '#broker/mqtt/session/kept-sessions.ts';
import { Session, type Receiver } from '#broker/mqtt/session/session.ts';

const LIMITS = limitsSchema.parse({});
const STEPS = 100_000;

const RECEIVER: Receiver = {
  open: true,
  congested: false,
  mayReceive: () => true,
  send: () => undefined,
  whenCalm: () => undefined,
  fallBehind: () => undefined,
};

/** Has the processor work for longer than a turn of the event loop may take. */
function workForATurn(): void {
  const begun = performance.now();
  while (performance.now() - begun <= 11);
}

test('however many look for what is retained at once, others have their turn between them', async () => {
  const shared = {
    router: new Router(),
    turns: new Turns(10, (now) => now),
    bounds: queueBounds(LIMITS, LIMITS.outboundBytes),
  };
  /** Whose step it was that took long. */
  const long: string[] = [];
  function* steps(who: string) {
    for (let step = 0; step < STEPS; step += 1) {
      if (step % 500 === 499) {
        long.push(who);
        workForATurn();
      }
      yield undefined;
    }
  }
  const sessions = ['a', 'b', 'c'].map((who) => {
    const session = new Session(shared);
    session.resume(RECEIVER);
    session.owe(steps(who));
    return session;
  });

  long.length = 0;
  for (let turns = 1; turns <= 6; turns += 1) {
    await nextTurn();
    expect(long.length).toBeLessThanOrEqual(turns);
  }
  while (long.length < 6) await nextTurn();
  expect(long.slice(0, 6)).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
  for (const session of sessions) session.end();
});
