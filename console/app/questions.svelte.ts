export interface Question {
  readonly title: string;
  readonly detail: string;
  readonly confirm: string;
}

/** Questions that must be answered before something happens. One at a time: a new one dismisses the last. */
export class Questions {
  current: Question | undefined = $state.raw();
  #answer: ((yes: boolean) => void) | undefined;

  ask(question: Question): Promise<boolean> {
    this.answer(false);
    this.current = question;
    return new Promise((resolve) => (this.#answer = resolve));
  }

  answer(yes: boolean): void {
    this.#answer?.(yes);
    this.#answer = undefined;
    this.current = undefined;
  }
}
