/** Where the hub listens, for whatever connects to it. */
export interface HubAddress {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
}

/** Where the console itself came from is where everything else connects, too. */
export function hubAddress({
  hostname,
  port,
  protocol,
}: Pick<Location, 'hostname' | 'port' | 'protocol'>): HubAddress {
  const secure = protocol === 'https:';
  return { host: hostname, port: Number(port) || (secure ? 443 : 80), secure };
}

export const mqttUrl = ({ host, port, secure }: HubAddress): string =>
  `${secure ? 'wss' : 'ws'}://${host}:${port}/mqtt`;

export const httpUrl = ({ host, port, secure }: HubAddress): string =>
  `${secure ? 'https' : 'http'}://${host}:${port}`;
