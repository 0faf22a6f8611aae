/**
 * Like a promise of a value, but calls back at once. Aedes handles the packets of one read side by side: whatever it
 * waits for lets the next packet overtake, which a message on the same topic must not [MQTT-4.6.0-6].
 */
export function atOnce<T>(value: T): PromiseLike<T> {
  return { then: (kept) => kept?.(value) as never };
}

/** The same for a failure. */
export function failsAtOnce(error: Error): PromiseLike<never> {
  return { then: (_kept, broken) => broken?.(error) as never };
}
