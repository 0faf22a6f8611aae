import type { Block, Command, Control, Desired, Manifest, Value, Values } from '#firmware-protocol';

/* What the C program `decode_frames` says of a message, said of what the hub's codec made of the same bytes. */

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const textHex = (text: string): string => Buffer.from(text).toString('hex');

function ofNumber(number: number): string {
  if (Number.isInteger(number)) return String(number);
  const bits = Buffer.alloc(8);
  bits.writeDoubleBE(number);
  return `f${hex(bits)}`;
}

function ofValue(value: Value): string {
  switch (typeof value) {
    case 'number':
      return ofNumber(value);
    case 'string':
      return `t${textHex(value)}`;
    case 'object':
      return value === null ? 'null' : `b${hex(value)}`;
    default:
      return String(value);
  }
}

const ofValues = (values: Values): string =>
  ['vals', ...[...values].map(([pid, value]) => `${pid}:${ofValue(value)}`)].join(' ');

const line = (...parts: readonly (string | false)[]): string =>
  parts.filter((part) => part !== false).join(' ');

export const WORDING = {
  cmd: ({ id, exp, if: version, op, vals, args = [] }: Command) =>
    line(
      `cmd ${hex(id)} exp ${exp}`,
      version !== undefined && `if ${version}`,
      op !== undefined && `op ${op}`,
      vals !== undefined && ofValues(vals),
      ['args', ...args.map(ofValue)].join(' '),
    ),
  ctl: ({ t, op = 0 }: Control) => `ctl t ${t} op ${op}`,
  desired: ({ vals, ver }: Desired) => `desired ver ${ver} ${ofValues(vals)}`,
  blk: ({ data, off, img }: Block) => `blk off ${off} img ${hex(img)} data ${hex(data)}`,
  manifest: ({ data, n, model, fw, arb }: Manifest) =>
    `manifest n ${n} arb ${arb} data ${hex(data)} model ${textHex(model)} fw ${textHex(fw)}`,
};
