import { createSecureContext } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ack, ACK, cmd, ctl, downTopic, upTopic } from '#firmware-protocol';
import { Device } from '#device-sim/device.ts';
import { kindFor, type AnyKind } from '#device-sim/kinds/index.ts';
import { Rng } from '#device-sim/rng.ts';
import { Session, type SessionHost } from '#device-sim/session.ts';
import { emptyTally } from '#device-sim/summary.ts';
import { bringPair } from '../../support/certificates.ts';
import { NO_TRUST, ScriptedServer, type Peer } from './scripted-server.ts';

let server: ScriptedServer;
let now: number;
let asked: (at: number) => void;
let session: Session;
const deeds: string[] = [];

beforeEach(async () => {
  server = await ScriptedServer.start();
  now = 0;
  asked = () => undefined;
  deeds.length = 0;
});
afterEach(async () => {
  await session.close(0);
  server.close();
});

function open(name: string, trust = NO_TRUST): void {
  const host: SessionHost = {
    hub: { url: server.url, tenant: 'home', trust },
    tally: emptyTally(),
    longestWaitMs: 30_000,
    now: () => now,
    wakeAt: (at) => asked(at),
    online: () => undefined,
    did: (device, { did }) => deeds.push(`${device} ${did}`),
    problem: () => undefined,
  };
  const kind = kindFor(name, 0) as AnyKind;
  const device = new Device({ id: 'lamp', kind, seed: 1, boot: 7, intervalMs: 1e9, now });
  session = new Session({ id: 'lamp', secret: 'secret' }, device, new Rng(1, 'link'), host);
  session.open();
}

const id = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

function tell(peer: Peer, channel: 'ctl' | 'cmd', payload: Uint8Array): void {
  const topic = downTopic('home', 'lamp', channel);
  peer.say({
    cmd: 'publish',
    topic,
    payload: Buffer.from(payload),
    qos: 1,
    messageId: 1,
    retain: false,
    dup: false,
  });
}

/** Resolves with the answer that is the `which` to be sent on this connection, from 1. */
async function answer(peer: Peer, which = 1) {
  for (let [nth, seen] = [1, 0]; ; nth++) {
    const { topic, payload } = await peer.packet('publish', nth);
    if (topic !== upTopic('home', 'lamp', 'ack')) continue;
    seen += 1;
    if (seen === which) return ack.decode(payload as Buffer);
  }
}

/** Waits until the link is broken, and lets time pass until the session tries again, or until `later`. */
async function reconnected(nth: number, later = 0): Promise<Peer> {
  now = Math.max(later, await retry());
  session.wake(now);
  const peer = await server.peer(nth);
  await peer.packet('connect');
  peer.accept();
  return peer;
}

/** Resolves with the time that the session asks for next. */
const retry = (): Promise<number> => new Promise((resolve) => (asked = resolve));

describe('a session', () => {
  it('says again after a broken link what the hub may not have heard, and does nothing twice', async () => {
    open('lamp');
    const first = await server.peer();
    await first.packet('connect');
    first.accept();
    tell(first, 'ctl', ctl.encode({ t: 1_800_000_000_000 }));
    tell(first, 'cmd', cmd.encode({ id, vals: new Map([[1, true]]), exp: 1_800_000_010_000 }));
    const told = await answer(first);
    first.cut();

    const second = await reconnected(2);
    const again = await answer(second);
    expect(again).toEqual(told);
    expect(again.st).toBe(ACK.done);
    expect(deeds).toEqual(['lamp run', 'lamp done']);
  });

  it('tells what it owes after what it told before, in the order in which it happened', async () => {
    open('blind');
    const first = await server.peer();
    await first.packet('connect');
    first.accept();
    tell(first, 'ctl', ctl.encode({ t: 1_800_000_000_000 }));
    const moves = { id, vals: new Map([[1, 100]]), exp: 1_800_000_010_000 };
    tell(first, 'cmd', cmd.encode(moves));
    expect((await answer(first)).st).toBe(ACK.accepted);
    first.cut();

    const second = await reconnected(2, 30_000);
    expect((await answer(second)).st).toBe(ACK.accepted);
    expect((await answer(second, 2)).st).toBe(ACK.done);
  });

  it('comes back with a new will for each connection', async () => {
    open('lamp');
    const first = await server.peer();
    const before = (await first.packet('connect')).will;
    first.cut();
    const second = await reconnected(2);
    expect((await second.packet('connect')).will?.payload).not.toEqual(before?.payload);
  });

  it('comes back when a hub without room asks it to, and a second later at most', async () => {
    server.retryAfter = '7';
    open('lamp');
    for (let times = 0; times < 5; times += 1) {
      const wait = (await retry()) - now;
      expect(wait).toBeGreaterThanOrEqual(7_000);
      expect(wait).toBeLessThan(8_000);
      now += wait;
      session.wake(now);
    }
    now = await retry();
    server.retryAfter = undefined;
    session.wake(now);
    expect(await (await server.peer()).packet('connect')).toMatchObject({ clientId: 'lamp' });
  });

  it.each(['', 'soon', '-1', '123456', 'Fri, 27 Nov 2026 14:00:00 GMT'])(
    'comes back as always where a hub says %j instead',
    async (retryAfter) => {
      server.retryAfter = retryAfter;
      open('lamp');
      expect((await retry()) - now).toBeLessThanOrEqual(1_000);
    },
  );

  it('takes up its TLS session when it comes back', async () => {
    const pair = await bringPair(['127.0.0.1']);
    server.close();
    server = await ScriptedServer.start(pair);
    open('lamp', createSecureContext({ ca: pair.ca }));
    for (const nth of [1, 2, 3]) {
      const peer = nth === 1 ? await server.peer() : await reconnected(nth);
      await peer.packet('connect');
      peer.accept();
      await peer.packet('subscribe');
      peer.cut();
    }
    expect(server.resumed).toEqual([false, true, true]);
  });
});
