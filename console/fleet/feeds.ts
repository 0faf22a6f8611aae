import { evBatch, evCmd, evFleet, feedTopic } from '#firmware-protocol';
import type { Clock } from '../app/clock.ts';
import type { Batches } from './batches.svelte.ts';
import { follow, takeFleetEvent, UNORDERED, type FeedOrder, type FeedPosition } from './feed-order.ts';
import { FeedRenewal } from './feed-renewal.ts';
import type { Fleet } from './fleet.svelte.ts';

interface Subscriptions {
  subscribe(topic: string): void;
  renew(topic: string): void;
}

/** Takes the hub's feeds into the fleet, complete and in order. */
export class Feeds {
  readonly #fleet: Fleet;
  readonly #batches: Batches;
  readonly #clock: Clock;
  readonly #link: Subscriptions;
  readonly #fleetTopic: string;
  readonly #commandTopic: string;
  readonly #batchTopic: string;
  readonly #fleetRenewal: FeedRenewal;
  readonly #commandRenewal: FeedRenewal;
  readonly #batchRenewal: FeedRenewal;
  #fleetOrder: FeedOrder = UNORDERED;
  #commandPosition: FeedPosition | undefined;
  #batchPosition: FeedPosition | undefined;

  constructor(tenant: string, fleet: Fleet, batches: Batches, clock: Clock, link: Subscriptions) {
    this.#fleet = fleet;
    this.#batches = batches;
    this.#clock = clock;
    this.#link = link;
    this.#fleetTopic = feedTopic(tenant, 'fleet');
    this.#commandTopic = feedTopic(tenant, 'cmd');
    this.#batchTopic = feedTopic(tenant, 'batch');
    this.#batchRenewal = new FeedRenewal(() => link.renew(this.#batchTopic));
    this.#fleetRenewal = new FeedRenewal(() => {
      this.#fleetRenewal.waiting();
      link.renew(this.#fleetTopic);
    });
    this.#commandRenewal = new FeedRenewal(() => {
      fleet.expectCommands(clock.read());
      link.renew(this.#commandTopic);
    });
  }

  /** Subscribes on a new connection, on which the hub sends the whole of each feed first. */
  open(): void {
    this.close();
    this.#fleetOrder = UNORDERED;
    this.#commandPosition = undefined;
    this.#fleetRenewal.waiting();
    this.#link.subscribe(this.#fleetTopic);
    this.#fleet.expectCommands(this.#clock.read());
    this.#link.subscribe(this.#commandTopic);
    this.#batchPosition = undefined;
    this.#link.subscribe(this.#batchTopic);
  }

  close(): void {
    this.#fleetRenewal.cancel();
    this.#commandRenewal.cancel();
    this.#batchRenewal.cancel();
  }

  receive(topic: string, payload: Uint8Array): void {
    if (topic === this.#fleetTopic) this.#guard(this.#fleetRenewal, () => this.#takeFleet(payload));
    else if (topic === this.#commandTopic)
      this.#guard(this.#commandRenewal, () => this.#takeCommands(payload));
    else if (topic === this.#batchTopic) this.#guard(this.#batchRenewal, () => this.#takeBatches(payload));
  }

  /** A message that cannot be read is as good as lost. */
  #guard(renewal: FeedRenewal, take: () => boolean): void {
    try {
      if (!take()) renewal.lost();
    } catch (cause) {
      reportError(new Error('A message of the feed could not be read', { cause }));
      renewal.lost();
    }
  }

  #takeFleet(payload: Uint8Array): boolean {
    const event = evFleet.decode(payload);
    this.#clock.follow(event.t);
    const step = takeFleetEvent(this.#fleetOrder, event);
    this.#fleetOrder = step.order;
    if (step.replace) this.#fleet.replace(step.events);
    else for (const change of step.events) this.#fleet.merge(change);
    if (step.replace) this.#fleetRenewal.arrived();
    else if (event.part !== undefined) this.#fleetRenewal.waiting();
    return !step.lost;
  }

  #takeCommands(payload: Uint8Array): boolean {
    const event = evCmd.decode(payload);
    // Steps of commands stand for themselves: they are taken even where one before them was lost.
    this.#fleet.takeCommands(event);
    const { position, whole } = advance(this.#commandPosition, event);
    this.#commandPosition = position;
    return whole;
  }

  #takeBatches(payload: Uint8Array): boolean {
    const event = evBatch.decode(payload);
    // Each says all of its batches, whatever came before.
    this.#batches.take(event);
    const { position, whole } = advance(this.#batchPosition, event);
    this.#batchPosition = position;
    return whole;
  }
}

/** How far a feed has been taken in after one more message, and whether none was lost before it. */
function advance(position: FeedPosition | undefined, { boot, seq }: FeedPosition) {
  const standing = position ? follow(position, { boot, seq }) : 'next';
  if (standing === 'gap') return { position: undefined, whole: false };
  return { position: standing === 'next' ? { boot, seq } : position, whole: true };
}
