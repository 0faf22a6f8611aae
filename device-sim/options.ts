import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { KINDS } from './kinds/index.ts';
import { UserError } from './user-error.ts';

export interface SimulatorOptions {
  readonly url: string;
  /** How many of the credentials to use; undefined is all. */
  readonly devices: number | undefined;
  readonly credentials: string;
  /** Path of a PEM file. */
  readonly ca: string | undefined;
  readonly seed: number;
  readonly intervalMs: number;
  /** Connections opened per second. */
  readonly ramp: number;
  /** Longest wait between attempts to connect, in ms. */
  readonly longestWaitMs: number;
  readonly summaryMs: number;
  readonly durationMs: number | undefined;
  /** The kind of devices whose credentials name none; undefined lets all kinds take turns. */
  readonly kind: string | undefined;
  /** Path of a file that lists what devices do. */
  readonly record: string | undefined;
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

function hubUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null) throw new InvalidArgumentError('It is not a URL such as wss://localhost:8443/mqtt.');
  if (url.username !== '' || url.password !== '') {
    throw new InvalidArgumentError('Credentials do not belong in the URL; use --credentials.');
  }
  if (url.protocol === 'wss:' || (url.protocol === 'ws:' && LOOPBACK.has(url.hostname))) return url.href;
  throw new InvalidArgumentError('It must begin with wss:// (ws:// only to this machine).');
}

function positive(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) {
    throw new InvalidArgumentError('It must be a number above 0.');
  }
  return value;
}

function whole(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0) {
    throw new InvalidArgumentError('It must be a whole number from 0.');
  }
  return value;
}

function count(text: string): number {
  const value = whole(text);
  if (value === 0) throw new InvalidArgumentError('It must be at least 1.');
  return value;
}

interface Parsed {
  url: string;
  devices?: number;
  credentials: string;
  ca?: string;
  seed: number;
  interval: number;
  ramp: number;
  longestWait: number;
  summary: number;
  duration?: number;
  kind?: string;
  record?: string;
}

/**
 * Reads the command line (without node and script), with environment variables where options are absent.
 * @returns undefined when help was asked for, and given
 * @throws UserError
 */
export function parseOptions(argv: readonly string[]): SimulatorOptions | undefined {
  const program = new Command('device-sim')
    .description('Simulated devices that connect to a Switchyard hub and do what they are told.')
    .addOption(
      new Option('--url <url>', 'where the hub listens')
        .env('SWITCHYARD_URL')
        .default('wss://localhost:8443/mqtt')
        .argParser(hubUrl),
    )
    .addOption(
      new Option('--credentials <file>', 'JSON file of devices and their secrets')
        .env('SWITCHYARD_CREDENTIALS')
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--devices <n>', 'use the first n devices of the file (default: all)').argParser(count),
    )
    .addOption(
      new Option('--ca <file>', 'PEM file of the authority to trust (default: those of the system)').env(
        'SWITCHYARD_CA',
      ),
    )
    .addOption(new Option('--seed <n>', 'same seed, same behaviour').default(1).argParser(whole))
    .addOption(new Option('--interval <s>', 'seconds between readings').default(1).argParser(positive))
    .addOption(new Option('--ramp <n>', 'connections opened per second').default(100).argParser(positive))
    .addOption(
      new Option('--longest-wait <s>', 'most seconds between attempts to connect')
        .default(30)
        .argParser(positive),
    )
    .addOption(new Option('--summary <s>', 'seconds between summary lines').default(5).argParser(positive))
    .addOption(new Option('--duration <s>', 'stop after this many seconds').argParser(positive))
    .addOption(
      new Option(
        '--kind <kind>',
        'what devices are whose credentials do not say (default: in turns)',
      ).choices(KINDS.map(({ name }) => name)),
    )
    .addOption(new Option('--record <file>', 'add a line of JSON for each thing that a device does'))
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    throw new UserError(`${error.message.replace(/^error: /, '')} (--help lists the options)`);
  }
  const options = program.opts<Parsed>();
  const { url, devices, credentials, ca, seed, interval, ramp, longestWait, summary, duration } = options;
  return {
    url,
    devices,
    credentials,
    ca,
    seed,
    intervalMs: 1_000 * interval,
    ramp,
    longestWaitMs: 1_000 * longestWait,
    summaryMs: 1_000 * summary,
    durationMs: duration === undefined ? undefined : 1_000 * duration,
    kind: options.kind,
    record: options.record,
  };
}
