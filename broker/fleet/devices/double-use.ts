import type { Birth } from './twin.ts';

/** How far back signs of a second program count, in ms, and how long it takes without one until it is gone. */
export const DOUBLE_USE_WINDOW = 600_000;
/**
 * How many signs within that are no accident. Two can be one: a CONNECT that was held up on its way, and comes after
 * its device has restarted, takes over, and is taken over in its turn.
 */
const SIGNS = 3;
/** How many boots of a device are remembered. */
const BOOTS = 16;

/** A link that a device has opened. */
export interface DeviceLink {
  readonly address: string;
  /** What the will of its CONNECT says of it, if it does. */
  readonly birth?: Birth | undefined;
  /** The model that it must be of, where it registered itself as one. */
  readonly model?: string | undefined;
}

/** Where the two programs are: of the one that was there, and of the one that came. */
export type Addresses = readonly [string, string];

/** Since when two programs use the id of a device, in Unix ms, and where they are. */
export interface DoublyUsed {
  readonly since: number;
  readonly addresses: Addresses;
}

/** A link that no device can have opened whose other links are known. */
interface Sign {
  readonly link: DeviceLink;
  readonly at: number;
}

/**
 * What is known of whether two programs use the id of a device at once (SPEC.md 8.10). Every function here takes that
 * and what happened, and returns what follows. Times are Unix ms.
 */
export interface DoubleUse {
  /** The latest link, and the latest boot that a link named. */
  readonly link?: DeviceLink;
  readonly boot?: number;
  /** Boots that others have replaced, oldest first. */
  readonly replaced: readonly number[];
  /** The latest signs, oldest first. */
  readonly signs: readonly Sign[];
  /** Where the latest sign was seen. */
  readonly addresses?: Addresses;
  /** Since when two programs use the id, for as long as they do. */
  readonly since?: number | undefined;
}

export const NO_DOUBLE_USE: DoubleUse = { replaced: [], signs: [] };

/** A link was opened. A boot that another one has replaced can only come back where both run (SPEC.md 8.1). */
export function opened(use: DoubleUse, link: DeviceLink, now: number): DoubleUse {
  const boot = link.birth?.boot ?? use.boot;
  const next = { ...use, link, ...(boot !== undefined && { boot }) };
  if (boot === use.boot || boot === undefined || use.boot === undefined) return next;
  const replaced = [...use.replaced.filter((each) => each !== boot), use.boot].slice(-BOOTS);
  const cameBack = use.replaced.includes(boot);
  return cameBack ? signed({ ...next, replaced }, use.link ?? link, link, now) : { ...next, replaced };
}

/**
 * The program of a link that another link took over has answered the close: it was there, and not lost. Such are two
 * programs, unless the links are of one boot in the order of its sessions (SPEC.md 8.2), as of a device that leaves its
 * old connection open.
 */
export function outlived(use: DoubleUse, old: DeviceLink, by: DeviceLink, now: number): DoubleUse {
  const goesOn =
    old.birth !== undefined && old.birth.boot === by.birth?.boot && old.birth.sess < by.birth.sess;
  const known = use.signs.some(({ link }) => link === by);
  return goesOn || known ? use : signed(use, old, by, now);
}

/** The hub's clock was set by so many ms. */
export const shifted = (use: DoubleUse, by: number): DoubleUse => ({
  ...use,
  signs: use.signs.map(({ link, at }) => ({ link, at: at + by })),
});

/** When double use is over unless there are more signs, or undefined where there is none. */
export const overAt = ({ since, signs }: DoubleUse): number | undefined =>
  since === undefined ? undefined : (signs.at(-1)?.at ?? since) + DOUBLE_USE_WINDOW;

/** Time has passed. */
export function calmed(use: DoubleUse, now: number): DoubleUse {
  return now >= (overAt(use) ?? Infinity) ? { ...use, signs: [], since: undefined } : use;
}

function signed(use: DoubleUse, old: DeviceLink, by: DeviceLink, now: number): DoubleUse {
  const recent = use.signs.filter(({ at }) => at > now - DOUBLE_USE_WINDOW);
  const signs = [...recent, { link: by, at: now }].slice(-SIGNS);
  const since = use.since ?? (signs.length >= SIGNS ? now : undefined);
  return { ...use, signs, since, addresses: [old.address, by.address] };
}
