import { COMMAND } from '#firmware-protocol';
import type { BatchRecord, CommandRecord } from '#broker/store/commands.ts';
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
  secretMac: new Uint8Array(32).fill(7),
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

export const ada: PersonRecord = { id: 'ada', name: 'Ada', role: 'operator', createdAt: NOW };

export const session: SessionRecord = {
  hash: bytes(1, 2, 3),
  sid: 'sid',
  person: 'ada',
  createdAt: NOW,
  expiresAt: NOW + 1,
};
