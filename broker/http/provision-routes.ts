import { Hono, type Context } from 'hono';
import { ClaimRefused, provision } from '../auth/claims.ts';
import { Throttle } from '../auth/throttle.ts';
import { provisionRequest } from '../contract/claim.ts';
import type { Log } from '../log/log.ts';
import { bearerOf, type ApiEnv } from './access.ts';
import type { Api } from './api.ts';
import type { NoteOf } from './audit-note.ts';
import type { Guarded } from './guarded.ts';
import { problem } from './problem.ts';
import { readBody } from './request.ts';

const REFUSED = problem(
  'claim_refused',
  'this claim is unknown, used up, too old, or for devices of another model',
);

const MINUTE = 60_000;
/** How often the audit notes that one claim was refused: a device may ask again and again. */
const NOTED = { free: 5, first: MINUTE, longest: 60 * MINUTE, memory: 24 * 60 * MINUTE };

type Provisioning = Pick<Api, 'access' | 'devices' | 'accessChanged' | 'registryChanged'>;

/** `/api/provision`: a device registers itself with the token of a claim. */
export function provisionRoutes(
  { access, devices, accessChanged, registryChanged }: Provisioning,
  noteOf: NoteOf,
  guarded: Guarded,
  { now, elapsed }: { readonly now: () => number; readonly elapsed: () => number },
  log: Log,
): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();
  const noted = new Throttle(NOTED);

  // What is stored of a device comes up to a second after it has connected.
  const hasConnected = (id: string): boolean => {
    const device = devices.device(id);
    return device !== undefined && (device.linked || device.seenAt !== undefined);
  };

  async function noteRefusal(c: Context<ApiEnv>, device: string, { claim, message }: ClaimRefused) {
    const { address } = c.get('client');
    log.warnLimited(`claim:${address}`, `refused a claim from ${address}: ${message}`);
    if (claim !== undefined) {
      if (noted.wait(claim, elapsed()) > 0) return;
      noted.begin(claim, elapsed());
    }
    const detail = { device, cause: message };
    await noteOf(c, { who: '', action: 'claim.refuse', subject: claim ?? '', detail });
  }

  routes.post('/', async (c) => {
    const { address } = c.get('client');
    const request = await readBody(c, provisionRequest);
    const made = await guarded(c, { address }, async () => {
      try {
        return await provision(access, bearerOf(c) ?? '', request, now(), hasConnected);
      } catch (error) {
        if (!(error instanceof ClaimRefused)) throw error;
        await noteRefusal(c, request.id, error);
        // Whoever has the token of a claim guesses nothing, whether or not it is still good.
        return error.claim === undefined ? undefined : error;
      }
    });
    if (made instanceof Response) return made;
    if (!made || made instanceof ClaimRefused)
      return c.json(REFUSED, 401, { 'WWW-Authenticate': 'Bearer error="invalid_token"' });
    const { issued, claim } = made;
    await registryChanged();
    // A link that was made with a credential before it, and in the same moment, ends.
    accessChanged({ kind: 'device', id: issued.id });
    await noteOf(c, { who: issued.id, action: 'device.provision', subject: issued.id, detail: { claim } });
    return c.json(issued, 201);
  });

  return routes;
}
