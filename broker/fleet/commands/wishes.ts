import { COMMAND, type DesiredRequest, type Values } from '#firmware-protocol';
import type { DesiredDocument } from '../devices/twin.ts';
import type { AuditRecord } from '../../store/journal.ts';
import type { TwinRecord } from '../../store/twins.ts';
import { toRecord } from './command-record.ts';
import type { Patience } from '../batches/ports.ts';
import type { Ledger } from './ledger.ts';
import { isOpen, type Asker } from './life.ts';
import type { Refusal } from './refusals.ts';
import {
  createWish,
  delivered,
  isCovered,
  overdue,
  placed,
  refusedWish,
  replaced,
  settled,
  withdrawn,
  type Applied,
  type Wish,
} from './wish.ts';

/** What wishes ask about their device, and tell it. */
export interface Wanted {
  /**
   * The document that has what is wished for as well, or why it may not be.
   * @param unstored the one before, where it is not stored yet
   */
  propose(
    device: string,
    request: DesiredRequest,
    who: string,
    unstored: DesiredDocument | undefined,
  ): { readonly document: DesiredDocument } | { readonly refusal: Refusal };
  /** The twin with this document, as it is to be stored. */
  record(device: string, document: DesiredDocument): TwinRecord | undefined;
  /** The document is stored: it counts from now on, and goes to the device. */
  apply(device: string, document: DesiredDocument): void;
  /** The highest version of a document of a device that is stored. */
  version(device: string): number;
  /** Why a device cannot be asked for something now, or undefined. */
  absence(device: string): Refusal | undefined;
  /** Whether the device gets what is sent to it now. */
  listens(device: string): boolean;
}

/** How often it is looked whether a batch has waited long enough, in ms. */
const TIME_STEP = 250;

/** Wishes for desired state that are not over. */
export class Wishes {
  readonly #ledger: Ledger;
  readonly #wanted: Wanted;
  /** By device, then by id, oldest first. */
  readonly #open = new Map<string, Map<string, Wish>>();
  /** Documents on their way to the disk. */
  readonly #unstored = new Map<string, DesiredDocument>();
  /** Those of them that are tried again where the store fails, and on which others may rest meanwhile. */
  readonly #again = new Map<string, DesiredDocument>();
  /** Those that their batch does not wait for any longer than until then. */
  readonly #timed = new Map<string, Wish>();
  #timeCheckedAt = 0;

  constructor(ledger: Ledger, wanted: Wanted) {
    this.#ledger = ledger;
    this.#wanted = wanted;
  }

  /** Takes up a wish that was open when the hub stopped. */
  resume(wish: Wish): void {
    this.#keep(wish);
  }

