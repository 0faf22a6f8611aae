import type { ToldService } from '#broker/contract/service.ts';

/** Whether a service can do what it is granted, and why not. */
export type ServiceStanding = 'good' | 'disabled' | 'expired';

export function serviceStanding({ disabled, expiresAt }: ToldService, now: number): ServiceStanding {
  if (disabled) return 'disabled';
  return expiresAt !== null && expiresAt <= now ? 'expired' : 'good';
}
