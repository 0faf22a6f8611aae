import { describe, expect, test } from 'vitest';
import { Room, type RoomLimits } from '#broker/links/room.ts';

const LIMITS: RoomLimits = { links: 100, linksPerAddress: 80, admissionRate: 50, addressAdmissionRate: 40 };

const roomOf = (limits: Partial<RoomLimits> = {}, random = () => 0) =>
  new Room({ ...LIMITS, ...limits }, random);

const enter = (room: Room, count: number, network?: string): void => {
  for (let at = 0; at < count; at += 1) room.enter(network);
};

const retryAfter = (refusal: ReturnType<Room['ask']>): number => Number(refusal?.headers?.['Retry-After']);

describe('a link is refused with 503 and Retry-After', () => {
  test('when all are in use', () => {
    const room = roomOf();
    enter(room, 99);
    expect(room.ask('a', 0)).toBeUndefined();
    enter(room, 1);
    expect(room.ask('a', 0)).toEqual({
      cause: 'links-full',
      status: 503,
      reason: 'all 100 links are in use: come again in 10 s',
      headers: { 'Retry-After': '10' },
    });
    room.leave(undefined);
    expect(room.ask('a', 0)).toBeUndefined();
  });

  test('when all of one network are in use, and to nobody else', () => {
    const room = roomOf();
    enter(room, 80, 'a');
    expect(room.ask('a', 0)).toMatchObject({ cause: 'links-full-for-address', status: 503 });
    expect(room.ask('b', 0)).toBeUndefined();
    room.leave('a');
    expect(room.ask('a', 0)).toBeUndefined();
  });

  test('beyond the rate of one network, which leaves the rate of all as it was', () => {
    const room = roomOf();
    for (let at = 0; at < 40; at += 1) expect(room.ask('a', 0)).toBeUndefined();
    for (let at = 0; at < 100; at += 1) {
      expect(room.ask('a', 0)).toMatchObject({ cause: 'admission-rate-for-address', status: 503 });
    }
    for (let at = 0; at < 10; at += 1) expect(room.ask('b', 0)).toBeUndefined();
    expect(room.ask('b', 0)).toMatchObject({ cause: 'admission-rate', status: 503 });
  });

  test('beyond the rate of all for proxies, too, that have no rate of their own', () => {
    const room = roomOf();
    for (let at = 0; at < 50; at += 1) expect(room.ask(undefined, 0)).toBeUndefined();
    expect(room.ask(undefined, 0)).toMatchObject({ cause: 'admission-rate' });
  });
});

describe('those who are refused for the rate', () => {
  test('are told times as far apart as they are admitted, and never later than in half a minute', () => {
    const room = roomOf({ admissionRate: 50, addressAdmissionRate: 1_000 });
    for (let at = 0; at < 50; at += 1) room.ask('a', 0);
    const told = Array.from({ length: 5_000 }, () => retryAfter(room.ask('a', 0)));
    const each = Array.from({ length: 30 }, (_, at) => told.filter((seconds) => seconds === at + 1).length);
    for (const count of each.slice(0, 29)) expect(Math.abs(count - 50)).toBeLessThan(3);
    expect(Math.max(...told)).toBe(30);
  });

  test('get half of the wait more at random', () => {
    const waits = [0, 0.5, 0.999].map((random) => {
      const room = roomOf({ admissionRate: 1, addressAdmissionRate: 1_000 }, () => random);
      for (let at = 0; at < 20; at += 1) room.ask('a', 0);
      return retryAfter(room.ask('a', 0));
    });
    expect(waits).toEqual([21, 27, 32]);
  });

  test('are all in after the times that they were told', () => {
    const room = roomOf({
      links: 10_000,
      linksPerAddress: 10_000,
      admissionRate: 100,
      addressAdmissionRate: 100,
    });
    const due = new Map<number, number>([[0, 1_000]]);
    let inside = 0;
    for (let second = 0; second <= 30; second += 1) {
      for (let at = 0; at < (due.get(second) ?? 0); at += 1) {
        const refusal = room.ask('a', second * 1_000);
        if (!refusal) inside += 1;
        else due.set(second + retryAfter(refusal), (due.get(second + retryAfter(refusal)) ?? 0) + 1);
      }
    }
    expect(inside).toBe(1_000);
  });
});

test('a network that nobody has come from for long is forgotten, and one that has links is not', () => {
  const room = roomOf({ linksPerAddress: 1 });
  room.ask('a', 0);
  room.enter('a');
  room.ask('b', 20_000);
  expect(room.ask('a', 40_000)).toMatchObject({ cause: 'links-full-for-address' });
});
