import { createSubscriber } from 'svelte/reactivity';

/** Hub time. Devices' and commands' times are all in it, and a browser's own clock may be minutes off. */
export class Clock {
  #offset = 0;
  readonly #everySecond = createSubscriber((update) => {
    const timer = setInterval(update, 1_000);
    return () => clearInterval(timer);
  });

  /** Now, in Unix ms; whatever shows it is shown again each second. */
  get now(): number {
    this.#everySecond();
    return this.read();
  }

  /** Now, in Unix ms, once. */
  read(): number {
    return Date.now() + this.#offset;
  }

  /** Takes over the time at which the hub wrote a message that came just now. */
  follow(hubTime: number): void {
    this.#offset = hubTime - Date.now();
  }
}
