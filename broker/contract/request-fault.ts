/** Why what a person asked for cannot be done: it is not possible, there is no such thing, or it clashes with what is. */
export type FaultKind = 'invalid' | 'notFound' | 'conflict';

/** The answer to a request that cannot be done, in words for whoever asked. Nothing has changed then. */
export class RequestFault extends Error {
  override readonly name = 'RequestFault';
  readonly kind: FaultKind;

  constructor(kind: FaultKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
