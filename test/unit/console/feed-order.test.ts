import { describe, expect, it } from 'vitest';
import type { FleetEvent } from '#firmware-protocol';
import { follow, takeFleetEvent, UNORDERED, type FeedOrder } from '#console/fleet/feed-order.ts';
import { fleetEvent } from './samples.ts';

const part = (at: number, parts: number, seq = 5, boot = 1): FleetEvent =>
  fleetEvent({ boot, seq, part: at, parts });
const delta = (seq: number, boot = 1): FleetEvent => fleetEvent({ boot, seq });

/** Takes events one after another; returns the last step, and what all of them applied. */
function takeAll(...events: FleetEvent[]) {
  let order: FeedOrder = UNORDERED;
  const applied: string[] = [];
  let lost = false;
  for (const event of events) {
    const step = takeFleetEvent(order, event);
    order = step.order;
    lost = step.lost;
    if (step.replace) applied.push('replace');
    applied.push(...step.events.map(({ seq, part }) => (part === undefined ? `${seq}` : `${seq}/${part}`)));
  }
  return { order, applied, lost };
}

describe('the fleet feed', () => {
  it('begins with the whole fleet', () => {
    expect(takeAll(part(0, 1), delta(6), delta(7)).applied).toEqual(['replace', '5/0', '6', '7']);
  });

  it('drops changes that come before the whole was asked for', () => {
    const { applied, lost } = takeAll(delta(3), delta(9));
    expect(applied).toEqual([]);
    expect(lost).toBe(false);
  });

  it('applies the parts of a whole together, in their order', () => {
    expect(takeAll(part(1, 3), part(0, 3)).applied).toEqual([]);
    expect(takeAll(part(1, 3), part(2, 3), part(0, 3)).applied).toEqual(['replace', '5/0', '5/1', '5/2']);
  });

  it('keeps changes that overtake the last part, and drops those that the whole includes', () => {
    const { applied } = takeAll(part(0, 2), delta(5), delta(6), delta(7), part(1, 2), delta(8));
    expect(applied).toEqual(['replace', '5/0', '5/1', '6', '7', '8']);
  });

  it('drops changes that it has seen', () => {
    const { applied, lost } = takeAll(part(0, 1), delta(6), delta(6), delta(4));
    expect(applied).toEqual(['replace', '5/0', '6']);
    expect(lost).toBe(false);
  });

  it('says when a change is missing, and waits for the whole from then on', () => {
    const { lost, order } = takeAll(part(0, 1), delta(7));
    expect(lost).toBe(true);
    expect(takeFleetEvent(order, delta(8))).toMatchObject({ lost: false, events: [] });
  });

  it('says when a change is missing among those that overtook the last part', () => {
    expect(takeAll(part(0, 2), delta(7), part(1, 2)).lost).toBe(true);
  });

  it('says when the hub has restarted', () => {
    expect(takeAll(part(0, 1), delta(6, 2)).lost).toBe(true);
  });

  it('takes a newer whole for the one that it was waiting for', () => {
    const { applied } = takeAll(part(0, 2), part(0, 2, 9), part(1, 2, 9), delta(10));
    expect(applied).toEqual(['replace', '9/0', '9/1', '10']);
  });
});

describe('follow', () => {
  it('takes the wrap of a 32-bit sequence for one step', () => {
    expect(follow({ boot: 1, seq: 0xffff_ffff }, { boot: 1, seq: 0 })).toBe('next');
    expect(follow({ boot: 1, seq: 0 }, { boot: 1, seq: 0xffff_ffff })).toBe('old');
  });
});
