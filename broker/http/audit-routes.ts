import { Hono } from 'hono';
import type { AuditRecord } from '../store/journal.ts';
import { requireRole, type ApiEnv } from './access.ts';
import type { Api } from './api.ts';
import { latest, onlyParameters } from './request.ts';

/** `/api/audit`: who did what, for administrators. */
export function auditRoutes({ records }: Api): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();
  routes.use(requireRole('admin'));
  routes.get('/', async (c) => {
    onlyParameters(c, 'before', 'limit');
    const entries = await latest(
      c,
      1_000,
      (page) => records.audit(page),
      ({ t }) => t,
    );
    return c.json({ entries: entries.map(told) });
  });
  return routes;
}

const told = ({ t, who, action, subject, detail }: AuditRecord) => ({
  t,
  who,
  action,
  subject,
  ...(detail !== '' && { detail: JSON.parse(detail) as unknown }),
});
