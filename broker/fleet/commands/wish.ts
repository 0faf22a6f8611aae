import { CODE, COMMAND, type DesiredRequest, type Values } from '#firmware-protocol';
import { advanced, born, isOpen, type Asker, type Life } from './life.ts';
import type { Refusal } from './refusals.ts';

/**
 * The life of a wish for desired state, as a function of (wish, what happened, now).
 *
 *   created → sent → done | failed             its document went out, and the device has applied it
 *   created → rejected                         the hub refuses it
 *   created, sent → cancelled                  a newer wish covers all of it
 *   created, sent → timed out → done | failed  its batch waits no longer; it stays wanted
 *
 * The document waits for its device as long as it takes, and so does the wish.
 */
export interface Wish extends Life {
  readonly kind: 'wish';
  readonly request: DesiredRequest;
  /** Version of the document that holds it. Absent while none does. */
  readonly wver?: number;
}

/** What the device says of the document that it has applied last. */
export interface Applied {
  readonly dver: number;
  readonly errs: ReadonlyMap<number, number>;
}

export const createWish = (asker: Asker, request: DesiredRequest, now: number): Wish => ({
  kind: 'wish',
  ...born(asker, now),
  request,
});

/** A document holds it from now on. @param ttl how long its batch waits for it, in ms */
export const placed = (wish: Wish, wver: number, now: number, ttl?: number): Wish => ({
  ...wish,
  wver,
  ...(ttl !== undefined && { exp: now + ttl }),
});

export const refusedWish = (wish: Wish, { code, msg }: Refusal, now: number): Wish =>
  advanced(wish, { st: COMMAND.rejected, t: now, code, msg });

/** Its document is on its way to a device that is there. */
export const delivered = (wish: Wish, now: number): Wish =>
  wish.st === COMMAND.created && wish.wver !== undefined
    ? advanced(wish, { st: COMMAND.sent, t: now })
    : wish;

/** The device has told what it has applied. */
export function settled(wish: Wish, { dver, errs }: Applied, now: number): Wish {
  if (dver < (wish.wver ?? Infinity) || !(isOpen(wish) || wish.st === COMMAND.timedOut)) return wish;
  const [code] = [...wish.request.vals.keys()].flatMap((pid) => errs.get(pid) ?? []);
  if (code === undefined) return advanced(wish, { st: COMMAND.done, t: now });
  return advanced(wish, { st: COMMAND.failed, t: now, code, msg: 'the device could not apply it' });
}

/** Whether newer values are for all that was wished. */
export const isCovered = (wish: Wish, newer: Values): boolean =>
  [...wish.request.vals.keys()].every((pid) => newer.has(pid));

export function replaced(wish: Wish, newer: Values, now: number): Wish {
  if (!isOpen(wish) || !isCovered(wish, newer)) return wish;
  return advanced(wish, {
    st: COMMAND.cancelled,
    t: now,
    code: CODE.aborted,
    msg: 'a newer wish took its place',
  });
}

export function overdue(wish: Wish, now: number): Wish {
  if (!isOpen(wish) || now < (wish.exp ?? Infinity)) return wish;
  const msg = 'the device has not applied it yet; it stays wanted';
  return advanced(wish, { st: COMMAND.timedOut, t: now, code: CODE.expired, msg });
}

/** Its batch was ended before its turn came. */
export const withdrawn = (wish: Wish, msg: string, now: number): Wish =>
  wish.wver === undefined ? advanced(wish, { st: COMMAND.cancelled, t: now, code: CODE.aborted, msg }) : wish;
