import { session, type Session } from '#broker/contract/session.ts';
import { ask, type Answer } from './https.ts';
import type { TestHub } from './hub.ts';

/** The password that people of these tests choose. */
export const PASSWORD = 'eleven green bicycles';

/** What a browser has after somebody has signed in. */
export interface SignedIn {
  readonly session: Session;
  readonly setCookie: string;
  /** The header that the browser sends. */
  readonly cookie: string;
}

/** What a page of the hub's own says of itself. */
export const own = (hub: TestHub): Record<string, string> => ({ Origin: hub.https });

export const postSession = (hub: TestHub, body: unknown, headers = own(hub)): Promise<Answer> =>
  ask(hub, 'POST', '/api/session', headers, body);

/** Signs somebody in who is new, or has forgotten: with a one-time code, by which all earlier sessions end. */
export const signInByCode = async (hub: TestHub, person = 'owner'): Promise<SignedIn> =>
  signedIn(await postSession(hub, { code: await hub.signInCode(person), password: PASSWORD }));

/** Signs somebody in who has chosen the password. */
export const signIn = async (hub: TestHub, id = 'owner'): Promise<SignedIn> =>
  signedIn(await postSession(hub, { id, password: PASSWORD }));

function signedIn(answer: Answer): SignedIn {
  if (answer.status !== 200) throw new Error(`not signed in: ${answer.status} ${answer.body}`);
  const [setCookie = ''] = answer.headers['set-cookie'] ?? [];
  return {
    session: session.parse(JSON.parse(answer.body)),
    setCookie,
    cookie: setCookie.split(';', 1)[0] ?? '',
  };
}
