import type { Role } from '../contract/session.ts';

/** A device, as its credential says. */
export interface DevicePrincipal {
  readonly kind: 'device';
  readonly tenant: string;
  readonly id: string;
  /** Of the credential that was shown. */
  readonly generation: number;
  /** The model that it must be of, where the claim was for one with which it registered itself. */
  readonly model?: string | undefined;
  /** When the token that was shown ends, in Unix ms; undefined for a secret. */
  readonly expiresAt?: number | undefined;
}

/** A person, as an access token names them. */
export interface Person {
  readonly kind: 'person';
  readonly tenant: string;
  readonly id: string;
  readonly role: Role;
  /** The sign-in session that vouches for this person. */
  readonly sid: string;
  /** When the access token that was shown ends, in Unix ms. */
  readonly expiresAt: number;
}

/** An integration, as its token names it. */
export interface Service {
  readonly kind: 'service';
  readonly tenant: string;
  readonly id: string;
  /** As what it may use the HTTP API; null for not at all. */
  readonly role: Role | null;
  /** Topic filters. */
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  readonly generation: number;
  /** When it was made, Unix ms: one that was made anew with the same id is another. */
  readonly createdAt: number;
  readonly expiresAt?: number | undefined;
}

/** Who is at the other end of a link, or of a request. */
export type Principal = DevicePrincipal | Person | Service;

/** How logs, the audit and commands name a principal: devices by id, people and services with an "@" before it. */
export const principalName = ({ kind, id }: Principal): string => (kind === 'device' ? id : `@${id}`);

/** The user name of a CONNECT. */
export const usernameOf = (principal: Principal): string =>
  principal.kind === 'device' ? `${principal.tenant}/${principal.id}` : `@${principal.id}`;

/** Names that stand for the hub itself where people and services stand. */
export const RESERVED_IDS: ReadonlySet<string> = new Set(['hub', 'fleet']);
