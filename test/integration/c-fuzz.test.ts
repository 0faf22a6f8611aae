import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { blk, cmd, ctl, desired, manifest, ProtocolError, type Message } from '#firmware-protocol';
import { CBuild } from '../support/c-build.ts';
import { mutate } from '../support/c-mutations.ts';
import { WORDING } from '../support/c-wording.ts';
import { seededRandom } from '../unit/broker/seeded-random.ts';
import { fromHex, refusedFiles, vectorFiles } from '../unit/firmware-protocol/vector-files.ts';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 20_000);
/** How many payloads one process is given: what is kept in memory at once. */
const AT_ONCE = 10_000;

const TYPES = [
  { letter: 'c', message: cmd, say: WORDING.cmd },
  { letter: 't', message: ctl, say: WORDING.ctl },
  { letter: 'd', message: desired, say: WORDING.desired },
  { letter: 'b', message: blk, say: WORDING.blk },
  { letter: 'm', message: manifest, say: WORDING.manifest },
] as { letter: string; message: Message<unknown>; say: (message: unknown) => string }[];

const build = await CBuild.configure('c-fuzz', 'SWITCHYARD_TESTS');
await build.build('decode_frames');

/** What is longer than any payload that devices take would only make the run slow. */
const LONGEST = 5_000;

function payloadsOf(type: string): Uint8Array[] {
  return [
    ...vectorFiles()
      .filter((file) => file.type === type)
      .flatMap(({ vectors }) => vectors.map(({ hex }) => fromHex(hex))),
    ...refusedFiles()
      .flatMap(({ vectors }) => vectors)
      .filter((vector) => vector.type === type || vector.type === 'tele')
      .map(({ hex }) => fromHex(hex)),
  ].filter(({ length }) => length > 0 && length <= LONGEST);
}

/** The line that the C program is to print. */
function expected(message: Message<unknown>, say: (message: unknown) => string, payload: Uint8Array): string {
  try {
    return say(message.decode(payload));
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return `${error.code} ${error.offset ?? 0}`;
  }
}

/** Where the payload ends within an item, one says where that item begins and the other where the bytes end. */
const saidOfCut = (line: string, payload: Uint8Array): boolean => line === `bad_cbor ${payload.length}`;

function decodeInC(letter: string, payloads: readonly Uint8Array[]): string[] {
  const frames = payloads.map((payload) => {
    const head = Buffer.alloc(5);
    head.write(letter, 'latin1');
    head.writeUInt32BE(payload.length, 1);
    return Buffer.concat([head, payload]);
  });
  const program = build.program('test/decode_frames');
  const { status, stdout, stderr } = spawnSync(program, { input: Buffer.concat(frames), maxBuffer: 2 ** 30 });
  if (status !== 0) throw new Error(`decode_frames ended with ${status}: ${stderr.toString()}`);
  return stdout.toString().split('\n').slice(0, -1);
}

test.each(TYPES)(
  'mutated $message.name messages mean the same to the C library and to the hub',
  { timeout: 20_000 + RUNS * 5 },
  ({ letter, message, say }) => {
    const random = seededRandom(letter.charCodeAt(0));
    const originals = payloadsOf(message.name);
    let accepted = 0;
    let refused = 0;
    for (let left = Math.ceil(RUNS / TYPES.length); left > 0; left -= AT_ONCE) {
      const payloads = Array.from({ length: Math.min(left, AT_ONCE) }, () => mutate(random, originals));
      const said = decodeInC(letter, payloads);
      expect(said).toHaveLength(payloads.length);
      for (const [index, payload] of payloads.entries()) {
        const line = expected(message, say, payload);
        if (saidOfCut(line, payload)) expect(said[index], hexOf(payload)).toMatch(/^bad_cbor /);
        else expect(said[index], hexOf(payload)).toBe(line);
        if (line.startsWith(`${message.name} `)) accepted += 1;
        else refused += 1;
      }
    }
    // Mutations that all end the same way would show nothing.
    expect(accepted).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(0);
  },
);

/** The beginning is enough to find the payload again, since the mutations are the same every time. */
const hexOf = (payload: Uint8Array): string => Buffer.from(payload.subarray(0, 256)).toString('hex');
