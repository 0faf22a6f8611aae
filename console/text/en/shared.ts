import { CODE } from '#firmware-protocol';
import type { Stage } from '../../fleet/command.ts';
import type { Obstacle } from '../../fleet/access.ts';
import type { Presence } from '../../fleet/presence.ts';
import type { Role } from '#broker/contract/session.ts';
import type { PresenceFilter, Sort } from '../../fleet/list.ts';

const count = new Intl.NumberFormat('en');

const devices = (n: number): string => (n === 1 ? '1 device' : `${count.format(n)} devices`);

/** What the numbers mean that a device or the hub gives as a reason. */
const code: Record<number, string> = {
  [CODE.unknown]: 'unknown error',
  [CODE.invalid]: 'value not valid',
  [CODE.expired]: 'too late',
  [CODE.notFound]: 'no such property or device',
  [CODE.denied]: 'not permitted',
  [CODE.busy]: 'busy',
  [CODE.precondition]: 'its state had changed',
  [CODE.aborted]: 'aborted',
  [CODE.range]: 'out of range',
  [CODE.unimplemented]: 'not supported',
  [CODE.internal]: 'fault in the device',
  [CODE.unavailable]: 'not available',
};

const stage: Record<Stage, string> = {
  asked: 'Asking the hub',
  created: 'Waiting to be sent',
  sent: 'Sent to the device',
  accepted: 'Accepted',
  progress: 'In progress',
  done: 'Done',
  failed: 'Failed',
  rejected: 'Refused',
  expired: 'Expired',
  timedOut: 'Timed out',
  unknown: 'Outcome unknown',
  cancelled: 'Cancelled',
  unsent: 'Not sent',
  unheard: 'No answer',
};

const presence: Record<Presence, string> = {
  online: 'Online',
  sleeping: 'Asleep',
  updating: 'Updating',
  awaited: 'Reconnecting',
  offline: 'Offline',
  never: 'Never connected',
};

const obstacle: Record<Obstacle, string> = {
  viewer: 'You may look, but not switch: your role is viewer.',
  link: 'The link to the hub is down. What you see is from before.',
  never: 'This device has never connected.',
};

const role: Record<Role, string> = { viewer: 'Viewer', operator: 'Operator', admin: 'Administrator' };

const presenceFilter: Record<PresenceFilter, string> = {
  any: 'All',
  online: 'Online',
  offline: 'Offline',
  twice: 'Used twice',
};

const sort: Record<Sort, string> = {
  name: 'Name',
  place: 'Place',
  model: 'Model',
  presence: 'Presence',
  seen: 'Last seen',
};

/** The words for false and true, by the class hint of a property. True is what the class names, or open. */
const boolByClass: Record<string, readonly [string, string]> = {
  door: ['Closed', 'Open'],
  window: ['Closed', 'Open'],
  valve: ['Closed', 'Open'],
  opening: ['Closed', 'Open'],
  motion: ['Clear', 'Motion'],
  occupancy: ['Clear', 'Occupied'],
  smoke: ['Clear', 'Smoke'],
  moisture: ['Dry', 'Wet'],
  problem: ['OK', 'Problem'],
  lock: ['Unlocked', 'Locked'],
};

const lasting = { second: 's', minute: 'min', hour: 'h', day: 'd' };

