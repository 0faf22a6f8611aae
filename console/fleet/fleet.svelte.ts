import type { CommandEvent, Description, DeviceDelta, FleetEvent } from '#firmware-protocol';
import type { Selection } from '#broker/contract/selection.ts';
import { untrack } from 'svelte';
import { toHex } from '../format/hex.ts';
import { giveUp, giveUpOverdue, isOpen, remember, takeCommandDelta, type Command } from './command.ts';
import { readDescription } from './descriptions.ts';
import { DeviceEntry } from './device-entry.svelte.ts';
import { mergeDelta, mergeValues, type Device } from './device.ts';
import { byName, selectDevices, type ListQuery } from './list.ts';
import { isReachable } from './presence.ts';

/** How often the list is filtered and sorted anew while the fleet changes. */
const RELIST_MS = 250;

/** How long the hub may take to tell all open commands after the feed was asked for, in ms. */
const CONFIRM_MS = 10_000;

export interface FleetSummary {
  readonly total: number;
  readonly reachable: number;
  /** How many of them two programs use at once. */
  readonly usedTwice: number;
  readonly models: readonly string[];
  readonly tags: readonly string[];
}

/** All devices as the hub tells of them. */
export class Fleet {
  readonly #ended: (command: Command) => void;
  /** Whether the whole fleet has come at least once. */
  loaded = $state(false);
  /** What is wrong with the hub, in its words; undefined while nothing is. */
  trouble: string | undefined = $state();
  readonly #entries = new Map<string, DeviceEntry>();
  /** By the hash that devices name. Replaced whole, which is rare: a fleet has few models. */
  #descriptions: ReadonlyMap<string, Description> = $state.raw(new Map());
  /** Commands by device; kept apart because they may come before their device does. */
  readonly #commands = new Map<string, readonly Command[]>();
  readonly #devicesWithOpenCommands = new Set<string>();
  /** Open commands that the hub has yet to confirm since the link came back, and until when it has to. */
  readonly #unconfirmed = new Set<string>();
  #confirmBy = Infinity;
  readonly #followers = new Set<(command: Command) => void>();
  /** Rise when devices or their names, and when anything that is sorted or filtered by, may have changed. */
  #names = $state(0);
  #listing = $state(0);
  #relist: ReturnType<typeof setTimeout> | undefined;

  readonly #sorted = $derived.by(() => {
    void this.#names;
    return untrack(() => [...this.#entries.values()].sort(byName));
  });

  readonly summary: FleetSummary = $derived.by(() => {
    void this.#listing;
    const sorted = this.#sorted;
    return untrack(() => ({
      total: sorted.length,
      reachable: sorted.filter(({ presence }) => isReachable(presence)).length,
      usedTwice: sorted.filter(({ isUsedTwice }) => isUsedTwice).length,
      models: [...new Set(sorted.map(({ model }) => model).filter(Boolean))].sort(),
      tags: [...new Set(sorted.flatMap(({ tags }) => tags))].sort(),
    }));
  });

  /** @param ended is told of each command whose outcome becomes known while this console looks */
  constructor(ended: (command: Command) => void) {
    this.#ended = ended;
  }

  /**
   * The devices of a view, in its order. Follows the fleet, but not each single reading.
   * @param members who is in the query's group
   */
  select(query: ListQuery, members?: Selection): readonly DeviceEntry[] {
    void this.#listing;
    const sorted = this.#sorted;
    return untrack(() => selectDevices(sorted, query, members));
  }

  /** Tells of each step of a command. Returns how to stop that. */
  follow(listener: (command: Command) => void): () => void {
    this.#followers.add(listener);
    return () => this.#followers.delete(listener);
  }

  entry(id: string): DeviceEntry | undefined {
    void this.#names;
    return this.#entries.get(id);
  }

  /** Starts anew from the messages of a whole fleet. */
  replace(events: readonly FleetEvent[]): void {
    const present = new Set(events.flatMap(({ devs }) => devs.map(({ did }) => did)));
    for (const [id, entry] of this.#entries) {
      if (!present.has(id)) this.#entries.delete(id);
      entry.breakSeries();
    }
    for (const event of events) this.#take(event, true);
    this.loaded = true;
    this.#names++;
    this.#listing++;
  }

  merge(event: FleetEvent): void {
    this.#take(event, false);
  }

