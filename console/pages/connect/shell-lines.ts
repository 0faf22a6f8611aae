import { httpUrl, type HubAddress } from './hub-address.ts';
import { keyFile } from './target.ts';

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

const curl = ({ secure }: HubAddress, token: string): string =>
  `curl${secure ? ' --cacert ca.pem' : ''} \\\n  -H "Authorization: Bearer ${token}"`;

/** Prints what is published to a topic filter. The command comes with MQTT.js. */
export function subscribeLine(hub: HubAddress, service: string, token: string, filter: string): string {
  const { host, port, secure } = hub;
  const trust = secure ? ' --ca ca.pem' : '';
  return (
    `npx mqtt subscribe -v -l ${secure ? 'wss' : 'ws'} -h ${host} -p ${port} --path /mqtt${trust} \\\n` +
    `  -u @${service} -P ${token} \\\n  -t ${quoted(filter)}`
  );
}

/** Asks the API for all devices. */
export const askLine = (hub: HubAddress, token: string): string =>
  `${curl(hub, token)} \\\n  ${httpUrl(hub)}/api/devices`;

/** Registers a device with a claim. */
export function provisionLine(hub: HubAddress, token: string, id: string, model: string | undefined): string {
  const body = JSON.stringify({ id, ...(model !== undefined && { model }) });
  return `${curl(hub, token)} \\\n  ${httpUrl(hub)}/api/provision --json ${quoted(body)}`;
}

/** Makes a key pair for a device, and prints the public key. */
export const keyPairLines = (device: string): string =>
  `openssl genpkey -algorithm ed25519 -out ${keyFile(device)}\nopenssl pkey -in ${keyFile(device)} -pubout`;
