import { text } from '../text/text.ts';

export interface Choice<T> {
  readonly label: string;
  readonly value: T;
}

export interface Question<T> {
  readonly title: string;
  readonly detail: string;
  /** What stands on the button that does nothing. */
  readonly no: string;
  readonly choices: readonly Choice<T>[];
}

/** Questions that must be answered before something happens. One at a time: a new one dismisses the last. */
export class Questions {
  current: Question<unknown> | undefined = $state.raw();
  #answer: ((value: unknown) => void) | undefined;

  /** Resolves with the value that was chosen, or with undefined where nothing shall happen. */
  ask<T extends string | number>(question: Question<T>): Promise<T | undefined> {
    this.answer(undefined);
    this.current = question;
    return new Promise((resolve) => (this.#answer = resolve as (value: unknown) => void));
  }

  /** Asks whether something shall happen. @param yes what stands on the button with which it does */
  async agree(title: string, detail: string, yes: string): Promise<boolean> {
    const choices = [{ label: yes, value: 'yes' }];
    return (await this.ask({ title, detail, no: text.confirm.no, choices })) !== undefined;
  }

  answer(value: unknown): void {
    this.#answer?.(value);
    this.#answer = undefined;
    this.current = undefined;
  }
}
