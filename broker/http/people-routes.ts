import { Hono } from 'hono';
import { changePerson, invite, listPeople, oneTimeCode, personOf, removePerson } from '../auth/people.ts';
import { principalName } from '../auth/principal.ts';
import { noSuchSession } from '../auth/sessions.ts';
import { personChange, personRequest } from '../contract/person.ts';
import type { ApiEnv } from './access.ts';
import type { Api } from './api.ts';
import type { Note } from './audit-note.ts';
import { onlyParameters, readBody } from './request.ts';

/** `/api/people`: who may sign in, as what, and where they are signed in. */
export function peopleRoutes(
  { access, sessions, accessChanged }: Pick<Api, 'access' | 'sessions' | 'accessChanged'>,
  note: Note,
  now: () => number,
): Hono<ApiEnv> {
  const { store } = access;
  const routes = new Hono<ApiEnv>();

  routes.get('/', async (c) => {
    onlyParameters(c);
    return c.json({ people: await listPeople(store, now()) });
  });

  routes.post('/', async (c) => {
    const request = await readBody(c, personRequest);
    const made = await invite(store, request, principalName(c.get('asker')), now());
    await note(c, 'person.invite', `@${request.id}`, { role: request.role });
    return c.json(made, 201);
  });

  routes.patch('/:id', async (c) => {
    const id = c.req.param('id');
    const change = await readBody(c, personChange);
    const person = await changePerson(store, id, change, now());
    accessChanged({ kind: 'person', id });
    await note(c, 'person.change', `@${id}`, change);
    return c.json(person);
  });

  routes.delete('/:id', async (c) => {
    const id = c.req.param('id');
    await removePerson(store, id);
    accessChanged({ kind: 'person', id });
    await note(c, 'person.remove', `@${id}`);
    return c.body(null, 204);
  });

  routes.post('/:id/link', async (c) => {
    const id = c.req.param('id');
    const code = await oneTimeCode(store, id, principalName(c.get('asker')), now());
    await note(c, 'person.link', `@${id}`);
    return c.json(code, 201);
  });

  routes.get('/:id/sessions', async (c) => {
    onlyParameters(c);
    const { id } = await personOf(store, c.req.param('id'));
    const asker = c.get('asker');
    const current = asker.kind === 'person' ? asker.sid : undefined;
    return c.json({ sessions: await sessions.list(id, now(), current) });
  });

  routes.delete('/:id/sessions', async (c) => {
    const { id } = await personOf(store, c.req.param('id'));
    const ended = await sessions.endAll(id);
    await note(c, 'session.endAll', `@${id}`, { ended });
    return c.body(null, 204);
  });

  routes.delete('/:id/sessions/:sid', async (c) => {
    const id = c.req.param('id');
    if (!(await sessions.end(id, c.req.param('sid')))) throw noSuchSession();
    await note(c, 'session.end', `@${id}`);
    return c.body(null, 204);
  });

  return routes;
}
