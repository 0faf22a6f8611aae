import type { Role } from '../contract/session.ts';

/** Who is at the other end of a link. */
export type Principal =
  | { readonly kind: 'device'; readonly tenant: string; readonly id: string }
  | {
      readonly kind: 'person';
      readonly tenant: string;
      readonly id: string;
      readonly role: Role;
      /** The sign-in session that vouches for this person. */
      readonly sid: string;
      /** When the access token that was shown ends, in Unix ms. */
      readonly expiresAt: number;
    };

/** How people and logs name a principal: devices by id, people with an "@" before it. */
export const principalName = ({ kind, id }: Principal): string => (kind === 'person' ? `@${id}` : id);
