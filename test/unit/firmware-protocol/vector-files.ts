import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  ack,
  cmd,
  ctl,
  desc,
  desired,
  evCmd,
  evFleet,
  rqCmd,
  rqDesired,
  state,
  status,
  tele,
  type Message,
} from '#firmware-protocol';

const FOLDER = join(import.meta.dirname, '../../../firmware-protocol/vectors');

/** Every message of the protocol, by the name that vectors give as its type. */
export const MESSAGES: ReadonlyMap<string, Message<unknown>> = new Map(
  [status, desc, state, tele, cmd, ack, ctl, desired, rqCmd, rqDesired, evFleet, evCmd].map((message) => [
    message.name,
    message as Message<unknown>,
  ]),
);

/** A file of messages that are accepted, as it stands in `firmware-protocol/vectors`. */
export interface VectorFile {
  readonly file: string;
  readonly type: string;
  readonly vectors: readonly Vector[];
}

export interface Vector {
  readonly name: string;
  readonly hex: string;
  readonly only?: 'decode';
  readonly message: unknown;
}

export interface RefusedVector {
  readonly name: string;
  readonly type: string;
  readonly code: string;
  readonly hex: string | readonly (string | { readonly repeat: string; readonly times: number })[];
}

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

export const vectorFiles = (): VectorFile[] =>
  globSync('*.json', { cwd: FOLDER })
    .filter((file) => file !== 'refused.json')
    .sort()
    .map((file) => ({
      ...(readJson(join(FOLDER, file)) as Omit<VectorFile, 'file'>),
      file: basename(file),
    }));

export const refusedVectors = (): readonly RefusedVector[] =>
  (readJson(join(FOLDER, 'refused.json')) as { vectors: RefusedVector[] }).vectors;

export const fromHex = (hex: RefusedVector['hex']): Uint8Array => {
  const whole =
    typeof hex === 'string'
      ? hex
      : hex.map((part) => (typeof part === 'string' ? part : part.repeat.repeat(part.times))).join('');
  return new Uint8Array(Buffer.from(whole, 'hex'));
};

export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** A message from its JSON form: `{"hex"}` is bytes, `{"map"}` is a map, any other object a record. */
export function fromJson(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(fromJson);
  if (typeof json !== 'object' || json === null) return json;
  if ('hex' in json) return fromHex(json.hex as string);
  if ('map' in json) {
    return new Map((json.map as [number, unknown][]).map(([key, value]) => [key, fromJson(value)]));
  }
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, fromJson(value)]));
}
