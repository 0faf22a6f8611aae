import { randomBytes } from 'node:crypto';
import { readCredentials } from './credentials.ts';
import { Fleet } from './fleet.ts';
import type { SimulatorOptions } from './options.ts';
import { openRecord } from './record.ts';
import { farewell, summaryLine } from './summary.ts';
import { readTrust } from './trust.ts';
import { UserError } from './user-error.ts';

/** What a shell reports of a program that an interrupt ended. */
const INTERRUPTED = 130;
/** Signals this close together are one: a terminal signals the whole group, and a supervisor again. In ms. */
const SAME_SIGNAL = 500;

/**
 * Runs a fleet until a signal, the given duration or a reason to give up ends it. Summaries go to standard output.
 * @param say tells people one line of what is wrong
 * @throws UserError
 */
export async function simulate(options: SimulatorOptions, say: (line: string) => void): Promise<void> {
  const { tenant, devices: known } = await readCredentials(options.credentials);
  const wanted = options.devices ?? known.length;
  if (wanted > known.length) {
    const has = `${options.credentials} has ${known.length}`;
    throw new UserError(
      `--devices ${wanted} is more than there are: ${has}; ask for fewer or add credentials`,
    );
  }
  const trust = await readTrust(options.ca);
  const ended = Promise.withResolvers<void>();
  const fleet = new Fleet({
    ...options,
    record: options.record === undefined ? undefined : openRecord(options.record),
    hub: { url: options.url, tenant, trust },
    devices: known.slice(0, wanted),
    boot: randomBytes(4).readUInt32BE(),
    say,
    giveUp: ended.reject,
  });

  let stoppedAt: number | undefined;
  const onSignal = (): void => {
    const now = performance.now();
    if (stoppedAt !== undefined && now - stoppedAt > SAME_SIGNAL) process.exit(INTERRUPTED);
    stoppedAt ??= now;
    ended.resolve();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal);
  // Whoever started this with a channel has gone.
  process.on('disconnect', onSignal);
  if (options.durationMs !== undefined) setTimeout(onSignal, options.durationMs).unref();

  const startedAt = performance.now();
  let before = { at: startedAt, sent: 0 };
  const summary = setInterval(() => {
    const at = performance.now();
    const line = summaryLine(
      fleet.standing(),
      fleet.tally,
      fleet.tally.sent - before.sent,
      (at - before.at) / 1_000,
    );
    process.stdout.write(`${line}\n`);
    before = { at, sent: fleet.tally.sent };
  }, options.summaryMs);

  fleet.start();
  try {
    await ended.promise;
  } finally {
    clearInterval(summary);
    await fleet.stop();
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  process.stdout.write(`${farewell(fleet.standing(), fleet.tally, seconds)}\n`);
  if (process.connected) process.disconnect();
}
