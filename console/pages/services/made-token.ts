import type { ToldService } from '#broker/contract/service.ts';

/** A token that was just made, and can be shown once. */
export interface MadeToken {
  readonly service: ToldService;
  readonly token: string;
  /** Whether it took the place of another. */
  readonly renewed: boolean;
}
