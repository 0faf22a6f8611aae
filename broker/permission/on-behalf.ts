import { ROLES, type Role } from '../contract/session.ts';
import { ROUTES } from './routes.ts';

/** A person or a service, as far as it says what may be done in their name. */
export interface Somebody {
  readonly role: Role | null;
  readonly disabled?: 0 | 1;
  /** In Unix ms. */
  readonly expiresAt?: number | null;
}

/** The hub begins batches for somebody who might begin them now. */
const NEEDED: Role = ROUTES['POST /api/batches'];

/**
 * Why the hub may no longer command in somebody's name, as a sentence, or undefined where it may.
 * @param name such as "@ada"
 * @param somebody what is stored of them, or undefined where they were removed
 * @param now in Unix ms
 */
export function onBehalfRefusal(
  name: string,
  somebody: Somebody | undefined,
  now: number,
): string | undefined {
  const lack = somebody ? lackOf(somebody, now) : 'was removed';
  return lack && `${name}, in whose name it runs, ${lack}: somebody who may command must save it again`;
}

function lackOf({ role, disabled, expiresAt = null }: Somebody, now: number): string | undefined {
  if (disabled) return 'is disabled';
  if (expiresAt !== null && expiresAt <= now) return 'has no access any longer, for its time is up';
  if (role === null || ROLES.indexOf(role) < ROLES.indexOf(NEEDED)) return `has no longer the role ${NEEDED}`;
  return undefined;
}
