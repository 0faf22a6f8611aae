import { evCmd, type CommandDelta } from '#firmware-protocol';
import { MESSAGE_BYTES, weightOf } from './weight.ts';

/** Makes the messages that tell consoles where commands stand. */
export class CommandFeed {
  readonly #boot: number;
  #seq = 0;

  /** @param boot names this run of the hub */
  constructor(boot: number) {
    this.#boot = boot;
  }

  /** Payloads that tell these steps, in order. */
  steps(steps: readonly CommandDelta[], now: number): Uint8Array[] {
    return inParts(steps).map((part) => {
      this.#seq += 1;
      return this.#event(part, now);
    });
  }

  /** Payloads that tell one console what is open; one at least. */
  snapshot(open: readonly CommandDelta[], now: number): Uint8Array[] {
    const parts = inParts(open);
    return (parts.length > 0 ? parts : [[]]).map((part) => this.#event(part, now));
  }

  #event(cmds: readonly CommandDelta[], now: number): Uint8Array {
    return evCmd.encode({ boot: this.#boot, seq: this.#seq, t: now, cmds: [...cmds] });
  }
}

/** Bytes of a command without values, at most: its ids, names and a sentence. */
const BARE = 640;

function inParts(steps: readonly CommandDelta[]): CommandDelta[][] {
  const parts: CommandDelta[][] = [];
  let bytes = Infinity;
  for (const step of steps) {
    const weight = BARE + weightOf(step.want?.values(), step.vals?.values(), step.args);
    if (bytes + weight > MESSAGE_BYTES) {
      parts.push([]);
      bytes = 0;
    }
    bytes += weight;
    parts.at(-1)?.push(step);
  }
  return parts;
}
