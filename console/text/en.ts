import { CODE } from '#firmware-protocol';
import type { RequestFailure } from '../session/api.ts';
import type { Stage } from '../fleet/command.ts';
import type { Obstacle } from '../fleet/access.ts';
import type { Presence } from '../fleet/presence.ts';
import type { Role } from '#broker/contract/session.ts';
import type { PresenceFilter, Sort } from '../fleet/list.ts';

const count = new Intl.NumberFormat('en');

const devices = (n: number): string => (n === 1 ? '1 device' : `${count.format(n)} devices`);

const requestFailure: Record<RequestFailure, string> = {
  bad_request: 'The hub did not accept this code. Check that all of it was copied.',
  sign_in_code_unknown: 'This code has been used, has expired, or was never made. Print a fresh one.',
  session_expired: 'Your session has ended. Sign in with a fresh link.',
  origin_not_allowed: 'The hub does not allow this address. Add it to "origins" in the hub’s settings.',
  not_found: 'The hub does not know this request. Console and hub may be of different versions.',
  too_large: 'This code is too long. Check what was copied.',
  internal: 'Something failed inside the hub. Its log says what.',
  unreachable: 'The hub cannot be reached. Is it running?',
  not_understood: 'The hub’s answer was not understood. Console and hub may be of different versions.',
};

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
  unsent: 'Not sent',
  unheard: 'No answer',
};

const presence: Record<Presence, string> = {
  online: 'Online',
  sleeping: 'Asleep',
  updating: 'Updating',
  offline: 'Offline',
  never: 'Never connected',
};

const obstacle: Record<Obstacle, (since?: string) => string> = {
  viewer: () => 'You may look, but not switch: your role is viewer.',
  link: () => 'The link to the hub is down. What you see is from before.',
  never: () => 'This device has never connected.',
  offline: (since) => `Offline${since ? ` since ${since}` : ''}. Commands are refused while it is offline.`,
};

const role: Record<Role, string> = { viewer: 'Viewer', operator: 'Operator', admin: 'Administrator' };

const presenceFilter: Record<PresenceFilter, string> = { any: 'All', online: 'Online', offline: 'Offline' };

const sort: Record<Sort, string> = {
  name: 'Name',
  place: 'Place',
  model: 'Model',
  presence: 'Presence',
  seen: 'Last seen',
};

const boolByClass: Record<string, readonly [string, string]> = {
  door: ['Closed', 'Open'],
  window: ['Closed', 'Open'],
  valve: ['Closed', 'Open'],
  opening: ['Closed', 'Open'],
  motion: ['Clear', 'Motion'],
  occupancy: ['Clear', 'Occupied'],
  presence: ['Away', 'Present'],
  smoke: ['Clear', 'Smoke'],
  moisture: ['Dry', 'Wet'],
  problem: ['OK', 'Problem'],
  lock: ['Locked', 'Unlocked'],
};

const lasting = { second: 's', minute: 'min', hour: 'h', day: 'd' };

