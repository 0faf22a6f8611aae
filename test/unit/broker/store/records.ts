import { COMMAND } from '#firmware-protocol';
import type {
  CommandRecord,
  DeviceRecord,
  PersonRecord,
  SessionRecord,
  TwinRecord,
} from '#broker/store/store.ts';

export const NOW = 1_800_000_000_000;

export const bytes = (...each: number[]): Uint8Array => new Uint8Array(each);

export const lamp: DeviceRecord = {
  id: 'lamp',
  name: 'Küchenlampe',
  place: '',
  secretMac: new Uint8Array(32).fill(7),
  createdAt: NOW,
};

export const twin: TwinRecord = {
  device: 'lamp',
  desc: bytes(1, 2),
  reported: bytes(3),
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
  request: bytes(0xa0),
  st: COMMAND.sent,
  t: NOW,
  createdAt: NOW,
  exp: NOW + 10_000,
  boot: 2 ** 32 - 1,
  code: 0,
  msg: '',
};

export const ada: PersonRecord = { id: 'ada', name: 'Ada', role: 'operator', createdAt: NOW };

export const session: SessionRecord = {
  hash: bytes(1, 2, 3),
  sid: 'sid',
  person: 'ada',
  createdAt: NOW,
  expiresAt: NOW + 1,
};
