import type { FleetEvent } from '#firmware-protocol';

/** How far a feed has been taken in. */
export interface FeedPosition {
  readonly boot: number;
  readonly seq: number;
}

/** Where a message of a feed stands to those taken before it. Sequence numbers are u32 and may wrap. */
export function follow(position: FeedPosition, next: FeedPosition): 'next' | 'old' | 'gap' {
  if (next.boot !== position.boot) return 'gap';
  const ahead = (next.seq - position.seq) | 0;
  if (ahead <= 0) return 'old';
  return ahead === 1 ? 'next' : 'gap';
}

/** What is known of the order of the fleet feed: the whole in parts first, then one change after another. */
export interface FeedOrder {
  readonly position: FeedPosition | undefined;
  /** Pieces of the whole fleet, by part, while it is incomplete. */
  readonly parts: readonly (FleetEvent | undefined)[];
  /** Changes that overtook the last part. */
  readonly early: readonly FleetEvent[];
}

export const UNORDERED: FeedOrder = { position: undefined, parts: [], early: [] };

/** What to do with the fleet: replace it by the messages, change it by them, or nothing yet. */
export interface FeedStep {
  readonly order: FeedOrder;
  readonly replace: boolean;
  readonly events: readonly FleetEvent[];
  /** A message was lost, or the hub restarted: ask for the whole again. */
  readonly lost: boolean;
}

const nothing = (order: FeedOrder): FeedStep => ({ order, replace: false, events: [], lost: false });

const LOST: FeedStep = { order: UNORDERED, replace: false, events: [], lost: true };

function takeDelta(order: FeedOrder, event: FleetEvent): FeedStep {
  if (order.parts.length > 0) return nothing({ ...order, early: [...order.early, event] });
  if (order.position === undefined) return nothing(order);
  switch (follow(order.position, event)) {
    case 'old':
      return nothing(order);
    case 'gap':
      return LOST;
    case 'next': {
      const position = { boot: event.boot, seq: event.seq };
      return { order: { ...order, position }, replace: false, events: [event], lost: false };
    }
  }
}

function belongs(parts: FeedOrder['parts'], event: FleetEvent): boolean {
  const other = parts.find((part) => part !== undefined);
  return parts.length === event.parts && other?.boot === event.boot && other.seq === event.seq;
}

function takePart(order: FeedOrder, event: FleetEvent, part: number, count: number): FeedStep {
  const begun = belongs(order.parts, event);
  const parts = Array.from({ length: count }, (_, at) =>
    at === part ? event : begun ? order.parts[at] : undefined,
  );
  const whole = parts.filter((piece) => piece !== undefined);
  const { early } = order;
  if (whole.length < count) return nothing({ position: undefined, parts, early });

  let step: FeedStep = {
    order: { ...UNORDERED, position: { boot: event.boot, seq: event.seq } },
    replace: true,
    events: whole,
    lost: false,
  };
  for (const delta of early) {
    const next = takeDelta(step.order, delta);
    if (next.lost) return LOST;
    step = { ...step, order: next.order, events: [...step.events, ...next.events] };
  }
  return step;
}

/** Takes one message of the fleet feed, in whatever order it comes. */
export function takeFleetEvent(order: FeedOrder, event: FleetEvent): FeedStep {
  const { part, parts = 1 } = event;
  return part === undefined ? takeDelta(order, event) : takePart(order, event, part, parts);
}
