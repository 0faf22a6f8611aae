import { beforeEach, describe, expect, test } from 'vitest';
import { Gate, type GateLimits } from '#broker/links/door/gate.ts';

interface Peer {
  readonly name: string;
}

const LIMITS: GateLimits = {
  waiting: 1_000,
  waitingPerAddress: 800,
  waitingMs: 30_000,
  handshakeMs: 10_000,
  halfOpen: 500,
  halfOpenPerAddress: 400,
  handshakeRate: 1_000,
  addressHandshakeRate: 1_000,
};

let gate: Gate<Peer>;
beforeEach(() => (gate = new Gate(LIMITS)));

const bounded = (limits: Partial<GateLimits>) => (gate = new Gate({ ...LIMITS, ...limits }));

/** What proxies come from. */
const PROXY = Symbol('proxy');

/** Somebody comes from a network, without a word. */
function arrive(name: string, network: string | typeof PROXY = 'a', now = 0): Peer {
  const peer = { name };
  expect(gate.arrive(peer, network === PROXY ? undefined : network, now)).toBeUndefined();
  return peer;
}

/** Somebody comes from a network and stands in line. */
function queue(name: string, network: string | typeof PROXY = 'a', now = 0): Peer {
  const peer = arrive(name, network, now);
  gate.heard(peer, now);
  return peer;
}

/** Lets in whom it may, and says whom, in order. */
function letIn(now: number, most = Infinity): string[] {
  const names: string[] = [];
  for (let turn = gate.next(now); turn; turn = gate.next(now)) {
    names.push(turn.peer.name);
    if (names.length === most) break;
  }
  return names;
}

/** So many handshakes may go on at once. */
const AT_ONCE = 64;

describe('those who wait', () => {
  test('are let in one after the other, as they have spoken', () => {
    const [first, second] = [arrive('first'), arrive('second')];
    arrive('silent');
    gate.heard(second, 1);
    gate.heard(first, 2);
    expect(letIn(3)).toEqual(['second', 'first']);
    expect(gate.waiting).toBe(1);
    expect(gate.halfOpen).toBe(2);
  });

  test('take turns by network, however many come from one', () => {
    for (let at = 0; at < 50; at += 1) queue(`a${at}`, 'a');
    queue('b0', 'b');
    queue('c0', 'c');
    queue('b1', 'b');
    expect(letIn(0, 6)).toEqual(['a0', 'b0', 'c0', 'a1', 'b1', 'a2']);
  });

  test('are forgotten when they leave, in line or not', () => {
    const silent = arrive('silent');
    const gone = queue('gone');
    queue('last');
    gate.forget(gone);
    gate.forget(silent);
    gate.forget(silent);
    expect(letIn(0)).toEqual(['last']);
    expect(gate.waiting).toBe(0);
  });

  test('say something once', () => {
    const peer = queue('peer');
    gate.heard(peer, 1);
    expect(letIn(2)).toEqual(['peer']);
    gate.heard(peer, 3);
    expect(letIn(4)).toEqual([]);
  });

  test('are bounded, in all and for a network', () => {
    bounded({ waiting: 3, waitingPerAddress: 2 });
    arrive('1');
    queue('2');
    expect(gate.arrive({ name: '3' }, 'a', 0)).toBe('waiting-full-for-address');
    const third = arrive('3', 'b');
    expect(gate.arrive({ name: '4' }, 'c', 0)).toBe('waiting-full');
    gate.forget(third);
    arrive('4', 'c');
    expect(gate.waiting).toBe(3);
  });

  test('do not count for one network where a proxy sends them', () => {
    bounded({ waitingPerAddress: 1, halfOpenPerAddress: 1, addressHandshakeRate: 1 });
    for (let at = 0; at < 10; at += 1) queue(String(at), PROXY);
    const turns = Array.from({ length: 10 }, () => gate.next(0));
    expect(turns.map((turn) => turn?.removal)).toEqual(Array(10).fill(undefined));
    expect(turns.every((turn) => turn !== undefined)).toBe(true);
  });

  test('have to go when they are silent, or in line, for too long', () => {
    bounded({ handshakeMs: 100, waitingMs: 300 });
    const silent = arrive('silent', 'a', 0);
    const waiting = arrive('waiting', 'a', 0);
    gate.heard(waiting, 50);
    expect(gate.overdue(99)).toEqual([]);
    expect(gate.overdue(100)).toEqual([{ peer: silent, cause: 'silent' }]);
    expect(gate.overdue(349)).toEqual([]);
    expect(gate.overdue(350)).toEqual([{ peer: waiting, cause: 'waited-too-long' }]);
    expect(gate.overdue(400)).toEqual([]);
    expect(gate.waiting).toBe(0);
  });
});

