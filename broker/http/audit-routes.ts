import { Hono } from 'hono';
import type { AuditRecord } from '../store/journal.ts';
import type { ApiEnv } from './access.ts';
import type { Api } from './api.ts';
import { auditFile } from './audit-export.ts';
import { choiceOf, FORMATS, rangeOf } from './history-parameters.ts';
import { latest, onlyParameters } from './request.ts';

/** `/api/audit`: who did what from where. */
export function auditRoutes({ records }: Pick<Api, 'records'>, now: () => number): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();

  routes.get('/', async (c) => {
    onlyParameters(c, 'before', 'limit', 'who', 'action', 'subject');
    const { who, action, subject } = c.req.query();
    const entries = await latest(
      c,
      1_000,
      (page) => records.audit({ ...page, who, action, subject }),
      ({ t }) => t,
    );
    return c.json({ entries: entries.map(told) });
  });

  routes.get('/export', (c) => {
    onlyParameters(c, 'from', 'to', 'format');
    const parameter = (name: string) => c.req.query(name);
    const { from, to } = rangeOf(parameter, now());
    const format = choiceOf(parameter, 'format', FORMATS);
    const { contentType, content } = auditFile(records, { from, to }, format);
    const day = (time: number): string => new Date(time).toISOString().slice(0, 10);
    return c.body(content, 200, {
      'Content-Type': contentType,
      'Content-Disposition': `attachment; filename="audit-${day(from)}-to-${day(to)}.${format}"`,
    });
  });

  return routes;
}

const told = ({ t, who, address, action, subject, detail }: AuditRecord) => ({
  t,
  who,
  ...(address !== '' && { from: address }),
  action,
  subject,
  ...(detail !== '' && { detail: JSON.parse(detail) as unknown }),
});
