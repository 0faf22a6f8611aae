import { isDeepStrictEqual } from 'node:util';
import {
  COMMAND,
  desired,
  rqCancel,
  rqCmd,
  rqDesired,
  type CommandRequest,
  type DesiredRequest,
  type FeedChannel,
  type RequestChannel,
  type UpChannel,
} from '#firmware-protocol';
import type { AuditRecord } from '../store/journal.ts';
import type { DeviceRecord, LabelChange } from '../store/registry.ts';
import { Commands, OVER } from './commands/commands.ts';
import { fromRecord } from './commands/command-record.ts';
import { told } from './commands/command-told.ts';
import { Ledger } from './commands/ledger.ts';
import { Orders } from './commands/orders.ts';
import { absence, commandRefusal, desiredRefusal, NO_DEVICE } from './commands/refusals.ts';
import type { Wish } from './commands/wish.ts';
import { Wishes, type Wanted } from './commands/wishes.ts';
import type { DeviceLink } from './devices/double-use.ts';
import { DoubleUses } from './devices/double-uses.ts';
import { Happenings } from './devices/happenings.ts';
import { Presence } from './devices/presence.ts';
import { Reports } from './devices/reports.ts';
import { desiring, wanted, type DesiredDocument, type Twin } from './devices/twin.ts';
import { Twins } from './devices/twins.ts';
import { earliest } from './earliest.ts';
import { CommandFeed } from './feeds/command-feed.ts';
import { FleetFeed } from './feeds/fleet-feed.ts';
import type { FleetPorts } from './ports.ts';
import { SavedTogether } from './saved-together.ts';
import { toldDeed } from './told/told-deed.ts';

/** Who asks for something, and from where. */
export interface Asker {
  readonly who: string;
  readonly address: string;
}

/**
 * All devices of a tenant: takes what links and people say, told the time with each word, and keeps twins,
 * commands and feeds. Everything that is due is done by `run`.
 */
export class Fleet {
  /** What batches ask of devices. */
  readonly orders: Orders;
  readonly #ports: FleetPorts;
  readonly #feed: FleetFeed;
  readonly #commandFeed: CommandFeed;
  readonly #twins: Twins;
  readonly #happenings: Happenings;
  readonly #audit: SavedTogether<AuditRecord>;
  readonly #presence: Presence;
  readonly #doubleUses: DoubleUses;
  readonly #ledger: Ledger;
  readonly #commands: Commands;
  readonly #wishes: Wishes;
  readonly #reports: Reports;
  #leaving = false;

