import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  calmed,
  DOUBLE_USE_WINDOW,
  NO_DOUBLE_USE,
  opened,
  outlived,
  overAt,
  shifted,
  type DeviceLink,
  type DoubleUse,
} from '#broker/fleet/devices/double-use.ts';
import { START } from '../builders.ts';

const SECOND = 1_000;

/** A link of a boot, or of a program that says nothing of itself. */
const link = (address: string, boot?: number, sess = 1): DeviceLink => ({
  address,
  ...(boot !== undefined && { birth: { boot, sess } }),
});

/** Opens links one after another, a second apart. */
const openedAll = (links: readonly DeviceLink[], use: DoubleUse = NO_DOUBLE_USE): DoubleUse =>
  links.reduce((before, each, at) => opened(before, each, START + at * SECOND), use);

describe('a boot that another one had replaced', () => {
  const a = (sess: number) => link('192.0.2.1', 1, sess);
  const b = (sess: number) => link('192.0.2.2', 2, sess);

  test('comes back a third time: two programs use the id, since then', () => {
    const twice = openedAll([a(1), b(1), a(2), b(2)]);
    expect(twice.since).toBeUndefined();
    const thrice = opened(twice, a(3), START + 4 * SECOND);
    expect(thrice).toMatchObject({ since: START + 4 * SECOND, addresses: ['192.0.2.2', '192.0.2.1'] });
  });

  test('counts whether or not the other program is there just then, as of two that sleep most of the time', () => {
    const far = [a(1), b(1), a(2), b(2), a(3)];
    const use = far.reduce(
      (before, each, at) => opened(before, each, START + at * 240 * SECOND),
      NO_DOUBLE_USE,
    );
    expect(use.since).toBe(START + 4 * 240 * SECOND);
  });

  test('is an accident less often: a CONNECT that was held up until its device had restarted', () => {
    const [before, after, held, again] = [a(1), b(1), a(1), b(2)];
    const restarted = openedAll([before, after, held]);
    const over = opened(outlived(restarted, after, held, START + 3 * SECOND), again, START + 4 * SECOND);
    expect(over.signs).toHaveLength(2);
    expect(over.since).toBeUndefined();
  });

  test('is found beside a program that starts anew each time', () => {
    const fresh = (boot: number) => link('192.0.2.2', boot);
    const links = [a(1), fresh(10), a(2), fresh(11), a(3), fresh(12)];
    expect(openedAll(links).since).toBeUndefined();
    expect(openedAll([...links, a(4)]).since).toBeDefined();
  });

  test('counts for ten minutes', () => {
    const twice = openedAll([a(1), b(1), a(2), b(2)]);
    const first = START + 2 * SECOND;
    expect(opened(twice, a(3), first + DOUBLE_USE_WINDOW - 1).since).toBeDefined();
    expect(opened(twice, a(3), first + DOUBLE_USE_WINDOW).since).toBeUndefined();
  });
});

describe('a program that answers when another has taken over its link', () => {
  const takeovers = (links: readonly DeviceLink[]): DoubleUse =>
    links.reduce((before, by, at) => {
      const now = START + at * SECOND;
      const use = opened(before, by, now);
      const old = links[at - 1];
      return old ? outlived(use, old, by, now + 20) : use;
    }, NO_DOUBLE_USE);

  test('a third time: two programs use the id, whatever they say of themselves', () => {
    const silent = [link('192.0.2.1'), link('192.0.2.2'), link('192.0.2.1')];
    expect(takeovers(silent).since).toBeUndefined();
    expect(takeovers([...silent, link('192.0.2.2')])).toMatchObject({
      since: START + 3 * SECOND + 20,
      addresses: ['192.0.2.1', '192.0.2.2'],
    });
  });

  test('counts once with a boot that comes back by the same link', () => {
    const links = [1, 2, 1].map((boot) => link('192.0.2.1', boot));
    expect(takeovers(links).signs).toHaveLength(2);
  });

  test('is the same one where the boot goes on with a greater session', () => {
    const links = [1, 2, 3, 4, 7, 9].map((sess) => link('192.0.2.1', 1, sess));
    expect(takeovers(links).signs).toEqual([]);
  });

  test.each([
    ['is the same', [1, 1, 1, 1]],
    ['is less', [9, 8, 7, 6]],
  ])('is not the same one where the boot goes on and its session %s: that is a copy', (_how, sessions) => {
    const links = sessions.map((sess) => link('192.0.2.1', 1, sess));
    expect(takeovers(links).since).toBeDefined();
  });
});

