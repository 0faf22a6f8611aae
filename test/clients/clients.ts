import { join } from 'node:path';
import { PYTHON } from '../../scripts/system-packages.ts';
import { mqttCommand } from './mqtt-command/make.ts';
import type { Make } from './other-client.ts';
import { PahoForBrowsers } from './paho-browser/make.ts';
import type { PageServer } from './paho-browser/page-server.ts';
import { pahoC } from './paho-c/make.ts';
import { startProgram } from './program-client.ts';

/** What can be asked of a client, by the columns of the table in docs/clients.md. */
export const CAPABILITIES = [
  'QoS 0',
  'QoS 1',
  'QoS 2',
  'unsubscribe',
  'retained',
  'will',
  'kept session',
] as const;
export type Capability = (typeof CAPABILITIES)[number];

export interface Row {
  /** As docs/clients.md has it. */
  readonly name: string;
  /** Of its service, client ids and topics. */
  readonly id: string;
  /** What the client does not have. */
  readonly lacks: readonly Capability[];
  /** Whether it can be told to speak MQTT 5. */
  readonly speaksMqtt5: boolean;
  /** Whether it shows QoS and the retained flag of a message. */
  readonly showsFlags: boolean;
  /** @param pages where a client in a page comes from */
  readonly make: (pages: PageServer) => Promise<Make>;
}

const beside = (...path: string[]): string => join(import.meta.dirname, ...path);
const nothing = (): Promise<void> => Promise.resolve();

/** The clients of other makes, a row each. */
export const CLIENTS: readonly Row[] = [
  {
    name: 'paho-mqtt for Python',
    id: 'paho-python',
    lacks: [],
    speaksMqtt5: true,
    showsFlags: true,
    make: async () => ({
      start: async (place) => startProgram(PYTHON, [beside('paho-python', 'client.py')], place),
      close: nothing,
    }),
  },
  { name: 'Paho C', id: 'paho-c', lacks: [], speaksMqtt5: true, showsFlags: true, make: pahoC },
  {
    name: "MQTT.js's command",
    id: 'mqtt-command',
    lacks: ['unsubscribe'],
    speaksMqtt5: true,
    showsFlags: false,
    make: async () => mqttCommand,
  },
  {
    name: 'paho-mqtt for browsers',
    id: 'paho-browser',
    lacks: [],
    speaksMqtt5: false,
    showsFlags: true,
    make: async (pages) => new PahoForBrowsers(pages),
  },
  {
    name: 'u8-mqtt',
    id: 'u8-mqtt',
    lacks: ['QoS 2'],
    speaksMqtt5: true,
    showsFlags: true,
    make: async () => ({
      start: async (place) =>
        startProgram(process.execPath, [beside('u8-mqtt', 'client.mjs')], place, {
          NODE_EXTRA_CA_CERTS: place.ca,
        }),
      close: nothing,
    }),
  },
];
