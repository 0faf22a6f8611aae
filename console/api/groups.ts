import * as z from 'zod/mini';
import { toldGroup, type Selection, type ToldGroup } from '#broker/contract/selection.ts';
import type { HubApi } from '../session/hub-api.ts';
import { answerOf } from '../session/request.ts';

const list = z.object({ groups: z.array(toldGroup) });

const pathOf = (name: string): string => `/api/groups/${encodeURIComponent(name)}`;

/** @throws RequestError */
export const groupsOf = async (api: HubApi): Promise<ToldGroup[]> =>
  (await answerOf(list, await api.ask('GET', '/api/groups'))).groups;

/** Makes a group, or gives one of this name other members. @throws RequestError */
export async function saveGroup(api: HubApi, name: string, selection: Selection): Promise<void> {
  await api.ask('PUT', pathOf(name), { selection });
}

/** @throws RequestError */
export async function removeGroup(api: HubApi, name: string): Promise<void> {
  await api.ask('DELETE', pathOf(name));
}
