import type { Role } from '#broker/contract/session.ts';
import { isReachable, type Presence } from './presence.ts';

/** Why a control cannot be used just now, the most general reason first. */
export type Obstacle = 'viewer' | 'link' | 'never' | 'offline';

/** What stands between an operator and a device; undefined where nothing does. */
export function obstacle(role: Role, linked: boolean, presence: Presence): Obstacle | undefined {
  if (role === 'viewer') return 'viewer';
  if (!linked) return 'link';
  if (isReachable(presence)) return undefined;
  return presence === 'never' ? 'never' : 'offline';
}
