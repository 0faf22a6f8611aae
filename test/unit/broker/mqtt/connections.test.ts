import { expect, test } from 'vitest';
import { Connection } from '#broker/mqtt/connections.ts';

/** A connection of a client that was last heard at a moment, in ms, and has this keep alive, in s. */
function lastHeard(heardAt: number, keepAlive: number): Connection {
  const connection = new Connection({} as never, { heardAt } as never);
  connection.keepAlive(keepAlive);
  return connection;
}

test.each([1, 10, 65_535])(
  '[MQTT-3.1.2-24] a client with a keep alive of %i s is silent after one and a half times as long, to the ms',
  (keepAlive) => {
    const connection = lastHeard(5_000, keepAlive);
    const patience = 1_500 * keepAlive;
    expect([patience, patience + 1].map((since) => connection.isSilent(5_000 + since))).toEqual([
      false,
      true,
    ]);
  },
);

test('[MQTT-3.1.2-24] a client without a keep alive is never silent', () => {
  expect(lastHeard(0, 0).isSilent(Number.MAX_SAFE_INTEGER)).toBe(false);
});
