import { audit } from './en/audit.ts';

export { audit as auditText };

/** What was done in words; the action itself where the hub knows more of them than this page. */
export const actionText = (action: string): string =>
  Object.hasOwn(audit.actions, action) ? (audit.actions[action] ?? action) : action;
