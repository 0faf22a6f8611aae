import { toldDevice } from '#broker/contract/device.ts';
import { history, type History } from '#broker/contract/history.ts';
import type { Labels } from '#broker/contract/labels.ts';
import { timeline, type Timeline } from '#broker/contract/timeline.ts';
import { queryOf, type HubApi } from '../session/hub-api.ts';
import { answerOf } from '../session/request.ts';

/** What happened to a device, the latest first. @param before Unix time in ms @throws RequestError */
export async function timelineOf(
  api: HubApi,
  device: string,
  page: { readonly before?: number | undefined; readonly limit: number },
): Promise<Timeline['entries']> {
  const path = `/api/devices/${device}/timeline${queryOf(page)}`;
  return (await answerOf(timeline, await api.ask('GET', path))).entries;
}

/** At which addresses two programs use the id of a device at once; none where they no longer do. @throws RequestError */
export async function placesOfUse(api: HubApi, device: string): Promise<readonly string[]> {
  const { twice } = await answerOf(toldDevice, await api.ask('GET', `/api/devices/${device}`));
  return twice?.addresses ?? [];
}

/** Calls a device otherwise, or puts it elsewhere. @throws RequestError */
export async function labelDevice(api: HubApi, device: string, labels: Labels): Promise<void> {
  await api.ask('PATCH', `/api/devices/${device}`, labels);
}

/** Readings of a device in buckets. Times are Unix time in ms. @throws RequestError */
export async function historyOf(
  api: HubApi,
  device: string,
  range: { readonly from: number; readonly to: number; readonly points: number },
): Promise<History> {
  return answerOf(history, await api.ask('GET', `/api/devices/${device}/history${queryOf(range)}`));
}

/** An export of months may take its time, in ms. */
const EXPORT_MS = 600_000;

/** Readings of a device as CSV. Times are Unix time in ms. @throws RequestError */
export async function exportHistory(
  api: HubApi,
  device: string,
  range: { readonly from: number; readonly to: number; readonly resolution: 'raw' | 'minute' },
): Promise<Blob> {
  const path = `/api/history${queryOf({ device, format: 'csv', ...range })}`;
  const answer = await api.ask('GET', path, undefined, EXPORT_MS);
  return answer.blob();
}