  /** Takes in the steps of commands, and what devices reported with them. */
  takeCommands({ cmds }: CommandEvent): void {
    for (const delta of cmds) {
      const id = toHex(delta.id);
      this.#unconfirmed.delete(id);
      const known = this.#commands.get(delta.did)?.find((command) => command.id === id);
      const command = takeCommandDelta(known, delta);
      this.putCommand(command);
      for (const follower of this.#followers) follower(command);
      const entry = this.#entries.get(delta.did);
      if (!entry || !delta.vals) continue;
      entry.device = { ...entry.device, vals: mergeValues(entry.device.vals, delta.vals) };
    }
  }

  putCommand(command: Command): void {
    this.#setCommands(command.device, remember(this.#commands.get(command.device) ?? [], command));
  }

  /** A request that could not be put to the hub, unless the hub has taken it after all. */
  markUnsent(device: string, id: string, now: number): void {
    const command = this.#commands.get(device)?.find((each) => each.id === id);
    if (command?.stage === 'asked') this.putCommand({ ...command, stage: 'unsent', at: now });
  }

  /** The hub is about to tell all open commands anew. What it does not tell ended while nobody listened. */
  expectCommands(now: number): void {
    for (const device of this.#devicesWithOpenCommands) {
      for (const command of this.#commands.get(device) ?? []) {
        if (isOpen(command) && command.stage !== 'asked') this.#unconfirmed.add(command.id);
      }
    }
    this.#confirmBy = now + CONFIRM_MS;
  }

  /** To be called once a second: gives up on commands whose outcome will not come. */
  tick(now: number): void {
    const forgotten = now > this.#confirmBy ? new Set(this.#unconfirmed) : undefined;
    if (forgotten) this.#unconfirmed.clear();
    for (const device of this.#devicesWithOpenCommands) {
      const before = this.#commands.get(device) ?? [];
      let commands = giveUpOverdue(before, now);
      if (forgotten?.size)
        commands = commands.map((command) => (forgotten.has(command.id) ? giveUp(command, now) : command));
      if (commands !== before) this.#setCommands(device, commands);
    }
  }

  clear(): void {
    this.#entries.clear();
    this.#commands.clear();
    this.#devicesWithOpenCommands.clear();
    this.#unconfirmed.clear();
    this.trouble = undefined;
    this.loaded = false;
    this.#names++;
    this.#listing++;
  }

  #take({ devs, descs = [], gone = [], t, msg }: FleetEvent, whole: boolean): void {
    this.trouble = msg;
    for (const payload of descs) void this.#learn(payload);
    for (const delta of devs) this.#takeDevice(delta, t, whole);
    for (const id of gone) this.#entries.delete(id);
    if (gone.length > 0) this.#names++;
    if (!whole) this.#relistSoon();
  }

  #takeDevice(delta: DeviceDelta, eventTime: number, whole: boolean): void {
    const entry = this.#entries.get(delta.did);
    const before = entry?.device;
    const device = mergeDelta(whole ? undefined : before, delta, eventTime);
    const current = entry ?? this.#add(device);
    current.device = device;
    if (before && before.name !== device.name) this.#names++;
    if (delta.vals) current.record(delta.vals, device.reportedAt, this.#entries.size);
    if (!isReachable(current.presence)) current.breakSeries();
  }

  readonly #describe = (hash: string): Description | undefined => this.#descriptions.get(hash);

  #add(device: Device): DeviceEntry {
    const entry = new DeviceEntry(device, this.#commands.get(device.id) ?? [], this.#describe);
    this.#entries.set(entry.id, entry);
    this.#names++;
    return entry;
  }

  async #learn(payload: Uint8Array): Promise<void> {
    try {
      const { hash, description } = await readDescription(payload);
      if (this.#descriptions.has(hash)) return;
      this.#descriptions = new Map(this.#descriptions).set(hash, description);
      for (const entry of this.#entries.values()) {
        const { dhash, vals, reportedAt } = entry.device;
        if (dhash === hash) entry.record(vals, reportedAt, this.#entries.size);
      }
      this.#relistSoon();
    } catch (cause) {
      // Its devices are shown with raw values; the hub checks descriptions, so this is a newer protocol.
      reportError(new Error('A description could not be read', { cause }));
    }
  }

  #setCommands(device: string, commands: readonly Command[]): void {
    const before = this.#commands.get(device) ?? [];
    this.#commands.set(device, commands);
    for (const command of commands) {
      const wasOpen = before.some((known) => known.id === command.id && isOpen(known));
      if (wasOpen && !isOpen(command)) this.#ended(command);
    }
    if (commands.some(isOpen)) this.#devicesWithOpenCommands.add(device);
    else this.#devicesWithOpenCommands.delete(device);
    const entry = this.#entries.get(device);
    if (entry) entry.commands = commands;
  }

  #relistSoon(): void {
    if (this.#relist) return;
    this.#relist = setTimeout(() => {
      this.#relist = undefined;
      this.#listing++;
    }, RELIST_MS);
  }
}