describe('handshakes', () => {
  test('begin at a rate, and it is known when the next may', () => {
    bounded({ handshakeRate: 10 });
    for (let at = 0; at < 20; at += 1) queue(String(at), `network ${at}`);
    expect(letIn(0)).toHaveLength(10);
    expect(gate.wait(0)).toBeCloseTo(100);
    expect(letIn(99)).toEqual([]);
    expect(letIn(100)).toEqual(['10']);
  });

  test('begin at a rate for each network, which delays nobody else', () => {
    bounded({ addressHandshakeRate: 5 });
    for (let at = 0; at < 9; at += 1) queue(`a${at}`, 'a');
    expect(letIn(0)).toHaveLength(5);
    expect(gate.wait(0)).toBeCloseTo(200);
    queue('b', 'b');
    expect(gate.wait(0)).toBe(0);
    expect(letIn(0)).toEqual(['b']);
    expect(letIn(200)).toEqual(['a5']);
  });

  test('have a rate that leaving and coming back does not reset', () => {
    bounded({ addressHandshakeRate: 5 });
    for (let at = 0; at < 5; at += 1) queue(String(at));
    for (let at = 0; at < 5; at += 1) gate.forget((gate.next(0) as { peer: Peer }).peer);
    gate.overdue(1);
    queue('again');
    expect(gate.next(1)).toBeUndefined();
  });

  test('go on in a bounded number at once, of which slow ones soon do not count', () => {
    const peers = Array.from({ length: 2 * AT_ONCE + 1 }, (_, at) => queue(String(at)));
    expect(letIn(0)).toHaveLength(AT_ONCE);
    expect(gate.wait(0)).toBe(100);
    gate.forget(peers[7] as Peer);
    expect(gate.wait(0)).toBe(0);
    expect(letIn(0)).toEqual([String(AT_ONCE)]);
    expect(letIn(99)).toEqual([]);
    expect(letIn(100)).toHaveLength(AT_ONCE);
  });

  test('need not be waited for where nobody is in line', () => {
    arrive('silent');
    expect(gate.wait(0)).toBe(Infinity);
  });
});

describe('where too many are inside', () => {
  test('of one network, its oldest has to go for the next', () => {
    bounded({ halfOpenPerAddress: 2 });
    queue('b', 'b');
    const [oldest] = [queue('a0'), queue('a1'), queue('a2')];
    letIn(0, 3);
    expect(gate.halfOpen).toBe(3);
    expect(gate.next(1)).toEqual({
      peer: { name: 'a2' },
      removal: { peer: oldest, cause: 'half-open-full-for-address' },
    });
    expect(gate.halfOpen).toBe(3);
  });

  test('in all, the oldest of the network that has most of them has to go', () => {
    bounded({ halfOpen: 4 });
    queue('b0', 'b');
    letIn(0);
    const [oldest] = [queue('a0'), queue('a1'), queue('a2')];
    letIn(1);
    queue('c', 'c');
    expect(gate.next(2)?.removal).toEqual({ peer: oldest, cause: 'half-open-full' });
    expect(gate.halfOpen).toBe(4);
  });

  test('nobody has to go once one of them is gone or has a link', () => {
    bounded({ halfOpen: 1 });
    const first = queue('first');
    letIn(0);
    gate.forget(first);
    queue('second');
    expect(gate.next(1)).toEqual({ peer: { name: 'second' }, removal: undefined });
  });
});
