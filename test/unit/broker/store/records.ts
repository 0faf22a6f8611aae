import { COMMAND } from '#firmware-protocol';
import type { BatchRecord, CommandRecord } from '#broker/store/commands.ts';
import type { ClaimRecord, CredentialRecord, ServiceRecord } from '#broker/store/credentials.ts';
import type { AuditRecord } from '#broker/store/journal.ts';
import type { PersonRecord, SessionRecord } from '#broker/store/people.ts';
import type { DeviceRecord } from '#broker/store/registry.ts';
import type { ScheduleRecord } from '#broker/store/schedules.ts';
import type { TwinRecord } from '#broker/store/twins.ts';

export const NOW = 1_800_000_000_000;

export const bytes = (...each: number[]): Uint8Array => new Uint8Array(each);

export const lamp: DeviceRecord = {
  id: 'lamp',
  name: 'Küchenlampe',
  place: '',
  tags: ['küche', 'light'],
  createdAt: NOW,
};

export const twin: TwinRecord = {
  device: 'lamp',
  desc: bytes(1, 2),
  reported: bytes(3),
  statusPayload: bytes(4),
  statePayload: bytes(5, 6),
  desired: bytes(),
  who: '@ada',
  st: 1,
  since: NOW,
  seenAt: NOW + 1,
};

export const command: CommandRecord = {
  device: 'lamp',
  id: '0102030405060708',
  who: '@ada',
  batch: null,
  request: bytes(0xa0),
  wish: 0,
  st: COMMAND.sent,
  t: NOW,
  createdAt: NOW,
  exp: NOW + 10_000,
  sentAt: NOW + 1,
  boot: 2 ** 32 - 1,
  wver: null,
  code: 0,
  msg: '',
  pct: 40,
  reported: bytes(0xa1),
  ver: 7,
  steps: `[[0,${NOW}],[6,${NOW}]]`,
};

export const batch: BatchRecord = {
  id: 'b000000000000001',
  who: '@ada',
  name: 'lights off',
  request: '{"selection":{"all":true}}',
  st: 0,
  t: NOW,
  createdAt: NOW,
  msg: null,
};

export const schedule: ScheduleRecord = {
  id: 'evening',
  name: 'Evening',
  who: '@ada',
  enabled: 1,
  plan: '{}',
  createdAt: NOW,
  doneUntil: NOW,
};

export const credential: CredentialRecord = {
  device: 'lamp',
  secretMac: new Uint8Array(32).fill(7),
  publicKey: null,
  disabled: 0,
  generation: 1,
  changedAt: NOW,
  claim: null,
  model: null,
};

export const nodeRed: ServiceRecord = {
  id: 'node-red',
  name: 'Node-RED',
  tokenMac: new Uint8Array(32).fill(8),
  publish: ['iot/1/home/+/rq/cmd', 'flows/#'],
  subscribe: ['#'],
  role: 'viewer',
  expiresAt: NOW + 1,
  disabled: 0,
  generation: 1,
  createdAt: NOW,
  changedAt: NOW,
};

export const claim: ClaimRecord = {
  id: 'c1',
  name: 'Lamps of the hall',
  tokenMac: new Uint8Array(32).fill(9),
  uses: 2,
  left: 2,
  expiresAt: NOW + 1,
  model: 'lamp',
  place: 'Küche',
  tags: ['light', 'küche'],
  createdAt: NOW,
  createdBy: '@ada',
};

export const ada: PersonRecord = { id: 'ada', name: 'Ada', role: 'operator', password: null, createdAt: NOW };

export const session: SessionRecord = {
  hash: bytes(1, 2, 3),
  sid: 'sid',
  person: 'ada',
  createdAt: NOW,
  expiresAt: NOW + 1,
  renewedAt: NOW,
  address: '192.0.2.7',
  agent: 'Firefox',
};

export const deed: AuditRecord = {
  t: NOW,
  who: '@ada',
  address: '192.0.2.7',
  action: 'command',
  subject: 'lamp',
  detail: '',
};