  /**
   * Somebody wishes. An id that was used before for this device changes nothing: what it names is told again.
   * @param deed what the audit says of it, stored with its first step
   */
  request(asker: Asker, request: DesiredRequest, asked: number, deed: AuditRecord): void {
    const wish = createWish(asker, request, asked);
    this.#ledger.lookUp(wish.device, wish.id, (found, now) => {
      if (found.used) this.#ledger.tell(found.standing ? [found.standing] : [], now);
      else if (found.refusal) this.#ledger.tell([refusedWish(wish, found.refusal, now)], now);
      else this.#place(wish, now, { deed });
    });
  }

  /** Adds a wish of a batch, stored with it, whose turn has not come. */
  hold(wish: Wish): void {
    this.#keep(wish);
  }

  /** The turn of a batch's wish has come. It stays wanted when its batch waits for it no longer. */
  release(device: string, id: string, { ttl, wait }: Patience, now: number): void {
    const held = this.#find(device, id);
    if (!held || !isOpen(held) || held.wver !== undefined) return;
    const away = wait ? undefined : this.#wanted.absence(device);
    if (away) this.#step(held, refusedWish(held, away, now));
    else this.#place(held, now, { ttl });
  }

  /** Ends a wish of a batch whose turn has not come. */
  withdraw(device: string, id: string, msg: string, now: number): void {
    const wish = this.#find(device, id);
    if (wish) this.#step(wish, withdrawn(wish, msg, now));
  }

  /** The device has told which document it has applied, and what could not be. */
  applied(device: string, applied: Applied, now: number): void {
    // Of a hub before this one, or of this one before it was restored from a backup: it says nothing of these wishes.
    if (applied.dver > this.#wanted.version(device)) this.#placeAgain(device, now);
    else for (const wish of this.#of(device)) this.#step(wish, settled(wish, applied, now));
  }

  /** The device is there and is sent what is wanted. */
  delivered(device: string, now: number): void {
    for (const wish of this.#of(device)) if (this.#ledger.has(wish)) this.#step(wish, delivered(wish, now));
  }

  /** Whether a document of this device is on its way to the disk, and the twin with it. */
  isStoring(device: string): boolean {
    return this.#unstored.has(device);
  }

  clockJumped(by: number): void {
    this.#timeCheckedAt += by;
    // Stored as well: a hub that starts again has only the clock as it is then.
    for (const wish of [...this.#timed.values()]) {
      if (wish.exp !== undefined) this.#note({ ...wish, exp: wish.exp + by });
    }
  }

  forget(device: string): void {
    for (const wish of this.#of(device)) this.#drop(wish);
    this.#unstored.delete(device);
    this.#again.delete(device);
  }

  /** When it must be looked whether a batch has waited long enough, or undefined. */
  dueAt(): number | undefined {
    return this.#timed.size > 0 ? this.#timeCheckedAt + TIME_STEP : undefined;
  }

  /** Lets time pass. */
  run(now: number): void {
    if (this.#timed.size === 0 || now - this.#timeCheckedAt < TIME_STEP) return;
    this.#timeCheckedAt = now;
    for (const { device, id } of this.#timed.values()) {
      const wish = this.#find(device, id);
      if (wish) this.#step(wish, overdue(wish, now));
    }
  }

  /** @param of how long its batch waits for it, in ms; or, where it is of none, what the audit says of it */
  #place(wish: Wish, now: number, { ttl, deed }: { ttl?: number; deed?: AuditRecord }): void {
    const { device, request, who } = wish;
    const audit = deed ? [deed] : [];
    const proposed = this.#wanted.propose(device, request, who, this.#unstored.get(device));
    if ('refusal' in proposed) {
      this.#drop(wish);
      this.#ledger.note({
        asked: refusedWish(wish, proposed.refusal, now),
        with: () => ({ audit }),
        ...(wish.batch === undefined && { refused: (why) => refusedWish(wish, why, now) }),
      });
      return;
    }
    const { document } = proposed;
    const kept = placed(wish, document.wver, now, ttl);
    const older = this.#of(device).flatMap(({ id }) => (id === wish.id ? [] : id));
    this.#unstored.set(device, document);
    this.#keep(kept);
    this.#ledger.note({
      asked: kept,
      with: () => {
        const twin = this.#wanted.record(device, document);
        const commands = this.#replace(device, older, request.vals, now).map(toRecord);
        return { commands, audit, ...(twin && { twins: [twin] }) };
      },
      stored: (at) => {
        for (const each of this.#replace(device, older, request.vals, at)) this.#note(each);
        this.#letGo(device, older, request.vals);
        this.#stored(device, document, at);
      },
      refused: (why) => {
        const under = this.#again.get(device);
        if (under) this.#unstored.set(device, under);
        else this.#unstored.delete(device);
        this.#drop(wish);
        return refusedWish(wish, why, now);
      },
    });
  }

  /** Puts all that is wished for into a document that the device takes as new. */
  #placeAgain(device: string, now: number): void {
    const wishes = this.#of(device).filter(({ wver }) => wver !== undefined);
    const last = wishes.at(-1);
    if (!last || this.#unstored.has(device)) return;
    const vals = new Map(wishes.flatMap(({ request }) => [...request.vals]));
    const proposed = this.#wanted.propose(device, { id: last.request.id, vals }, last.who, undefined);
    if ('refusal' in proposed) return;
    const { document } = proposed;
    this.#unstored.set(device, document);
    this.#again.set(device, document);
    const record = (): TwinRecord[] => {
      const twin = this.#wanted.record(device, document);
      return twin ? [twin] : [];
    };
    for (const wish of wishes) {
      const kept = placed(wish, document.wver, now);
      this.#keep(kept);
      this.#ledger.note({
        asked: kept,
        ...(wish === last && {
          with: () => ({ twins: record() }),
          stored: (at: number) => this.#stored(device, document, at),
        }),
      });
    }
  }

  /** What becomes of earlier wishes that a newer one covers. */
  #replace(device: string, ids: readonly string[], newer: Values, now: number): Wish[] {
    return ids.flatMap((id) => {
      const wish = this.#find(device, id);
      const next = wish && replaced(wish, newer, now);
      return next && next !== wish ? next : [];
    });
  }

  /** Of earlier wishes that nobody waits for any longer, what is applied now is no word on those that are covered. */
  #letGo(device: string, ids: readonly string[], newer: Values): void {
    for (const id of ids) {
      const wish = this.#find(device, id);
      if (wish && !isOpen(wish) && isCovered(wish, newer)) this.#drop(wish);
    }
  }

  #stored(device: string, document: DesiredDocument, now: number): void {
    if (this.#unstored.get(device)?.wver === document.wver) this.#unstored.delete(device);
    if (this.#again.get(device)?.wver === document.wver) this.#again.delete(device);
    this.#wanted.apply(device, document);
    if (this.#wanted.listens(device)) this.delivered(device, now);
  }

  #step(wish: Wish, next: Wish): void {
    if (next !== wish) this.#note(next);
  }

  #note(wish: Wish): void {
    this.#keep(wish);
    this.#ledger.note({ asked: wish });
  }

  /** A wish that its batch waits for no longer stays: it is still wanted, and may still be fulfilled. */
  #keep(wish: Wish): void {
    if (!isOpen(wish) && wish.st !== COMMAND.timedOut) {
      this.#drop(wish);
      return;
    }
    if (isOpen(wish) && wish.exp !== undefined) this.#timed.set(keyOf(wish), wish);
    else this.#timed.delete(keyOf(wish));
    const wishes = this.#open.get(wish.device);
    if (wishes) wishes.set(wish.id, wish);
    else this.#open.set(wish.device, new Map([[wish.id, wish]]));
  }

  #drop(wish: Wish): void {
    const { device, id } = wish;
    this.#timed.delete(keyOf(wish));
    const wishes = this.#open.get(device);
    wishes?.delete(id);
    if (wishes?.size === 0) this.#open.delete(device);
  }

  #find(device: string, id: string): Wish | undefined {
    return this.#open.get(device)?.get(id);
  }

  #of(device: string): Wish[] {
    return [...(this.#open.get(device)?.values() ?? [])];
  }
}

const keyOf = ({ device, id }: Wish): string => `${device}/${id}`;
