import type { Description, Values } from '#firmware-protocol';
import { record, unwatchedPoints, WATCHED_POINTS } from '../chart/recorder.ts';
import type { Series } from '../chart/series.ts';
import type { Command } from './command.ts';
import type { Device } from './device.ts';
import type { Listed } from './list.ts';
import { presenceOf, type Presence } from './presence.ts';

/** One device with everything that is shown of it. Its own signals: a change of it redraws nothing else. */
export class DeviceEntry implements Listed {
  readonly id: string;
  device: Device = $state.raw() as Device;
  /** Newest first. */
  commands: readonly Command[] = $state.raw([]);
  /** Readings since the console was opened, by property. Not reactive: `readings` says when they grow. */
  readonly series = new Map<number, Series>();
  readings = $state(0);
  #watched = false;
  readonly #describe: (hash: string) => Description | undefined;

  /** @param describe finds a description by its hash, reactively */
  constructor(
    device: Device,
    commands: readonly Command[],
    describe: (hash: string) => Description | undefined,
  ) {
    this.id = device.id;
    this.device = device;
    this.commands = commands;
    this.#describe = describe;
  }

  get description(): Description | undefined {
    const { dhash } = this.device;
    return dhash === undefined ? undefined : this.#describe(dhash);
  }

  /** Adds reported values to the series. `fleetSize` bounds what is kept of a device that nobody watches. */
  record(values: Values, time: number, fleetSize: number): void {
    const limit = this.#watched ? WATCHED_POINTS : unwatchedPoints(fleetSize);
    if (this.description && record(this.series, this.description, values, time, limit)) this.readings++;
  }

  /** Nothing is known of its readings between the last ones and the next. */
  breakSeries(): void {
    for (const series of this.series.values()) series.breakAfterLast();
  }

  /** From now on keeps as much of its readings as a chart shows. */
  watch(): void {
    this.#watched = true;
    for (const series of this.series.values()) series.limit = WATCHED_POINTS;
  }

  get name(): string {
    return this.device.name;
  }

  get place(): string {
    return this.device.place ?? '';
  }

  get tags(): readonly string[] {
    return this.device.tags;
  }

  get model(): string {
    return this.description?.model ?? '';
  }

  get presence(): Presence {
    return presenceOf(this.device);
  }

  get isUsedTwice(): boolean {
    return this.device.twice > 0;
  }

  get seen(): number {
    return this.device.seen ?? 0;
  }
}
