import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ack,
  blk,
  blkreq,
  cmd,
  ctl,
  desc,
  desired,
  evBatch,
  evCmd,
  evFleet,
  event,
  manifest,
  rqCancel,
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
  [
    status,
    desc,
    state,
    tele,
    event,
    ack,
    blkreq,
    cmd,
    ctl,
    desired,
    blk,
    manifest,
    rqCmd,
    rqDesired,
    rqCancel,
    evFleet,
    evCmd,
    evBatch,
  ].map((message) => [message.name, message as Message<unknown>]),
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

/** A file of payloads of any type that are refused. */
export interface RefusedFile {
  readonly file: string;
  readonly vectors: readonly RefusedVector[];
}

export interface RefusedVector {
  readonly name: string;
  readonly type: string;
  readonly code: string;
  readonly hex: string | readonly (string | { readonly repeat: string; readonly times: number })[];
}

/** Whether a vector is refused as `bad_value` for bytes that CBOR libraries refuse already. */
export const isAboutUtf8 = ({ name }: RefusedVector): boolean => name.includes('UTF-8');

const isRefused = (file: string): boolean => file.startsWith('refused');

const read = <T>(file: string): T => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as T;

export const vectorFiles = (): VectorFile[] =>
  globSync('*.json', { cwd: FOLDER })
    .filter((file) => !isRefused(file))
    .sort()
    .map((file) => ({ ...read<Omit<VectorFile, 'file'>>(file), file }));

export const refusedFiles = (): RefusedFile[] =>
  globSync('*.json', { cwd: FOLDER })
    .filter(isRefused)
    .sort()
    .map((file) => ({ ...read<Omit<RefusedFile, 'file'>>(file), file }));

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
