import { audit, type Audit } from '#broker/contract/audit.ts';
import { queryOf, type HubApi } from '../session/hub-api.ts';
import { answerOf } from '../session/request.ts';

export type AuditEntry = Audit['entries'][number];

/** What entries must be of; what is undefined is any. */
export interface AuditFilter {
  readonly who?: string | undefined;
  readonly action?: string | undefined;
  readonly subject?: string | undefined;
}

/** Entries of the audit, the latest first. @param before Unix time in ms @throws RequestError */
export async function auditOf(
  api: HubApi,
  page: AuditFilter & { readonly before?: number | undefined; readonly limit: number },
): Promise<AuditEntry[]> {
  return (await answerOf(audit, await api.ask('GET', `/api/audit${queryOf({ ...page })}`))).entries;
}

export const AUDIT_FORMATS = ['csv', 'ndjson'] as const;
export type AuditFormat = (typeof AUDIT_FORMATS)[number];

/** Years of entries may take their time, in ms. */
const EXPORT_MS = 600_000;

/** All entries of a span as a file. Times are Unix time in ms. @throws RequestError */
export async function exportAudit(
  api: HubApi,
  asked: { readonly from: number; readonly to: number; readonly format: AuditFormat },
): Promise<Blob> {
  const answer = await api.ask('GET', `/api/audit/export${queryOf(asked)}`, undefined, EXPORT_MS);
  return answer.blob();
}
