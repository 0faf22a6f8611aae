const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Where a native call costs more than a loop. */
const SHORT = 32;

/** Whether `bytes` are well-formed UTF-8 (Unicode, table 3-7): nothing overlong, no surrogates, all complete. */
export function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    const lead = bytes[at++] as number;
    if (lead < 0x80) continue;
    const more = lead < 0xc2 || lead > 0xf4 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    if (more === 0 || at + more > end) return false;
    const second = bytes[at] as number;
    if (second < lowestSecond(lead) || second > highestSecond(lead)) return false;
    for (let last = at + more; ++at < last;) if (((bytes[at] as number) & 0xc0) !== 0x80) return false;
  }
  return true;
}

const lowestSecond = (lead: number): number => (lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80);
const highestSecond = (lead: number): number => (lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf);

/** The text that well-formed UTF-8 stands for. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > SHORT) return decoder.decode(bytes.subarray(start, end));
  let text = '';
  for (let at = start; at < end; at += 1) {
    const unit = bytes[at] as number;
    if (unit >= 0x80) return decoder.decode(bytes.subarray(start, end));
    text += String.fromCharCode(unit);
  }
  return text;
}

/** UTF-8 of a text without lone surrogates. */
export const encodeUtf8 = (text: string): Uint8Array => encoder.encode(text);