describe('the use by two programs', () => {
  const links = [1, 2, 1, 2, 1].map((boot, sess) => link(`192.0.2.${boot}`, boot, sess));
  const used = openedAll(links);
  const last = START + 4 * SECOND;

  test('is over ten minutes after the last sign, and not before', () => {
    expect(overAt(used)).toBe(last + DOUBLE_USE_WINDOW);
    expect(calmed(used, last + DOUBLE_USE_WINDOW - 1)).toBe(used);
    const over = calmed(used, last + DOUBLE_USE_WINDOW);
    expect(over).toMatchObject({ since: undefined, signs: [] });
    expect(overAt(over)).toBeUndefined();
  });

  test('lasts as long as there are signs, since it began', () => {
    const later = opened(used, link('192.0.2.2', 2), last + DOUBLE_USE_WINDOW - 1);
    expect(later.since).toBe(last);
    expect(overAt(later)).toBe(last + 2 * DOUBLE_USE_WINDOW - 1);
  });

  test('lasts no longer and no shorter where the clock is set', () => {
    expect(overAt(shifted(used, -86_400_000))).toBe(last + DOUBLE_USE_WINDOW - 86_400_000);
  });

  test('keeps no more than it needs, however long it lasts', () => {
    const fight = Array.from({ length: 1_000 }, (_, at) => link('192.0.2.1', at % 4, at));
    const restarts = Array.from({ length: 1_000 }, (_, at) => link('192.0.2.1', at));
    expect(openedAll(fight).signs).toHaveLength(3);
    expect(openedAll(restarts).replaced).toHaveLength(16);
  });
});

/** How long a program waits before it connects again: by how much luck, after how many failures. In ms. */
const WAITS: ReadonlyArray<(luck: number, failures: number) => number> = [
  () => 1_000,
  (luck, failures) => luck * Math.min(30_000, 1_000 * 2 ** failures),
  (luck, failures) => luck * Math.min(120_000, 1_000 * 2 ** failures),
];

interface Program {
  readonly address: string;
  /** Whether it is one run, a copy of the other in mid-run, starts anew each time, or says nothing of itself. */
  readonly boots: 'one' | 'copy' | 'each' | 'none';
  /** Its number before its first session, and whether it counts from there. */
  readonly sess: number;
  readonly counts: boolean;
  readonly answers: boolean;
  readonly wait: number;
}

const program = (fields: { [K in keyof Program]?: fc.Arbitrary<Program[K]> }): fc.Arbitrary<Program> =>
  fc.record({
    address: fc.constantFrom('192.0.2.1', '192.0.2.2'),
    boots: fc.constantFrom('one', 'each', 'none'),
    sess: fc.nat(3),
    counts: fc.boolean(),
    answers: fc.boolean(),
    wait: fc.nat(WAITS.length - 1),
    ...fields,
  });

const answers = fc.constant(true);
const copy = program({ boots: fc.constant('copy'), answers });

/** Two programs that the hub can tell apart. */
const rivals = fc.oneof(
  fc.tuple(program({ answers }), program({})),
  fc.tuple(program({}), program({ answers })),
  fc.tuple(program({ boots: fc.constant('one') }), program({ boots: fc.constantFrom('one', 'each') })),
  fc.tuple(copy, copy),
);

/** How many takeovers a fight may take until it is found. */
const FOUND_BY = 8;

const luck = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
  minLength: FOUND_BY + 1,
  maxLength: FOUND_BY + 1,
});

test('two programs that fight are found, however they wait and whatever they say', () => {
  fc.assert(
    fc.property(rivals, luck, (pair, waits) => {
      let use = NO_DOUBLE_USE;
      let now = START;
      let there: { link: DeviceLink; answers: boolean } | undefined;
      for (const [turn, share] of waits.entries()) {
        const { address, boots, sess, counts, answers, wait } = pair[turn % 2] as Program;
        const tries = Math.floor(turn / 2) + 1;
        const boot = { one: turn % 2, copy: 0, each: 100 + turn, none: undefined }[boots];
        const by = link(address, boot, counts ? sess + tries : sess);
        use = opened(use, by, now);
        if (there?.answers) use = outlived(use, there.link, by, now);
        there = { link: by, answers };
        now += WAITS[wait]?.(share, tries) ?? 0;
      }
      expect(use.since).toBeDefined();
    }),
    { numRuns: 1_000 },
  );
});

/** What can happen to one device, each with its time in ms. */
const mishap = fc.record({
  what: fc.constantFrom('lost its link', 'restarted', 'moved', 'left its old link open'),
  after: fc.integer({ min: 100, max: 120_000 }),
  failures: fc.nat(3),
});

const honest = fc.record({
  /** Whether its will says of which boot and session it is, with a session that counts or one that does not. */
  says: fc.constantFrom('all', 'no session', 'nothing'),
  mishaps: fc.array(mishap, { maxLength: 60 }),
});

test('one device is never taken for two, however its links break, wherever it goes, as often as it restarts', () => {
  fc.assert(
    fc.property(honest, ({ says, mishaps }) => {
      let use = NO_DOUBLE_USE;
      let now = START;
      let boot = 1;
      let sess = 0;
      let place = 1;
      let old: DeviceLink | undefined;
      for (const { what, after, failures } of mishaps) {
        now += after;
        sess += 1 + failures;
        if (what === 'moved') place = 3 - place;
        if (what === 'restarted') [boot, sess] = [boot + 1, 1];
        const by = link(`192.0.2.${place}`, says === 'nothing' ? undefined : boot, says === 'all' ? sess : 1);
        use = opened(use, by, now);
        if (old && what === 'left its old link open' && says === 'all') use = outlived(use, old, by, now);
        old = by;
        expect(use.signs).toEqual([]);
      }
    }),
    { numRuns: 1_000 },
  );
});
