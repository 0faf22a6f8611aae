import {
  AWAITED,
  LIMITS,
  STATUS,
  type Ack,
  type DeviceDelta,
  type State,
  type Status,
  type Values,
  type SequenceWindow,
} from '#firmware-protocol';
import type { KnownDescription } from './description.ts';
import type { DoublyUsed } from './double-use.ts';
import { flapsOf } from './flapping.ts';

/**
 * What the hub knows of one device: what it reported, what is wanted of it, and whether it is there. Every
 * function here takes a twin and what happened, and returns the twin that follows; nothing is changed in place.
 * Times are Unix ms.
 */
export interface Twin {
  readonly id: string;
  readonly name: string;
  readonly place: string;
  readonly tags: readonly string[];
  readonly description?: KnownDescription;
  /** The hash that the device's status named, which may be of a description still to come. */
  readonly announced?: Uint8Array | undefined;

  readonly vals: Values;
  readonly t?: number;
  readonly ver?: number;
  readonly dver?: number;
  readonly errs?: ReadonlyMap<number, number>;

  readonly want?: Values;
  readonly wver: number;
  readonly who?: string;

  /** One of `STATUS`, or `AWAITED`. */
  readonly st: number;
  readonly since?: number;
  readonly seenAt?: number;
  readonly boot?: number;
  readonly sess?: number;
  /** Whether a session of this device is open now. */
  readonly linked: boolean;
  /** Whether `boot` and `sess` are those that the session's will names. */
  readonly born: boolean;
  /** Whether the device has told its status in this session. */
  readonly ready: boolean;
  readonly window?: SequenceWindow;
  /** When the latest readings were taken. */
  readonly sampledAt?: number | undefined;
  /** Since when numbers of the window are missing. */
  readonly missingSince?: number | undefined;
  /** When its links were lost, within the last `FLAP_WINDOW`, oldest first. */
  readonly losses: readonly number[];
  /** Since when two programs use its id at once, and where they are, for as long as they do. */
  readonly twice?: DoublyUsed | undefined;
  /** The latest `up/status` and `up/state` as they were sent, for whoever subscribes to them. */
  readonly statusPayload?: Uint8Array;
  readonly statePayload?: Uint8Array;
}

/** What a device says of a session when it opens it: the run of the device, and its number within that. */
export interface Birth {
  readonly boot: number;
  readonly sess: number;
}

/** All that is wanted of a device, its version, and who changed it last. */
export interface DesiredDocument {
  readonly want: Values;
  readonly wver: number;
  readonly who: string;
}

/** The twin that follows, and what consoles must be told of it. */
export interface Change {
  readonly twin: Twin;
  readonly delta: DeviceDelta;
}

export type Labels = Pick<Twin, 'name' | 'place' | 'tags'>;

export const newTwin = ({ id, name, place, tags }: Labels & { readonly id: string }): Twin => ({
  id,
  name,
  place,
  tags,
  vals: new Map(),
  wver: 0,
  st: STATUS.lost,
  linked: false,
  born: false,
  ready: false,
  losses: [],
});

export function labelled(twin: Twin, { name, place, tags }: Labels): Change {
  return { twin: { ...twin, name, place, tags }, delta: { did: twin.id, name, place, tags: [...tags] } };
}

export function connected(twin: Twin, now: number, birth?: Birth): Change {
  const stayed = twin.st === STATUS.online || twin.st === AWAITED;
  const { since = now } = stayed ? twin : { since: now };
  const session = { linked: true, born: birth !== undefined, ready: false, sampledAt: undefined, ...birth };
  // A link that takes over was lost before, whoever noticed it first.
  const losses = twin.linked ? [...twin.losses, now] : twin.losses;
  return {
    twin: { ...twin, ...session, st: STATUS.online, since, seenAt: now, losses },
    delta: { did: twin.id, st: STATUS.online, since, seen: now },
  };
}

/** Whether it is known which boot of the device the open session is of. */
export const knowsBoot = ({ linked, born, ready }: Twin): boolean => linked && (born || ready);

/** A device that said it would sleep or leave is not lost. */
export function disconnected(twin: Twin, now: number): Change {
  const said = twin.st === STATUS.bye || twin.st === STATUS.sleeping;
  const st = said ? twin.st : STATUS.lost;
  const losses = said ? twin.losses : [...twin.losses, now];
  return {
    twin: { ...twin, linked: false, ready: false, st, since: now, losses },
    delta: { did: twin.id, st, since: now },
  };
}

/** A device that the hub waited for after its own start has not come. */
export function givenUp(twin: Twin, now: number): Change {
  const { seenAt = now } = twin;
  return {
    twin: { ...twin, st: STATUS.lost, since: seenAt },
    delta: { did: twin.id, st: STATUS.lost, since: seenAt },
  };
}

/** Whether a device is there to be asked for something. */
export const isThere = ({ linked, st }: Twin): boolean => linked && st !== STATUS.bye;

/** Whether the hub waits for it after its own start. */
export const isAwaited = ({ linked, st }: Twin): boolean => !linked && st === AWAITED;

/**
 * A status that the device published, or its will. Returns undefined for what must not count: a word of loss, of
 * which links are the authority, a word of presence from a device that has none, and one of an earlier session
 * (SPEC.md 8.8).
 */
export function statusReported(twin: Twin, status: Status, now: number): Change | undefined {
  const { st, boot, sess, dhash } = status;
  const leaves = st === STATUS.bye || st === STATUS.sleeping;
  if (st === STATUS.lost || (!twin.linked && !leaves) || isEarlier(twin, status)) return undefined;
  const since = st === twin.st && twin.since !== undefined ? twin.since : now;
  return {
    twin: {
      ...twin,
      st,
      since,
      seenAt: now,
      boot,
      sess,
      ready: twin.linked,
      announced: dhash,
    },
    delta: { did: twin.id, st, since, seen: now },
  };
}

