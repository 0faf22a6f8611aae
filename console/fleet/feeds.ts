import { evCmd, evFleet, feedTopic } from '#firmware-protocol';
import type { Clock } from '../app/clock.ts';
import { backoff } from '../link/backoff.ts';
import { follow, takeFleetEvent, UNORDERED, type FeedOrder, type FeedPosition } from './feed-order.ts';
import type { Fleet } from './fleet.svelte.ts';

/** A feed that has run well for so long is asked for anew at once when it breaks. */
const STEADY_MS = 60_000;

interface Subscriptions {
  subscribe(topic: string): void;
  renew(topic: string): void;
}

/** One feed's standing: renews it when messages were lost, ever more slowly if they keep being lost. */
class Renewal {
  readonly #renew: () => void;
  #losses = 0;
  #lastAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(renew: () => void) {
    this.#renew = renew;
  }

  lost(): void {
    if (this.#timer) return;
    const now = performance.now();
    this.#losses = now - this.#lastAt > STEADY_MS ? 0 : this.#losses + 1;
    this.#lastAt = now;
    const delay = this.#losses === 0 ? 0 : backoff(this.#losses, Math.random());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#renew();
    }, delay);
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** Takes the hub's feeds into the fleet, complete and in order. */
export class Feeds {
  readonly #fleet: Fleet;
  readonly #clock: Clock;
  readonly #link: Subscriptions;
  readonly #fleetTopic: string;
  readonly #commandTopic: string;
  readonly #fleetRenewal: Renewal;
  readonly #commandRenewal: Renewal;
  #fleetOrder: FeedOrder = UNORDERED;
  #commandPosition: FeedPosition | undefined;

  constructor(tenant: string, fleet: Fleet, clock: Clock, link: Subscriptions) {
    this.#fleet = fleet;
    this.#clock = clock;
    this.#link = link;
    this.#fleetTopic = feedTopic(tenant, 'fleet');
    this.#commandTopic = feedTopic(tenant, 'cmd');
    this.#fleetRenewal = new Renewal(() => link.renew(this.#fleetTopic));
    this.#commandRenewal = new Renewal(() => link.renew(this.#commandTopic));
  }

  /** Subscribes on a new connection, on which the hub sends the whole of each feed first. */
  open(): void {
    this.close();
    this.#fleetOrder = UNORDERED;
    this.#commandPosition = undefined;
    this.#link.subscribe(this.#fleetTopic);
    this.#link.subscribe(this.#commandTopic);
  }

  close(): void {
    this.#fleetRenewal.cancel();
    this.#commandRenewal.cancel();
  }

  receive(topic: string, payload: Uint8Array): void {
    if (topic === this.#fleetTopic) this.#guard(this.#fleetRenewal, () => this.#takeFleet(payload));
    else if (topic === this.#commandTopic)
      this.#guard(this.#commandRenewal, () => this.#takeCommands(payload));
  }

  /** A message that cannot be read is as good as lost. */
  #guard(renewal: Renewal, take: () => boolean): void {
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
    return !step.lost;
  }

  #takeCommands(payload: Uint8Array): boolean {
    const event = evCmd.decode(payload);
    // Steps of commands stand for themselves: they are taken even where one before them was lost.
    this.#fleet.takeCommands(event);
    const standing = this.#commandPosition ? follow(this.#commandPosition, event) : 'next';
    if (standing === 'next') this.#commandPosition = { boot: event.boot, seq: event.seq };
    if (standing === 'gap') this.#commandPosition = undefined;
    return standing !== 'gap';
  }
}
