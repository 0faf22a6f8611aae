import type { Tallied } from './device.ts';

/** What a run has counted so far. */
export type Tally = Record<Tallied | 'sent' | 'reconnects', number>;

/** How the fleet stands at one moment. */
export interface Standing {
  readonly devices: number;
  readonly online: number;
  /** Devices whose credentials the hub turned down when they last tried. */
  readonly refused: number;
}

export const emptyTally = (): Tally => ({
  sent: 0,
  reconnects: 0,
  done: 0,
  failed: 0,
  rejected: 0,
  undecodable: 0,
});

/** What a run came to so far. What is rare is only named when it happened. */
function outcomes({ done, failed, rejected, undecodable, reconnects }: Tally, refused: number): string[] {
  const commands = `${done} commands done, ${failed} failed${rejected > 0 ? `, ${rejected} rejected` : ''}`;
  const parts = [commands, `${reconnects} reconnects`, `${refused} refused`];
  return undecodable > 0 ? [...parts, `${undecodable} undecodable`] : parts;
}

/** One line on how the fleet stands, `sent` messages having been sent in the last `seconds`. */
export function summaryLine(standing: Standing, tally: Tally, sent: number, seconds: number): string {
  const { online, devices, refused } = standing;
  const rate = Math.round(sent / seconds);
  return [`${online}/${devices} online`, `${rate} msg/s up`, ...outcomes(tally, refused)].join(' · ');
}

/** The last line of a run that took `seconds`. */
export function farewell({ devices, refused }: Standing, tally: Tally, seconds: number): string {
  const sent = `${tally.sent} messages up in ${Math.round(seconds)} s`;
  return [`stopped ${devices} devices`, sent, ...outcomes(tally, refused)].join(' · ');
}
