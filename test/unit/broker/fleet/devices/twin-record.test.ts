import { describe, expect, test } from 'vitest';
import { AWAITED, STATUS } from '#firmware-protocol';
import { Descriptions } from '#broker/fleet/devices/description.ts';
import { newTwin, type Twin } from '#broker/fleet/devices/twin.ts';
import { fromRecord, toRecord } from '#broker/fleet/devices/twin-record.ts';
import { device, lamp, START, values } from '../builders.ts';

const lampDevice = device('lamp');
const fresh = newTwin(lampDevice);
const SEEN = START + 5_000;

const full: Twin = {
  ...fresh,
  description: lamp(),
  vals: values({ 1: true, 2: -5, 4: 7.25, 5: null, 6: 'ü', 7: new Uint8Array([1, 2, 3]) }),
  t: START + 1,
  ver: 42,
  dver: 5,
  errs: new Map([[3, 11]]),
  want: values({ 3: 10 }),
  wver: 6,
  who: '@ada',
  st: STATUS.bye,
  since: START,
  seenAt: SEEN,
  statusPayload: new Uint8Array([1, 2]),
  statePayload: new Uint8Array([3]),
};

const stored = (twin: Twin): Twin => fromRecord(lampDevice, toRecord(twin), new Descriptions());

test('a device without a record is new', () => {
  expect(fromRecord(lampDevice, undefined, new Descriptions())).toMatchObject(fresh);
});

describe('a twin comes back from its record', () => {
  test('with all that is known', () => expect(stored(full)).toMatchObject(full));
  test('with nothing known', () => {
    expect(stored(fresh)).toMatchObject(fresh);
    const may = [
      't',
      'dver',
      'errs',
      'want',
      'who',
      'since',
      'seenAt',
      'description',
      'statusPayload',
      'statePayload',
    ];
    for (const unknown of may) {
      expect(stored(fresh)).not.toHaveProperty(unknown);
    }
  });
  test('with no errors left', () => expect(stored({ ...full, errs: new Map() }).errs).toEqual(new Map()));
  test('with zeros', () => {
    const zeros = { ver: 0, dver: 0, wver: 0, since: 0, seenAt: 0 };
    expect(stored({ ...full, ...zeros })).toMatchObject(zeros);
  });
  test('with more than any one message could tell', () => {
    const long = new Map(Array.from({ length: 128 }, (_, pid) => [pid, 'x'.repeat(256)]));
    expect(stored({ ...full, vals: long }).vals).toEqual(long);
  });
});

describe('of a device that was linked when the hub stopped', () => {
  const linked: Twin = { ...full, st: STATUS.online, linked: true, ready: true, boot: 7, sess: 3 };

  test('neither link nor boot are taken for current', () => {
    const back = stored(linked);
    expect(back).toMatchObject({ linked: false, ready: false });
    expect(back).not.toHaveProperty('boot');
    expect(back).not.toHaveProperty('sess');
    expect(back).not.toHaveProperty('window');
  });

  test.each([STATUS.online, STATUS.updating, AWAITED])(
    'status %i becomes awaited, since when it was there',
    (st) => {
      expect(stored({ ...linked, st })).toMatchObject({ st: AWAITED, since: START, seenAt: SEEN });
    },
  );

  test.each([STATUS.lost, STATUS.sleeping, STATUS.bye])('status %i stays, and since when', (st) => {
    expect(stored({ ...linked, st })).toMatchObject({ st, since: START });
  });
});

test('devices that are described alike share one description', () => {
  const known = new Descriptions();
  const [a, b] = ['a', 'b'].map((id) => fromRecord(device(id), toRecord({ ...full, id }), known));
  expect(a?.description).toBe(b?.description);
});

test('a device that was renamed has its new name', () => {
  const renamed = device('lamp', { name: 'New', place: 'attic', tags: ['dusty'] });
  expect(fromRecord(renamed, toRecord(full), new Descriptions())).toMatchObject({
    name: 'New',
    place: 'attic',
    tags: ['dusty'],
  });
});
