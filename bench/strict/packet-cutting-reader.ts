import { PacketCutter } from '../../broker/links/packet-cutter.ts';
import type { Each } from '../../broker/links/reader/packet-reader.ts';

/** Takes the place of the strict reader where its cost is measured: it finds where packets end, and nothing else. */
export class PacketReader {
  readonly #cutter = new PacketCutter();
  #held: Uint8Array[] = [];
  #holding = false;
  #waiting = 0;

  get holding(): boolean {
    return this.#holding;
  }

  get buffered(): number {
    return this.#waiting;
  }

  hold(): void {
    this.#holding = true;
  }

  push(chunk: Buffer, each: Each): undefined {
    this.#pass(this.#cutter.push(chunk), each);
  }

  resume(each: Each): undefined {
    this.#holding = false;
    const held = this.#held;
    this.#held = [];
    this.#waiting = 0;
    this.#pass(held, each);
  }

  #pass(packets: readonly Uint8Array[], each: Each): void {
    for (const packet of packets) {
      if (this.#holding) {
        this.#held.push(packet);
        this.#waiting += packet.length;
      } else {
        this.#holding = !each(packet as Buffer, (packet[0] as number) >> 4);
      }
    }
  }
}
