import { describe, expect, test } from 'vitest';
import { PacketReader } from '#broker/links/reader/packet-reader.ts';
import {
  MALFORMED_CONNECTS,
  MALFORMED_PACKETS,
  type MalformedPacket,
} from '../../../../support/malformed-packets.ts';
import { bytesOf } from '../../../../support/raw-client.ts';
import { BOUNDS, byteByByte, connected, read } from './reading.ts';

const GOOD = bytesOf({ cmd: 'publish', topic: 'plant/a', payload: '1', qos: 0, dup: false, retain: false });

/** Most bytes of reason that a close frame carries (RFC 6455 §5.5). */
const REASON_BYTES = 123;

type Way = readonly [
  way: string,
  pieces: (malformed: Buffer) => Buffer[],
  /** Packets that pass. */
  passed: Buffer[],
];

const ALONE: Way[] = [
  ['whole', (malformed) => [malformed], []],
  ['byte by byte', byteByByte, []],
  ['before a good one', (malformed) => [Buffer.concat([malformed, GOOD]), GOOD], []],
];
const BEHIND: Way[] = [
  ['behind a good one', (malformed) => [Buffer.concat([GOOD, malformed])], [GOOD]],
  ['behind a good one, byte by byte', (malformed) => byteByByte(Buffer.concat([GOOD, malformed])), [GOOD]],
  ['between good ones', (malformed) => [Buffer.concat([GOOD, malformed, GOOD]), GOOD], [GOOD]],
];

const TABLES: [string, readonly MalformedPacket[], () => PacketReader, Way[]][] = [
  ['instead of a CONNECT', MALFORMED_CONNECTS, () => new PacketReader(BOUNDS), ALONE],
  ['behind a CONNECT', MALFORMED_PACKETS, connected, [...ALONE, ...BEHIND]],
];

describe.each(TABLES)('%s', (_where, table, reader, ways) => {
  describe.each(ways)('%s', (_way, pieces, passed) => {
    test.each(table)('$name', ({ bytes, cause, reason, answer }) => {
      const reading = read(pieces(bytes), reader());
      expect(reading.violation).toMatchObject({ cause, reason: expect.stringContaining(reason) });
      expect(reading.violation?.answer).toEqual(answer && Uint8Array.from(answer));
      expect(reading.passed).toEqual(passed);
    });
  });

  test.each(table)('the reason fits a close frame: $name', ({ bytes }) => {
    const { violation } = read([bytes], reader());
    expect(Buffer.byteLength(violation?.reason ?? '')).toBeLessThanOrEqual(REASON_BYTES);
  });

  test('each row has a name of its own', () => {
    expect(new Set(table.map(({ name }) => name)).size).toBe(table.length);
  });
});
