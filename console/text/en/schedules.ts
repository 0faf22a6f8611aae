import type { WhenForm } from '../../pages/schedules/when.ts';

const kind: Record<WhenForm['kind'], string> = {
  once: 'Once',
  daily: 'Every day',
  weekly: 'On weekdays',
  cron: 'Cron expression',
};

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** English, for schedules. */
export const schedules = {
  kind,
  days,
  title: 'Schedules',
  lead: 'What is done by itself, once or again and again. A run that was due while the hub was down is told as missed, and not made up for.',
  none: 'None yet.',
  loading: 'Waiting for the schedules',
  create: 'New schedule',
  edit: 'Edit',
  editTitle: 'Edit schedule',
  pause: 'Pause',
  resume: 'Resume',
  remove: 'Delete',
  removeTitle: (name: string) => `Delete “${name}”?`,
  removeDetail: 'Batches that it began go on.',
  save: 'Save',
  cancel: 'Cancel',
  several: 'It writes several properties at once, which this form cannot: use the API.',
  next: (moment: string) => `Next ${moment}`,
  paused: 'Paused',
  over: 'Over',
  runs: 'Last runs',
  outcome: { started: 'Started', missed: 'Missed', failed: 'Failed' },
  name: 'Name',
  when: 'When',
  moment: 'Day and time',
  time: 'Time',
  onDays: 'Days',
  cron: 'Minute, hour, day of month, month, day of week',
  zone: 'Time zone',
  here: (zone: string) => `In this browser’s time zone, ${zone}.`,
  target: 'For',
  everyone: 'All devices',
  theSelected: (devices: string) => `${devices}, as selected in the fleet`,
  listed: (devices: string) => `${devices}, as listed`,
  tag: (name: string) => `Tag ${name}`,
  group: (name: string) => `Group ${name}`,
  model: (name: string) => `Model ${name}`,
  matches: (devices: string) => `${devices} now`,
  nothingCommon: 'These devices have no control in common just now.',
  describe: {
    once: (moment: string) => `Once, ${moment}`,
    daily: (time: string, zone: string) => `Every day at ${time}, ${zone}`,
    weekly: (on: string, time: string, zone: string) => `${on} at ${time}, ${zone}`,
    cron: (cron: string, zone: string) => `${cron}, ${zone}`,
  },
};
