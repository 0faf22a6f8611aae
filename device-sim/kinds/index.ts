import { createHash } from 'node:crypto';
import { desc } from '#firmware-protocol';
import { blind } from './blind.ts';
import { climate } from './climate.ts';
import type { Kind } from './kind.ts';
import { lamp } from './lamp.ts';
import { lock } from './lock.ts';
import { plug } from './plug.ts';
import { thermostat } from './thermostat.ts';

/** A kind whose state only the kind itself can read. */
export type AnyKind = Kind<unknown>;

/** All kinds, in the order in which devices without a kind of their own take turns. */
export const KINDS: readonly AnyKind[] = [lamp, plug, thermostat, blind, climate, lock] as readonly AnyKind[];

const DHASH_BYTES = 8;

/** The payload of `up/desc` and the hash of it that `up/status` carries. */
export interface Birth {
  readonly payload: Uint8Array;
  readonly dhash: Uint8Array;
}

const births = new Map<AnyKind, Birth>();

/** How a kind describes itself on the wire. All devices of a kind share the same bytes. */
export function birthOf(kind: AnyKind): Birth {
  const known = births.get(kind);
  if (known) return known;
  const payload = desc.encode(kind.description);
  const dhash = new Uint8Array(createHash('sha256').update(payload).digest().subarray(0, DHASH_BYTES));
  const birth = { payload, dhash };
  births.set(kind, birth);
  return birth;
}

/** The kind of that name, or the one whose turn it is at that position of the fleet. */
export function kindFor(name: string | undefined, position: number): AnyKind | undefined {
  return name === undefined ? KINDS[position % KINDS.length] : KINDS.find((kind) => kind.name === name);
}
