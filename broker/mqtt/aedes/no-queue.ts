const ignore = (): void => undefined;

/**
 * Stands where Aedes would have its message queue (`mq`), which is to say that nothing is delivered by Aedes: the hub's
 * router has delivered a message before Aedes acknowledges it, so that an acknowledgement can wait for the store.
 */
export class NoQueue {
  on(_topic: string, _listener: unknown, done: () => void = ignore): this {
    setImmediate(done);
    return this;
  }

  removeListener(_topic: string, _listener: unknown, done: () => void = ignore): this {
    setImmediate(done);
    return this;
  }

  emit(_packet: unknown, done: () => void = ignore): this {
    // Not within this call: Aedes reads its next packet in `done`, and would do so ever deeper in the stack.
    queueMicrotask(done);
    return this;
  }

  close(done: () => void = ignore): void {
    setImmediate(done);
  }
}
