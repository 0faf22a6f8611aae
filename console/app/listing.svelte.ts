import { failureText } from '../text/request-text.ts';

/** A list that the hub keeps, as a page shows and changes it. */
export class Listing<T> {
  /** Undefined until it has come. */
  items: readonly T[] | undefined = $state.raw();
  /** What went wrong last; empty where nothing did. */
  problem = $state('');
  readonly #ask: () => Promise<readonly T[]>;

  constructor(ask: () => Promise<readonly T[]>) {
    this.#ask = ask;
  }

  /** Asks for it, again. */
  async load(): Promise<void> {
    try {
      this.items = await this.#ask();
      this.problem = '';
    } catch (cause) {
      this.problem = failureText(cause);
    }
  }

  /** Changes something and asks for the list again, whether that went well or not. */
  async change(what: () => Promise<unknown>): Promise<void> {
    let failure = '';
    try {
      await what();
    } catch (cause) {
      failure = failureText(cause);
    }
    await this.load();
    this.problem ||= failure;
  }
}