/** Whether a status is a repeated one: of another boot than the session's will names, or of a session before. */
function isEarlier(twin: Twin, { boot, sess }: Status): boolean {
  if (twin.linked && twin.born && boot !== twin.boot) return true;
  return knowsBoot(twin) && boot === twin.boot && sess < (twin.sess ?? 0);
}

export function described(twin: Twin, description: KnownDescription, now: number): Change {
  const pids = new Set(description.value.props.map(({ pid }) => pid));
  const vals = new Map([...twin.vals].filter(([pid]) => pids.has(pid)));
  return {
    twin: { ...twin, description, announced: twin.announced && description.hash, vals, seenAt: now },
    delta: { did: twin.id, dhash: description.hash, seen: now },
  };
}

/** @param t when the values were taken */
export function stateReported(twin: Twin, state: State, t: number, now: number): Change {
  const { vals, ver, dver, errs } = state;
  const reported = {
    ver,
    ...(dver !== undefined && { dver }),
    ...((errs !== undefined || dver !== undefined) && { errs: errs ?? new Map<number, number>() }),
  };
  return {
    twin: { ...merge(twin, vals), ...reported, t, seenAt: now },
    delta: { did: twin.id, vals, t, seen: now, ...reported },
  };
}

/**
 * Readings; those from before the latest ones change nothing that is shown (SPEC.md 10.5).
 * @param t when they were taken
 */
export function telemetryReported(twin: Twin, vals: Values, t: number, now: number): Change {
  if (t < Math.min(twin.sampledAt ?? 0, now)) {
    return { twin: { ...twin, seenAt: now }, delta: { did: twin.id, seen: now } };
  }
  return {
    twin: { ...merge(twin, vals), t, sampledAt: t, seenAt: now },
    delta: { did: twin.id, vals, t, seen: now },
  };
}

/** Something happened: its values are the last of their properties. @param t when it happened */
export function eventReported(twin: Twin, vals: Values, t: number, now: number): Change {
  return {
    twin: { ...merge(twin, vals), t: Math.max(t, twin.t ?? 0), seenAt: now },
    delta: { did: twin.id, vals, t: Math.max(t, twin.t ?? 0), seen: now },
  };
}

/** The state that came with an acknowledgement. */
export function acknowledged(twin: Twin, { vals, ver }: Ack, now: number): Change {
  const reported = { ...(vals && { vals }), ...(ver !== undefined && { ver }) };
  return {
    twin: { ...(vals ? merge(twin, vals) : twin), ...(ver !== undefined && { ver }), seenAt: now },
    delta: { did: twin.id, seen: now, ...reported },
  };
}

/**
 * Somebody wants persistent properties to have these values. The others stay as they were wanted, or as they were
 * changed at the device since it applied what was wanted (SPEC.md 12.4). The document is numbered above any that the
 * device has applied, also one of a hub before this one (12.6).
 */
export function wanted(twin: Twin, vals: Values, who: string): DesiredDocument {
  const want = together(asTheyAre(twin), vals);
  return { want, wver: Math.max(twin.wver, twin.dver ?? 0) + 1, who };
}

/** The document counts from now on. */
export function desiring(twin: Twin, { want, wver, who }: DesiredDocument): Change {
  return { twin: { ...twin, want, wver, who }, delta: { did: twin.id, want, wver, who } };
}

/**
 * What is wanted, with the values that the device reports instead where it has applied the whole of it, or a later
 * document of another hub.
 */
function asTheyAre({ want = new Map(), vals, wver, dver, errs }: Twin): Values {
  if (dver === undefined || dver < wver) return want;
  return new Map(
    [...want].map(([pid, value]) => [pid, errs?.has(pid) ? value : (vals.get(pid) ?? value)] as const),
  );
}

/** Whether the description that the hub has is the one that the device named last. */
export function isDescribed(twin: Twin): twin is Twin & { readonly description: KnownDescription } {
  const { announced, description } = twin;
  return (
    description !== undefined &&
    (announced === undefined || Buffer.compare(announced, description.hash) === 0)
  );
}

/** All that consoles know of a device. */
export function whole(twin: Twin): DeviceDelta {
  const { id, name, place, tags, description, vals, t, ver, dver, errs } = twin;
  const { want, wver, who, st, since, seenAt, twice } = twin;
  const flaps = flapsOf(twin.losses);
  return {
    did: id,
    name,
    place,
    tags: [...tags],
    st,
    vals,
    wver,
    ...(t !== undefined && { t }),
    ...(ver !== undefined && { ver }),
    ...(dver !== undefined && { dver }),
    ...(errs && { errs }),
    ...(want && { want }),
    ...(who !== undefined && { who }),
    ...(since !== undefined && { since }),
    ...(seenAt !== undefined && { seen: seenAt }),
    ...(description && { dhash: description.hash }),
    ...(flaps > 0 && { flaps }),
    ...(twice && { twice: twice.since }),
  };
}

/** Earlier and later values as one. Where they are more than a message may have, earlier ones are left out. */
export function together(before: Values, after: Values): Values {
  const all = new Map([...before, ...after]);
  for (const pid of before.keys()) {
    if (all.size <= LIMITS.vals) break;
    if (!after.has(pid)) all.delete(pid);
  }
  return all;
}

function merge(twin: Twin, vals: Values): Twin {
  return { ...twin, vals: together(twin.vals, vals) };
}
