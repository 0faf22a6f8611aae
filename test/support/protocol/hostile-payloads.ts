import * as fc from 'fast-check';
import { fromHex, MESSAGES, vectorFiles } from '../../unit/firmware-protocol/vector-files.ts';
import { mutateBytes } from './byte-mutations.ts';
import { Dice } from './dice.ts';
import { mutateItem } from './item-mutations.ts';
import { readItem, writeItem } from './items.ts';
import { KINDS } from './messages.ts';
import { encodeCbor, toWire } from './reference-cbor.ts';

/** How many payloads an ordinary run tries. `FUZZ_RUNS` asks for more. */
export const ORDINARY_RUNS = 50_000;

export const RUNS = Math.max(ORDINARY_RUNS, Number(process.env['FUZZ_RUNS'] ?? 0));
export const SEED = Number(process.env['FUZZ_SEED'] ?? 1);

export interface HostilePayload {
  /** The message as which it is to be decoded. */
  readonly type: string;
  readonly payload: Uint8Array;
  /** How to make exactly this one again. */
  readonly origin: string;
}

/** Long ones are tried as well, but seldom: they are slow, and most of their bytes mean the same. */
const LONG = 600;
const GENERATED = 25;

type Corpus = ReadonlyMap<
  string,
  { readonly short: readonly Uint8Array[]; readonly all: readonly Uint8Array[] }
>;

/** Payloads of every message: the vectors, and generated ones. */
function corpusOf(seed: number): Corpus {
  const files = vectorFiles();
  const entries = [...KINDS].map(([type, { valid }]) => {
    const vectors = files.filter((file) => file.type === type).flatMap((file) => file.vectors);
    const generated = fc.sample(valid, { numRuns: GENERATED, seed });
    const all = [
      ...vectors.map(({ hex }) => fromHex(hex)),
      ...generated.map((fields) => encodeCbor(toWire(fields))).filter(({ length }) => length < 20_000),
    ];
    return [type, { short: all.filter(({ length }) => length <= LONG), all }] as const;
  });
  return new Map(entries);
}

/** Payloads that are nearly messages of the protocol; some are, and a few are nothing at all. */
export function* hostilePayloads(seed: number, runs: number): Generator<HostilePayload> {
  const corpus = corpusOf(seed);
  const types = [...MESSAGES.keys()];
  for (let run = 0; run < runs; run += 1) {
    const dice = new Dice(seed * 1_000_003 + run);
    const type = dice.pick(types);
    const payload = hostilePayload(dice, corpus, type);
    yield { type: dice.oneIn(20) ? dice.pick(types) : type, payload, origin: `seed ${seed}, payload ${run}` };
  }
}

function hostilePayload(dice: Dice, corpus: Corpus, type: string): Uint8Array {
  const from = (name: string): Uint8Array => {
    const payloads = corpus.get(name);
    if (payloads === undefined) throw new Error(`there are no payloads of ${name}`);
    return dice.pick(dice.oneIn(100) ? payloads.all : payloads.short);
  };
  const payload = from(type);
  const other = from(dice.oneIn(3) ? dice.pick([...corpus.keys()]) : type);
  if (dice.oneIn(50)) return dice.bytes(dice.below(64));
  if (dice.oneIn(500)) return new Uint8Array(dice.pick([0, 4_097, 4_161, 16_385, 1_048_577]));
  if (dice.oneIn(5)) return mutateBytes(payload, dice, other);
  const message = readItem(payload);
  mutateItem(message, dice, readItem(other));
  const mutated = writeItem(message);
  return dice.oneIn(12) ? mutateBytes(mutated, dice, other) : mutated;
}
