import { Hono } from 'hono';
import {
  disableDevice,
  registerDevices,
  removeDevice,
  revokeCredential,
  rotateCredential,
  toldCredential,
} from '../auth/devices.ts';
import { credentialChange, credentialRequest, deviceRequest } from '../contract/credential.ts';
import type { ApiEnv } from './access.ts';
import type { Api } from './api.ts';
import type { Note } from './audit-note.ts';
import { onlyParameters, readBody } from './request.ts';

/** `/api/devices`, as far as it is about which devices may connect, and with what. */
export function credentialRoutes(
  { access, accessChanged, registryChanged }: Pick<Api, 'access' | 'accessChanged' | 'registryChanged'>,
  note: Note,
  now: () => number,
): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();

  routes.post('/', async (c) => {
    const request = await readBody(c, deviceRequest);
    const [issued] = await registerDevices(access, [request], now());
    await registryChanged();
    await note(c, 'device.create', request.id);
    return c.json(issued, 201);
  });

  routes.delete('/:id', async (c) => {
    const id = c.req.param('id');
    await removeDevice(access, id);
    await registryChanged();
    await note(c, 'device.remove', id);
    return c.body(null, 204);
  });

  routes.get('/:id/credential', async (c) => {
    onlyParameters(c);
    return c.json(await toldCredential(access, c.req.param('id')));
  });

  routes.post('/:id/credential', async (c) => {
    const id = c.req.param('id');
    const { publicKey } = await readBody(c, credentialRequest);
    const issued = await rotateCredential(access, id, publicKey, now());
    accessChanged({ kind: 'device', id });
    await note(c, 'device.rotate', id, { kind: publicKey === undefined ? 'secret' : 'key' });
    return c.json(issued, 201);
  });

  routes.patch('/:id/credential', async (c) => {
    const id = c.req.param('id');
    const { disabled } = await readBody(c, credentialChange);
    await disableDevice(access, id, disabled);
    accessChanged({ kind: 'device', id });
    await note(c, disabled ? 'device.disable' : 'device.enable', id);
    return c.json(await toldCredential(access, id));
  });

  routes.delete('/:id/credential', async (c) => {
    const id = c.req.param('id');
    await revokeCredential(access, id, now());
    accessChanged({ kind: 'device', id });
    await note(c, 'device.revoke', id);
    return c.body(null, 204);
  });

  return routes;
}
