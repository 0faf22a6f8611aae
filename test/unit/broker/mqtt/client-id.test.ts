import { describe, expect, test } from 'vitest';
import { clientIdFault } from '#broker/mqtt/client-id.ts';

describe('a client id', () => {
  test.each([
    ['', true],
    ['', undefined],
    ['a', false],
    ['x'.repeat(128), false],
    ['Flur/Übersicht #1', false],
  ])('%j, clean %s, is taken', (clientId, clean) => {
    expect(clientIdFault({ clientId, ...(clean !== undefined && { clean }) })).toBeUndefined();
  });

  test.each([
    ['', false, 'a session that is kept needs a client id [MQTT-3.1.3-8]'],
    ['x'.repeat(129), true, 'its client id has more than 128 characters'],
    ['a\nb', true, 'its client id has control characters'],
    ['\u0000', true, 'its client id has control characters'],
    ['\u009b31m', true, 'its client id has control characters'],
  ])('%j, clean %s, is refused', (clientId, clean, fault) => {
    expect(clientIdFault({ clientId, clean })).toBe(fault);
  });
});
