import type { Description, Value, Values } from '#firmware-protocol';

/** That a device began to carry out a command, came to its end, or took over a desired document. */
export type Doing =
  | { readonly did: 'run'; readonly id: Uint8Array }
  | { readonly did: 'done' | 'failed'; readonly id: Uint8Array; readonly code?: number | undefined }
  | { readonly did: 'desired'; readonly dver: number };

/** What a device did, whoever may hear of it. `reported` is what its state says from then on. */
export type Deed = Doing & {
  readonly boot: number;
  readonly reported: Values;
  readonly description: Description;
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const written = (value: Value): unknown => (value instanceof Uint8Array ? hex(value) : value);

/**
 * A deed as one line of JSON, without the end of the line. Byte strings are in hex; the values are named by the keys
 * of the description and in wire units.
 * @param t Unix ms
 */
export function deedLine(device: string, { reported, description, ...deed }: Deed, t: number): string {
  const vals = Object.fromEntries(
    description.props
      .filter(({ pid }) => reported.has(pid))
      .map(({ pid, key }) => [key, written(reported.get(pid) as Value)]),
  );
  return JSON.stringify({ t, device, ...deed, ...('id' in deed && { id: hex(deed.id) }), vals });
}
