import type { Value, Values } from '#firmware-protocol';

function isSame(a: Value | undefined, b: Value | undefined): boolean {
  if (!(a instanceof Uint8Array) || !(b instanceof Uint8Array)) return a === b;
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** The entries of `after` that `before` does not have, or not like that. */
export function changes(before: Values, after: Values): Values {
  return new Map([...after].filter(([pid, value]) => !isSame(before.get(pid), value)));
}
