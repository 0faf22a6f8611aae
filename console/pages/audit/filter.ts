import type { AuditFilter } from '../../api/audit.ts';
import { accessPath } from '../../app/route.ts';
import { queryOf } from '../../session/hub-api.ts';

const written = (params: URLSearchParams, name: string): string | undefined =>
  params.get(name)?.trim() || undefined;

/** What the address asks for. */
export const filterOf = (params: URLSearchParams): AuditFilter => ({
  who: written(params, 'who'),
  action: written(params, 'action'),
  subject: written(params, 'subject'),
});

/** The address that asks for it. */
export const auditPath = (filter: AuditFilter): string => accessPath('audit') + queryOf({ ...filter });
