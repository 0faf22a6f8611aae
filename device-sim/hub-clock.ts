import { isMoment } from '#firmware-protocol';

/** Hub time as a device without a clock of its own knows it: from what the hub told, and how long ago that was. */
export class HubClock {
  #offset: number | undefined;

  /** Takes the hub's word (Unix ms) for what time it is; a time that no message could carry is ignored. */
  set(hubTime: number, now: number): void {
    if (hubTime > 0 && isMoment(hubTime)) this.#offset = hubTime - now;
  }

  /** Unix ms, or undefined before the hub has told. */
  at(now: number): number | undefined {
    return this.#offset === undefined ? undefined : Math.round(now + this.#offset);
  }

  /** The `t` of a message that is sent now: 0, which is "on receipt", while the time is unknown. */
  stamp(now: number): number {
    return this.at(now) ?? 0;
  }
}
