import { describe, expect, it } from 'vitest';
import { desc, FLAG, hasFlag, reportViolations, RESEND, RESERVED_ACTION } from '#firmware-protocol';
import { birthOf, kindFor, KINDS } from '#device-sim/kinds/index.ts';
import { acks, Bench, lastState } from './bench-device.ts';

const HOUR = 3_600_000;

describe.each(KINDS.map((kind) => [kind.name, kind] as const))('%s', (name, kind) => {
  it('describes itself in a way that survives the wire', () => {
    const decoded = desc.decode(birthOf(kind).payload);
    expect(decoded).toEqual(kind.description);
    expect(birthOf(kind).dhash).toHaveLength(8);
  });

  it('reports exactly what it describes: sampled properties in telemetry, the others in state', () => {
    const bench = Bench.online(name);
    const state = lastState(bench.tellTime(RESEND.state));
    const tele = bench.pass(1_000).find((message) => message.channel === 'tele');
    const described = (sampled: boolean): number[] =>
      kind.description.props.filter((p) => hasFlag(p, FLAG.sampled) === sampled).map(({ pid }) => pid);
    expect([...(state?.vals.keys() ?? [])]).toEqual(described(false));
    expect([...(tele?.vals?.keys() ?? [])]).toEqual(described(true));
  });

  it.each([1, 2, 3])('keeps to its own description for an hour (seed %i)', (seed) => {
    const bench = Bench.online(name, { seed });
    const wrong = bench
      .pass(HOUR)
      .flatMap((message) => ('vals' in message ? [message.vals ?? new Map()] : []))
      .flatMap((vals) => reportViolations(kind.description, vals));
    expect(wrong).toEqual([]);
  });

  it('keeps to its own description after a day without being looked at', () => {
    const bench = Bench.online(name);
    bench.now = 24 * HOUR;
    const said = bench.heard(bench.device.advance(bench.now));
    for (const message of said) {
      if ('vals' in message && message.vals) {
        expect(reportViolations(kind.description, message.vals)).toEqual([]);
      }
    }
  });

  it('can be asked to identify itself', () => {
    expect(acks(Bench.online(name).command({ op: RESERVED_ACTION.identify }))).toMatchObject([{ st: 3 }]);
  });
});

describe('kinds', () => {
  it('take turns where credentials name none', () => {
    expect(kindFor(undefined, KINDS.length + 1)).toBe(KINDS[1]);
    expect(kindFor('lock', 0)?.name).toBe('lock');
    expect(kindFor('toaster', 0)).toBeUndefined();
  });
});
