import { Hono } from 'hono';
import { noSuchSession } from '../auth/sessions.ts';
import { passwordRequest } from '../contract/session.ts';
import { personAsking, type ApiEnv } from './access.ts';
import type { Api } from './api.ts';
import type { Note } from './audit-note.ts';
import type { Guarded } from './guarded.ts';
import { problem } from './problem.ts';
import { onlyParameters, readBody } from './request.ts';

/** `/api/account`: one's own password and sessions. */
export function accountRoutes(
  { sessions }: Pick<Api, 'sessions'>,
  note: Note,
  guarded: Guarded,
  now: () => number,
): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();

  routes.put('/password', async (c) => {
    const person = personAsking(c);
    const { id } = person;
    const { address } = c.get('client');
    const { current, password } = await readBody(c, passwordRequest);
    const attempt = { account: id, address, isKnown: await sessions.isKnownAt(id, address, now()) };
    const changed = await guarded(c, attempt, () => sessions.changePassword(person, current, password));
    if (changed instanceof Response) return changed;
    if (!changed) {
      await note(c, 'person.password.refuse', `@${id}`);
      return c.json(problem('password_wrong', 'the current password is not right'), 403);
    }
    await note(c, 'person.password', `@${id}`);
    return c.body(null, 204);
  });

  routes.get('/sessions', async (c) => {
    onlyParameters(c);
    const { id, sid } = personAsking(c);
    return c.json({ sessions: await sessions.list(id, now(), sid) });
  });

  routes.delete('/sessions', async (c) => {
    const { id, sid } = personAsking(c);
    const ended = await sessions.endAll(id, sid);
    await note(c, 'session.endAll', `@${id}`, { ended });
    return c.body(null, 204);
  });

  routes.delete('/sessions/:sid', async (c) => {
    const { id } = personAsking(c);
    if (!(await sessions.end(id, c.req.param('sid')))) throw noSuchSession();
    await note(c, 'session.end', `@${id}`);
    return c.body(null, 204);
  });

  return routes;
}