  /** @param boot names this run of the hub, as a u32 */
  constructor(ports: FleetPorts, boot: number) {
    this.#ports = ports;
    this.#feed = new FleetFeed(boot);
    this.#commandFeed = new CommandFeed(boot);
    this.#twins = new Twins(ports, this.#feed);
    this.#happenings = new Happenings(ports);
    this.#audit = new SavedTogether('who did what', (entries) => ports.store.saveAudit(entries), ports, lost);
    this.#presence = new Presence(ports, this.#twins, this.#happenings);
    this.#doubleUses = new DoubleUses(ports, this.#twins, (entry) => this.audit(entry));
    this.#ledger = new Ledger(ports, this.#commandFeed, () => this.#twins.probe());
    this.#commands = new Commands(ports, this.#ledger, {
      bootOf: (id) => this.#reports.bootOf(id),
      refusal: (id, request) => commandRefusal(this.#twins.get(id), request),
    });
    this.#wishes = new Wishes(this.#ledger, this.#wanted());
    this.orders = new Orders(ports, this.#ledger, this.#commands, this.#wishes);
    this.#reports = new Reports({
      ports,
      twins: this.#twins,
      feed: this.#feed,
      presence: this.#presence,
      happenings: this.#happenings,
      commands: this.#commands,
      wishes: this.#wishes,
    });
  }

  /** Takes up what is stored, and puts back what was retained. */
  async load(now: number): Promise<void> {
    await this.#twins.load();
    for (const twin of this.#twins.all()) this.#retain(twin);
    for (const record of await this.#ports.store.commandsNotIn(OVER)) {
      const asked = fromRecord(record);
      this.#ledger.stands(asked);
      if (asked.kind === 'command') this.#commands.resume(asked, now);
      else this.#wishes.resume(asked);
      this.orders.resume(asked);
    }
    // What nobody waits for any longer is still wanted where nothing has replaced it, and so can still be fulfilled.
    for (const record of await this.#ports.store.wishesIn(COMMAND.timedOut)) {
      const wish = fromRecord(record);
      if (wish.kind === 'wish' && this.#isWanted(wish)) this.#wishes.resume(wish);
    }
    this.#presence.await(now);
  }

  /** Takes up what was registered, labelled or removed since, by whatever process: these are all devices. */
  registered(devices: readonly DeviceRecord[]): void {
    this.#forget(this.#twins.registered(devices));
  }

  /** A device that connects has shown its secret. It may have been registered a moment ago, by another process. */
  introduced(device: DeviceRecord): void {
    this.#forget(this.#twins.register(device));
  }

  #forget(removed: readonly string[]): void {
    for (const id of removed) {
      this.#reports.settle(id);
      this.#doubleUses.forget(id);
      this.#commands.forget(id);
      this.#wishes.forget(id);
      this.orders.forget(id);
      this.#ledger.forget(id);
      this.#ports.forget(id);
      this.#ports.dropDevice(id);
    }
  }

  /** All devices, as they are known now. */
  devices(): Iterable<Twin> {
    return this.#twins.all();
  }

  device(id: string): Twin | undefined {
    return this.#twins.get(id);
  }

  /**
   * People call a device by another name, or put it elsewhere. Returns false where there is no such device.
   * @throws StoreError where it could not be stored; nothing has changed then
   */
  async label(id: string, change: LabelChange): Promise<boolean> {
    const labels = await this.#ports.store.labelDevice(id, change);
    if (!labels) return false;
    const twin = this.#twins.get(id);
    if (twin) this.#twins.label(twin, labels);
    return true;
  }

  /** A device's session has begun. */
  connected(id: string, now: number, link?: DeviceLink): void {
    const twin = this.#twins.get(id);
    if (!twin) return;
    this.#reports.connected(twin, now, link);
    if (link) this.#doubleUses.opened(id, link, now);
  }

  /** The program of a link that another link of the device took over was still there. */
  outlived(id: string, old: DeviceLink, by: DeviceLink, now: number): void {
    if (this.#twins.get(id)) this.#doubleUses.outlived(id, old, by, now);
  }

  /** The hub is about to close all links: from now on, losing its link says nothing of a device. */
  leave(): void {
    this.#leaving = true;
  }

  /** A device's last session has ended. */
  disconnected(id: string, now: number): void {
    if (this.#leaving) return;
    const twin = this.#twins.get(id);
    if (twin) this.#reports.disconnected(twin, now);
  }

  /** A device can hear the hub from now on. */
  listening(id: string, now: number): void {
    this.#reports.listening(id, now);
  }

  /**
   * A device's message. Returns whether it counts: what does not is to be kept from everybody else as well.
   * @throws ProtocolError where it cannot be decoded; nothing has changed then
   */
  received(id: string, channel: UpChannel, payload: Uint8Array, now: number): boolean {
    const twin = this.#twins.get(id);
    return twin !== undefined && this.#reports.received(twin, channel, payload, now);
  }

  /**
   * A request of a person or a service.
   * @throws ProtocolError where it cannot be decoded; nothing has changed then
   */
  requested(
    device: string,
    channel: RequestChannel,
    payload: Uint8Array,
    { who, address }: Asker,
    now: number,
  ): void {
    const deed = { t: now, who, address, subject: device };
    switch (channel) {
      case 'cmd': {
        const request = rqCmd.decode(payload);
        const entry = { ...deed, action: 'command', detail: this.#detail(device, request) };
        return this.#commands.request({ device, id: request.id, who }, request, now, entry);
      }
      case 'desired': {
        const request = rqDesired.decode(payload);
        const entry = { ...deed, action: 'wish', detail: this.#detail(device, request) };
        return this.#wishes.request({ device, id: request.id, who }, request, now, entry);
      }
      case 'cancel': {
        const request = rqCancel.decode(payload);
        const id = Buffer.from(request.id).toString('hex');
        const detail = JSON.stringify({ id });
        return this.#commands.cancel(device, id, { ...deed, action: 'withdraw', detail });
      }
    }
  }

  /** Keeps who did what, within a second. What is asked of devices is kept with its first step instead. */
  audit(entry: AuditRecord): void {
    this.#audit.add(entry);
  }

  /** Payloads that tell one console all there is to know, in order. */
  snapshot(channel: Exclude<FeedChannel, 'batch'>, now: number): Iterable<Uint8Array> {
    if (channel === 'fleet') return this.#feed.snapshot(this.#twins.all(), now);
    return this.#commandFeed.snapshot([...this.#ledger.open()].map(told), now);
  }

  /**
   * How many devices there are, how many of them are linked, and how many two programs use; and how many messages of
   * devices never came.
   */
  count(): { devices: number; online: number; twice: number; lost: number } {
    let online = 0;
    for (const { linked } of this.#twins.all()) if (linked) online += 1;
    return { devices: this.#twins.size, online, twice: this.#doubleUses.count, lost: this.#reports.lost };
  }

  /** What is wrong with the hub, as a sentence for people, or undefined. */
  get trouble(): string | undefined {
    if (this.#ledger.failing) return 'The hub cannot store anything just now: commands are refused.';
    if (this.#twins.failing || this.#happenings.failing || this.#audit.failing) {
      return 'The hub cannot store what happens just now.';
    }
    return this.#ports.trouble();
  }

  /** The hub's clock was set by so many ms: what was to last a while lasts as long as before. */
  clockJumped(by: number, now: number): void {
    this.#commands.clockJumped(by);
    this.#wishes.clockJumped(by);
    this.#presence.clockJumped(by);
    this.#doubleUses.clockJumped(by);
    this.#reports.clockJumped(by, now);
    for (const part of [this.#feed, this.#twins, this.#ledger, this.#happenings, this.#audit]) {
      part.clockJumped(by);
    }
    this.#ports.wake();
  }

  /** Does all that is due. Returns when to be called next, in Unix ms, or undefined. */
  run(now: number): number | undefined {
    this.#ledger.answer(now);
    this.#feed.trouble = this.trouble;
    for (let payload = this.#feed.flush(now); payload; payload = this.#feed.flush(now)) {
      this.#ports.toConsoles('fleet', payload);
    }
    this.#reports.run(now);
    this.#presence.run(now);
    this.#doubleUses.run(now);
    this.#commands.run(now);
    this.#wishes.run(now);
    this.#ledger.run(now);
    // A twin that is saved must not be older than a document that is on its way to the disk.
    void this.#twins.save(now, (id) => this.#wishes.isStoring(id));
    this.#happenings.run(now);
    this.#audit.run(now);
    return earliest([
      this.#feed.dueAt(),
      this.#reports.dueAt(),
      this.#presence.dueAt(),
      this.#doubleUses.dueAt(),
      this.#commands.dueAt(),
      this.#wishes.dueAt(),
      this.#ledger.dueAt(),
      this.#twins.dueAt(),
      this.#happenings.dueAt(),
      this.#audit.dueAt(),
    ]);
  }

  /** Stores all that is not stored yet, as far as the store can. */
  async close(now: number): Promise<void> {
    await this.#ledger.settle(now);
    await this.#twins.saveAll(now);
    await this.#happenings.settle(now);
    await this.#audit.settle(now);
  }

  /** What is asked for, as the audit keeps it: in the words that its device has for it now. */
  #detail(device: string, request: CommandRequest | DesiredRequest): string {
    const description = this.#twins.get(device)?.description?.value;
    const id = Buffer.from(request.id).toString('hex');
    return JSON.stringify({ id, ...toldDeed(request, description) });
  }

  #isWanted({ device, request, wver = Infinity }: Wish): boolean {
    const { want, dver = 0 } = this.#twins.get(device) ?? {};
    return dver < wver && [...request.vals].every(([pid, value]) => isDeepStrictEqual(want?.get(pid), value));
  }

  #wanted(): Wanted {
    return {
      propose: (id, { vals, if: version }: DesiredRequest, who, unstored) => {
        const twin = this.#twins.get(id);
        if (!twin) return { refusal: NO_DEVICE };
        const present = { ...twin, ...unstored };
        const document = wanted(present, vals, who);
        const refusal = desiredRefusal(present, vals, version, { vals: document.want, ver: document.wver });
        return refusal ? { refusal } : { document };
      },
      record: (id, document) => this.#twins.record(id, document),
      apply: (id, document) => {
        const twin = this.#twins.get(id);
        if (!twin) return;
        this.#twins.apply(desiring(twin, document));
        this.#sendDesired(id, document);
      },
      version: (id) => this.#twins.get(id)?.wver ?? 0,
      absence: (id) => {
        const twin = this.#twins.get(id);
        return twin ? absence(twin) : NO_DEVICE;
      },
      listens: (id) => this.#reports.listens(id),
    };
  }

  #sendDesired(id: string, { want, wver }: Pick<DesiredDocument, 'want' | 'wver'>): void {
    this.#ports.toDevice(id, 'desired', desired.encode({ vals: want, ver: wver }));
  }

  #retain({ id, want, wver, statusPayload, statePayload, description }: Twin): void {
    if (statusPayload) this.#ports.retain(id, 'status', statusPayload);
    if (description) this.#ports.retain(id, 'desc', description.payload);
    if (statePayload) this.#ports.retain(id, 'state', statePayload);
    if (want) this.#sendDesired(id, { want, wver });
  }
}

/** Tells in the audit that it lacks entries. */
const lost = (entries: number, now: number): AuditRecord => ({
  t: now,
  who: '',
  address: '',
  action: 'audit.lost',
  subject: '',
  detail: JSON.stringify({ entries }),
});
