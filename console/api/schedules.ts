import * as z from 'zod/mini';
import { toldSchedule, type ScheduleRequest, type ToldSchedule } from '#broker/contract/schedule.ts';
import type { HubApi } from '../session/hub-api.ts';
import { answerOf } from '../session/request.ts';

const list = z.object({ schedules: z.array(toldSchedule) });

const pathOf = (id: string): string => `/api/schedules/${id}`;

/** @throws RequestError */
export const schedulesOf = async (api: HubApi): Promise<ToldSchedule[]> =>
  (await answerOf(list, await api.ask('GET', '/api/schedules'))).schedules;

/** Makes a schedule, or replaces the one with this id. @throws RequestError */
export async function saveSchedule(api: HubApi, id: string | undefined, asked: ScheduleRequest) {
  const answer =
    id === undefined
      ? await api.ask('POST', '/api/schedules', asked)
      : await api.ask('PUT', pathOf(id), asked);
  return answerOf(toldSchedule, answer);
}

/** @throws RequestError */
export async function removeSchedule(api: HubApi, id: string): Promise<void> {
  await api.ask('DELETE', pathOf(id));
}
