import type { BatchState, Outcome } from '../../fleet/batch.ts';

const outcome: Record<Outcome, string> = {
  done: 'Done',
  failed: 'Failed',
  unclear: 'Outcome unknown',
  cancelled: 'Cancelled',
  underway: 'Under way',
  waiting: 'Waiting',
};

const state: Record<BatchState, string> = {
  running: 'Running',
  done: 'Finished',
  stopped: 'Stopped',
  cancelled: 'Cancelled',
};

/** English, for batches: what was asked of many devices at once. */
export const batches = {
  outcome,
  state,
  among: {
    failed: (n: string) => `${n} failed`,
    unclear: (n: string) => `${n} unknown`,
  },
  title: 'Batches',
  lead: 'What was asked of many devices at once, the latest first.',
  none: 'None yet. Select devices in the fleet, or let a schedule do it.',
  older: 'Show older',
  back: 'Batches',
  loading: 'Waiting for the batch',
  by: (who: string) => `by ${who}`,
  all: 'All',
  outcomeFilter: 'Outcome',
  device: 'Device',
  reason: 'Outcome and reason',
  when: 'When',
  cancel: 'Cancel the rest',
  cancelTitle: (name: string) => `Cancel the rest of “${name}”?`,
  cancelDetail: 'What has been sent is done or fails as it will. The rest is never sent.',
  retry: (devices: string) => `Retry on ${devices}`,
  nothing: 'No device has this outcome.',
  progress: (done: string, all: string) => `${done} of ${all} over`,
};