/** English. A second language is another object of this shape. */
export const en = {
  name: 'Switchyard',
  skipToContent: 'Skip to content',
  requestFailure,
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
    ago: (duration: string) => (duration === 'now' ? 'just now' : `${duration} ago`),
  },
  value: {
    none: '–',
    noBytes: 'empty',
    bool: ['Off', 'On'] as readonly [string, string],
    boolByClass,
  },
  theme: { label: 'Appearance', system: 'System', light: 'Light', dark: 'Dark' },
  account: { label: 'Account', signOut: 'Sign out' },
  signIn: {
    title: 'Sign in',
    trying: 'Signing in',
    lead: 'Sign in with a one-time link. Print a fresh one where the hub runs:',
    command: 'npm run hub -- sign-in-link',
    after: 'Open the link in this browser, or paste it, or its code, here.',
    field: 'Link or code',
    submit: 'Sign in',
    retry: 'Try again',
  },
  link: {
    label: 'Link to the hub',
    up: (over: string) => `Connected over ${over}`,
    connecting: 'Connecting',
    lost: 'Link lost',
    lostSince: (duration: string) => `Link lost ${duration} ago`,
    nextTry: (duration: string) => `next try in ${duration}`,
    tryingNow: 'trying now',
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
    search: 'Search name, place, model',
    presenceFilter: 'Presence',
    filters: presenceFilter,
    model: 'Model',
    anyModel: 'All models',
    sortBy: 'Sort by',
    sort,
    ascending: 'Ascending',
    descending: 'Descending',
    device: 'Device',
    control: 'Control',
    reading: 'Reading',
    nothing: 'No device matches.',
    showAll: 'Show all',
  },
  device: {
    back: 'Fleet',
    unknown: (id: string) => `There is no device “${id}”.`,
    presenceSince: (state: string, since: string) => `${state} since ${since}`,
    lastSeen: 'Last seen',
    model: 'Model',
    firmware: 'Firmware',
    id: 'Id',
    place: 'Place',
    controls: 'Controls',
    readings: 'Readings',
    settings: 'Settings',
    diagnostics: 'Diagnostics',
    undescribed: 'Without description',
    undescribedHint: 'The device reports these, but its description does not name them.',
    noDescription: 'This device has not described itself yet, so there is nothing to operate.',
    property: (pid: number) => `Property ${pid}`,
  },
  control: {
    waitingFor: (value: string) => `Waiting for ${value}`,
    waiting: 'Waiting for the device',
    by: (who: string) => `by ${who}`,
    you: 'you',
    progress: (pct: number) => `${pct} %`,
    confirmed: 'Confirmed by the device',
    differs: (value: string) => `Changed at the device; desired is ${value}`,
    range: (low: string, high: string, unit: string) => `${low} to ${high}${unit ? ` ${unit}` : ''}`,
    persistent: 'Kept by the device',
    confirmFirst: 'Asks before it happens',
    set: 'Set',
    increase: (label: string) => `Increase ${label}`,
    decrease: (label: string) => `Decrease ${label}`,
    outOfRange: (low: string, high: string) => `Must be from ${low} to ${high}`,
    tooLong: (bytes: number) => `At most ${bytes} bytes`,
  },
  confirm: {
    set: (device: string, label: string, value: string) => `Set ${label} of ${device} to ${value}?`,
    run: (device: string, label: string) => `Run “${label}” on ${device}?`,
    detail: 'The device asks for a second look before this.',
    yes: 'Go ahead',
    no: 'Cancel',
  },
  chart: {
    title: 'Live',
    since: 'Readings since this page was opened',
    range: 'Range',
    ranges: { 60: '1 min', 300: '5 min', 900: '15 min', 3600: '1 h' } as Record<number, string>,
    series: 'Readings shown',
    waiting: 'Waiting for the first reading',
    label: (names: string) => `Line chart of ${names}`,
  },
  commands: {
    title: 'Commands',
    none: 'None since this page was opened.',
    assignment: (label: string, value: string) => `${label} → ${value}`,
    action: (op: number) => `Action ${op}`,
    outcome: (command: string, outcome: string) => `${command}: ${outcome}`,
    dismiss: 'Dismiss',
  },
  desired: {
    title: 'Desired and reported',
    property: 'Setting',
    desired: 'Desired',
    reported: 'Reported',
    standing: 'Standing',
    inSync: 'In step',
    waiting: 'Waiting',
    differs: 'Differs',
    failed: 'Failed',
    none: 'Not set',
    setAgain: 'Set again',
    version: (applied: number, wanted: number) => `Version ${applied} of ${wanted} applied`,
    writtenBy: (who: string) => `last written by ${who}`,
  },
  connect: {
    firstTitle: 'No devices yet',
    firstLead: 'A device needs an entry here and a secret of its own. Create one where the hub runs:',
    createCommand: 'npm run hub -- device create kitchen-lamp',
    secretOnce: 'This prints its secret once. Then connect with it:',
    deviceTitle: 'Connect this device',
    deviceLead: 'It exists, but has never connected. With the secret that was printed when it was created:',
    hint: 'Either program is a whole device: a lamp that can be switched. It appears here as soon as it connects.',
    simulator: 'Or start a simulated fleet:',
    simulatorCommand: 'npm run sim',
    language: 'Language',
    copy: 'Copy',
    copied: 'Copied',
  },
  nowhere: { title: 'Nothing here', back: 'Go to the fleet' },
};