/** English, for every page. */
export const shared = {
  name: 'Switchyard',
  trying: 'Signing in',
  skipToContent: 'Skip to content',
  code,
  stage,
  presence,
  obstacle,
  role,
  devices,
  count: (n: number) => count.format(n),
  codeNumber: (n: number) => `code ${n}`,
  time: {
    now: 'now',
    ...lasting,
    inZone: (moment: string, zone: string) => `${moment} (${zone})`,
    ago: (duration: string) => (duration === 'now' ? 'just now' : `${duration} ago`),
  },
  value: {
    none: '–',
    noBytes: 'empty',
    bool: ['Off', 'On'] as readonly [string, string],
    boolByClass,
  },
  theme: { label: 'Appearance', system: 'System', light: 'Light', dark: 'Dark' },
  copy: { copy: 'Copy', copied: 'Copied' },
  account: { label: 'Account', open: 'Account and sessions', signOut: 'Sign out' },
  link: {
    label: 'Link to the hub',
    up: (over: string) => `Connected over ${over}`,
    connecting: 'Connecting',
    lost: 'Link lost',
    lostSince: (duration: string) => `Link lost ${duration} ago.`,
    nextTry: (duration: string) => `Next try in ${duration}.`,
    tryingNow: 'Trying now.',
    stale: 'Values are from before.',
    tryNow: 'Try now',
    address: 'Address',
    rate: 'Messages',
    perSecond: (rate: string) => `${rate}/s`,
    roundTrip: 'Round trip',
    milliseconds: (ms: string) => `${ms} ms`,
    unencrypted: 'Not encrypted: fine on this machine only.',
  },
  fleet: {
    title: 'Fleet',
    loading: 'Waiting for the fleet',
    online: (n: number) => `${count.format(n)} online`,
    shown: (n: number) => `${count.format(n)} shown`,
    search: 'Search name, place, model, tag',
    searchShort: 'Search',
    presenceFilter: 'Presence',
    filters: presenceFilter,
    model: 'Model',
    anyModel: 'All models',
    label: 'Tag or group',
    anyLabel: 'All tags and groups',
    tags: 'Tags',
    groups: 'Groups',
    tagNamed: (name: string) => `${name} (tag)`,
    groupNamed: (name: string) => `${name} (group)`,
    select: (device: string) => `Select ${device}`,
    selectAll: 'Select all that are shown',
    selected: (n: number) => (n === 1 ? '1 device selected' : `${count.format(n)} devices selected`),
    sortBy: 'Sort by',
    sort,
    device: 'Device',
    control: 'Control',
    reading: 'Reading',
    nothing: 'No device matches.',
    showAll: 'Show all',
    add: 'Add device',
  },
  control: {
    waitingFor: (value: string) => `Waiting for ${value}`,
    waiting: 'Waiting for the device',
    by: (who: string) => `by ${who}`,
    you: 'you',
    progress: (pct: number) => `${pct} %`,
    keptFor: (value: string) => `${value} will be set when the device is back`,
    waitsUntil: (value: string, moment: string) => `${value} waits for the device until ${moment}`,
    command: 'This',
    withdraw: 'Withdraw',
    confirmed: 'Confirmed by the device',
  },
  confirm: {
    set: (device: string, label: string, value: string) => `Set ${label} of ${device} to ${value}?`,
    run: (device: string, label: string) => `Run “${label}” on ${device}?`,
    detail: 'The device asks for a second look before this.',
    yes: 'Go ahead',
    no: 'Cancel',
  },
  wait: {
    title: (device: string, what: string) => `${what}: have it wait for ${device}?`,
    detail: (presence: string) =>
      `${presence}. The command is sent as soon as the device is back, and never after the time chosen here.`,
    withdrawLater: 'Until it is sent, you can withdraw it.',
    refuse: 'Do not send',
    upTo: (duration: string) => `Wait up to ${duration}`,
  },
  flapping: (times: number) => `Lost ${times} times in 10 min`,
  flaps: (times: number) => `↯ ${times}`,
  twice: 'Two programs use this device’s credential',
  twiceMark: '2×',
  trouble: 'The hub is not well',
  commands: {
    assignment: (label: string, value: string) => `${label} → ${value}`,
    action: (op: number) => `Action ${op}`,
    outcome: (command: string, outcome: string) => `${command}: ${outcome}`,
    dismiss: 'Dismiss',
    property: (pid: number) => `Property ${pid}`,
  },
  pages: {
    label: 'Pages',
    fleet: 'Fleet',
    batches: 'Batches',
    schedules: 'Schedules',
    access: 'Access',
  },
  nowhere: { title: 'Nothing here', back: 'Go to the fleet' },
};
