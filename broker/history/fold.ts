import { CHUNK_SAMPLES, ChunkReader, cutIntoChunks, encodeChunk } from './codec/chunk.ts';
import type { HistoryFile, Row } from './history-file.ts';
import { firstAt, merge, NO_SAMPLES, part, type Samples } from './samples.ts';

const reader = new ChunkReader();

/** The samples of a chunk; none where it cannot be read, so that one bad row does not stop all others. */
export function readChunk({ start, data }: Row): Samples {
  try {
    return reader.read(start, data);
  } catch (error) {
    if (error instanceof RangeError) return NO_SAMPLES;
    throw error;
  }
}

/**
 * Puts samples, in order of time, into the chunks of their series. Chunks never overlap: what comes late goes into
 * the chunk of its time, and replaces what was there for the same millisecond.
 */
export function fold(file: HistoryFile, series: number, samples: Samples): void {
  let at = 0;
  while (at < samples.length) {
    const time = samples.t[at] as number;
    const chunk = file.rowBefore('chunk', series, time);
    const next = file.startAfter('chunk', series, time + 1, 0);
    const end = next === undefined ? samples.length : firstAt(samples, next);
    place(file, series, chunk, part(samples, at, end));
    at = end;
  }
}

/** Samples from the begin of `chunk` up to the next: appended or merged where that is worth it, else on their own. */
function place(file: HistoryFile, series: number, chunk: Row | undefined, samples: Samples): void {
  const held = chunk ? readChunk(chunk) : NO_SAMPLES;
  const after = held.length === 0 || (held.t[held.length - 1] as number) < (samples.t[0] as number);
  const own = after && held.length + samples.length > CHUNK_SAMPLES;
  const placed = own ? samples : merge(held, samples);
  for (const piece of cutIntoChunks(placed)) {
    file.put('chunk', series, { start: piece.t[0] as number, data: encodeChunk(piece) });
  }
  file.samples += placed.length - (own ? 0 : held.length);
}
