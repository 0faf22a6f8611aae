import { describe, expect, test } from 'vitest';
import { desc, FLAG, TYPE } from '#firmware-protocol';
import type { AuditRecord } from '#broker/store/journal.ts';
import { FleetBench } from './fleet-bench.ts';
import { hex, id8, START, values } from './builders.ts';

const lampOnline = async (): Promise<FleetBench> => {
  const bench = await FleetBench.with('lamp');
  await bench.online();
  await bench.pass(1_000);
  return bench;
};

/** What the audit says, the first first. */
const audited = async ({ store }: FleetBench, limit = 20_000): Promise<AuditRecord[]> =>
  (await store.audit({ limit })).reverse();
const deeds = async (bench: FleetBench) =>
  (await audited(bench)).map(({ action, detail }) => [action, (JSON.parse(detail) as { id: string }).id]);

describe('what people and services ask', () => {
  test('stands in the audit, with from where they asked', async () => {
    const bench = await FleetBench.with('lamp');
    await bench.online();
    await bench.away();
    bench.ask(1, { wait: true });
    bench.wish({ 3: 10 }, 2);
    await bench.cancel(1, '@node-red');
    const asked = { t: START, address: '192.0.2.7', subject: 'lamp' };
    expect(await audited(bench)).toEqual([
      { ...asked, who: '@ada', action: 'command', detail: `{"id":"${hex(id8(1))}","set":{"on":true}}` },
      { ...asked, who: '@ada', action: 'wish', detail: `{"id":"${hex(id8(2))}","set":{"start":10}}` },
      { ...asked, who: '@node-red', action: 'withdraw', detail: `{"id":"${hex(id8(1))}"}` },
    ]);
  });

  test('is stored with what it leads to, and with nothing before it', async () => {
    const bench = await lampOnline();
    bench.store.breakDown('saveAudit');
    await bench.command(1);
    await bench.desire({ 3: 10 }, 2);
    await bench.away();
    await bench.command(3, { wait: true });
    await bench.cancel(3);
    expect(await deeds(bench)).toEqual([
      ['command', hex(id8(1))],
      ['wish', hex(id8(2))],
      ['command', hex(id8(3))],
      ['withdraw', hex(id8(3))],
    ]);
  });

  test('stands there where the hub refuses it, too', async () => {
    const bench = await FleetBench.with('lamp');
    await bench.command(1);
    await bench.desire({ 3: 10 }, 2);
    await bench.command(3, {}, 'nobody');
    expect(await deeds(bench)).toEqual([
      ['command', hex(id8(1))],
      ['wish', hex(id8(2))],
      ['command', hex(id8(3))],
    ]);
  });

  test('does not stand there where it could not be stored, for then it was not done', async () => {
    const bench = await lampOnline();
    bench.store.breakDown('saveProgress');
    await bench.command(1);
    await bench.desire({ 3: 10 }, 2);
    bench.store.mend();
    await bench.pass(2_000);
    expect(await deeds(bench)).toEqual([]);
    expect(bench.takeSent().filter(({ channel }) => channel !== 'ctl')).toEqual([]);
  });

  test('stands there once a withdrawal that could not be stored is', async () => {
    const bench = await lampOnline();
    await bench.away();
    await bench.command(1, { wait: true });
    bench.store.breakDown('saveProgress');
    await bench.cancel(1);
    bench.store.mend();
    await bench.pass(1_000);
    expect((await deeds(bench)).map(([action]) => action)).toEqual(['command', 'withdraw']);
  });

  test('does not stand there where it changes nothing, however often it is asked', async () => {
    const bench = await lampOnline();
    await bench.command(1);
    for (let again = 0; again < 3; again += 1) bench.ask(1);
    for (let last = 1; last < 100; last += 1) await bench.cancel(last);
    expect(await deeds(bench)).toEqual([['command', hex(id8(1))]]);
  });
});

describe('what was asked', () => {
  const details = async (bench: FleetBench) =>
    (await audited(bench)).map(({ detail }) => JSON.parse(detail) as unknown);
  const id = (last: number) => hex(id8(last));

  test('is told in the words of the device', async () => {
    const bench = await lampOnline();
    await bench.command(1, { vals: values({ 1: true, 2: 50 }) });
    await bench.command(2, { vals: undefined, op: 9, args: [3] });
    await bench.desire({ 3: 10 }, 3);
    expect(await details(bench)).toEqual([
      { id: id(1), set: { on: true, level: 50 } },
      { id: id(2), run: { action: 'blink', args: [3] } },
      { id: id(3), set: { start: 10 } },
    ]);
  });

  test('is told by numbers where the device has no words for it', async () => {
    const bench = await FleetBench.with('lamp');
    await bench.command(1, { vals: values({ 1: true, 7: new Uint8Array([0, 255]) }) });
    await bench.command(2, { vals: undefined, op: 9, args: ['x', new Uint8Array([1])] });
    await bench.command(3, {}, 'nobody');
    expect(await details(bench)).toEqual([
      { id: id(1), set: { '#1': true, '#7': '00ff' } },
      { id: id(2), run: { action: '#9', args: ['x', '01'] } },
      { id: id(3), set: { '#1': true } },
    ]);
  });

  test('is told as the device called it then', async () => {
    const bench = await lampOnline();
    await bench.command(1);
    const props = [{ pid: 1, key: '__proto__', type: TYPE.bool, flags: FLAG.writable }];
    bench.fleet.received(
      'lamp',
      'desc',
      desc.encode({ proto: [1, 0], model: 'lamp', fw: '9', props }),
      bench.now,
    );
    await bench.command(2);
    expect((await audited(bench)).map(({ detail }) => detail)).toEqual([
      `{"id":"${id(1)}","set":{"on":true}}`,
      `{"id":"${id(2)}","set":{"__proto__":true}}`,
    ]);
  });
});

describe('what the fleet itself has for the audit', () => {
  const entry = (t: number): AuditRecord => ({
    t,
    who: 'lamp',
    address: '',
    action: 'device.twice',
    subject: 'lamp',
    detail: '',
  });
  const flood = (bench: FleetBench, count: number): void => {
    for (let at = 0; at < count; at += 1) bench.fleet.audit(entry(START + at));
  };

  test('is all kept while the store works, however much comes while it is at it', async () => {
    const bench = await lampOnline();
    flood(bench, 1);
    bench.store.hold();
    await bench.run();
    flood(bench, 15_000);
    bench.store.letGo();
    await bench.run();
    expect(await audited(bench)).toHaveLength(15_001);
  });

  test('tells how many entries are missing, where the store fails too long, as the log does', async () => {
    const bench = await lampOnline();
    bench.store.breakDown('saveAudit');
    flood(bench, 10_007);
    await bench.pass(1_000);
    flood(bench, 2);
    await bench.pass(1_000);
    bench.store.mend();
    await bench.pass(1_000);
    const [lost, ...kept] = (await audited(bench)).toSorted(
      (a, b) => Number(b.who === '') - Number(a.who === ''),
    );
    expect(lost).toMatchObject({ action: 'audit.lost', t: bench.now, detail: '{"entries":9}' });
    expect(kept).toHaveLength(10_000);
    expect(bench.log.at(-1)?.line).toBe('who did what: 9 entries were lost while the store failed');
    flood(bench, 1);
    await bench.pass(1_000);
    expect((await audited(bench)).filter(({ action }) => action === 'audit.lost')).toHaveLength(1);
  });
});
