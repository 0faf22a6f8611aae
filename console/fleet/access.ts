import type { Role } from '#broker/contract/session.ts';
import type { Presence } from './presence.ts';

/** Why a control cannot be used just now, the most general reason first. */
export type Obstacle = 'viewer' | 'link' | 'never';

/**
 * What stands between an operator and a device; undefined where nothing does. That it is away does not: its settings
 * are kept for it, and commands may wait for it.
 */
export function obstacle(role: Role, linked: boolean, presence: Presence): Obstacle | undefined {
  if (role === 'viewer') return 'viewer';
  if (!linked) return 'link';
  return presence === 'never' ? 'never' : undefined;
}
