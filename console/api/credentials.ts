import {
  issued,
  toldCredential,
  type DeviceRequest,
  type Issued,
  type ToldCredential,
} from '#broker/contract/credential.ts';
import type { HubApi } from '../session/hub-api.ts';
import { answerOf } from '../session/request.ts';

const pathOf = (device: string): string => `/api/devices/${device}/credential`;

/** Registers a device. @throws RequestError */
export const createDevice = async (api: HubApi, asked: DeviceRequest): Promise<Issued> =>
  answerOf(issued, await api.ask('POST', '/api/devices', asked));

/** Removes a device, and all that is kept of it. @throws RequestError */
export async function removeDevice(api: HubApi, device: string): Promise<void> {
  await api.ask('DELETE', `/api/devices/${device}`);
}

/** What a device may connect with. @throws RequestError */
export const credentialOf = async (api: HubApi, device: string): Promise<ToldCredential> =>
  answerOf(toldCredential, await api.ask('GET', pathOf(device)));

/** Gives a device another secret, or takes its own key, in place of what there was. @throws RequestError */
export const issueCredential = async (api: HubApi, device: string, publicKey?: string): Promise<Issued> =>
  answerOf(issued, await api.ask('POST', pathOf(device), publicKey === undefined ? {} : { publicKey }));

/** Keeps a device out, or lets it in again with the credential that it has. @throws RequestError */
export async function disableDevice(api: HubApi, device: string, disabled: boolean): Promise<void> {
  await api.ask('PATCH', pathOf(device), { disabled });
}

/** Takes a device's credential away. @throws RequestError */
export async function revokeCredential(api: HubApi, device: string): Promise<void> {
  await api.ask('DELETE', pathOf(device));
}
