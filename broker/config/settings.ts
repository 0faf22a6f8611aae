import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import * as z from 'zod';
import { isId } from '#firmware-protocol';
import { limitsSchema } from './limits.ts';
import { isLoopback, networkFault } from './network.ts';
import { StartError } from './start-error.ts';

/** The settings file, in the data folder unless `--config` names another. */
export const SETTINGS_FILE = 'switchyard.toml';

const port = z.int().min(0).max(65_535);

const origin = z.string().refine((text) => URL.canParse(text) && new URL(text).origin === text, {
  error: 'must be an origin such as "https://hub.example:8443"',
});

/** What a certificate and an origin can name: an address without a zone, or a host in ASCII. */
export const isHost = (text: string): boolean =>
  isIP(text) > 0 ? !text.includes('%') : /^[a-z0-9_*.-]+$/i.test(text) && URL.canParse(`https://${text}`);

const host = z.string().refine(isHost, {
  error: 'must be a host name such as "hub.example" or an IP address, without a port',
});

const network = z.string().superRefine((text, context) => {
  const message = networkFault(text);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

/** What can be set, with its default. */
export const settingsSchema = z.strictObject({
  /** The first level below `iot/1/` in every topic. */
  tenant: z.string().refine(isId, { error: 'must be 1 to 32 of a–z, 0–9, "_" and "-"' }).default('home'),
  https: z
    .strictObject({
      host: z.string().optional(),
      port: port.default(8443),
      /** Files of a certificate that the hub is given, with its chain, and of the key to it. */
      certificate: z.string().min(1).optional(),
      key: z.string().min(1).optional(),
    })
    .prefault({}),
  /** The plain listener. */
  http: z
    .strictObject({
      host: z
        .string()
        .refine((text) => isIP(text) > 0, { error: 'must be an IP address' })
        .default('127.0.0.1'),
      port: port.default(8080),
    })
    .prefault({}),
  /** Addresses and networks of proxies in front of the hub, which are believed about whom they speak for. */
  trustProxy: z.array(network).default([]),
  /** More names and addresses for the hub's certificate, and so for its own origins. */
  names: z.array(host).default([]),
  /** Origins of other web pages that may connect. */
  origins: z.array(origin).default([]),
  /** How long what is kept is kept. */
  keep: z
    .strictObject({
      /** Telemetry as it came, as a bucket a minute, and as a bucket an hour. */
      rawHours: z.int().min(1).max(8_760).default(24),
      minuteDays: z.int().min(1).max(3_660).default(31),
      hourDays: z.int().min(1).max(36_600).default(366),
      /** Commands that are over, with batches and the runs of schedules. */
      commandDays: z.int().min(1).max(36_600).default(90),
      /** The timelines of devices. */
      eventDays: z.int().min(1).max(36_600).default(366),
      /** Who did what. */
      auditDays: z.int().min(1).max(36_600).default(366),
    })
    .prefault({}),
  log: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  limits: limitsSchema.prefault({}),
});

/** What has to be right of several settings together. */
const agreed = settingsSchema.superRefine(({ https, http, trustProxy, limits }, context) => {
  if (limits.headersMs > limits.requestMs) {
    const message = `a request may take ${limits.requestMs} ms ("requestMs"), and its headers are a part of it`;
    context.addIssue({ code: 'custom', path: ['limits', 'headersMs'], message });
  }
  for (const bytes of ['packetBytes', 'congestedBytes'] as const) {
    if (limits[bytes] < limits.outboundBytes) continue;
    const message = `must be less than "outboundBytes", ${limits.outboundBytes}, with which a link ends`;
    context.addIssue({ code: 'custom', path: ['limits', bytes], message });
  }
  for (const [given, missing] of [
    ['certificate', 'key'],
    ['key', 'certificate'],
  ] as const) {
    if (https[given] === undefined || https[missing] !== undefined) continue;
    const message = `https.${given} is set, and neither is of use without the other`;
    context.addIssue({ code: 'custom', path: ['https', missing], message });
  }
  if (!isLoopback(http.host) && trustProxy.length === 0) {
    const message = `what comes to ${http.host} is not encrypted: set "trustProxy" to the proxies that may connect there`;
    context.addIssue({ code: 'custom', path: ['http', 'host'], message });
  }
});

export type Settings = z.infer<typeof settingsSchema> & {
  /** Absolute path of the folder with all that the hub keeps. */
  readonly data: string;
};

/** What a command line or the environment may set; undefined where it did not. */
export interface SettingsFlags {
  data?: string | undefined;
  config?: string | undefined;
  port?: number | undefined;
  httpPort?: number | undefined;
  host?: string | undefined;
  httpHost?: string | undefined;
  certificate?: string | undefined;
  key?: string | undefined;
  trustProxy?: string[] | undefined;
  log?: string | undefined;
  origin?: string[] | undefined;
}

/**
 * Settings from flags, then the settings file, then defaults.
 * @throws StartError naming the file, the place in it and the mend
 */
export function loadSettings(flags: SettingsFlags): Settings {
  const data = resolve(flags.data ?? 'data');
  const file = flags.config === undefined ? join(data, SETTINGS_FILE) : resolve(flags.config);
  const written = readSettingsFile(file, flags.config !== undefined);
  const result = agreed.safeParse(overlay(written, flags));
  if (!result.success) throw explain(result.error, file);
  return { ...result.data, https: located(result.data.https, data), data };
}

/** What the settings file names is in the data folder, unless its path is absolute. */
function located({ certificate, key, ...https }: Settings['https'], data: string): Settings['https'] {
  return {
    ...https,
    ...(certificate !== undefined && { certificate: resolve(data, certificate) }),
    ...(key !== undefined && { key: resolve(data, key) }),
  };
}

function readSettingsFile(file: string, required: boolean): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!required && (code === 'ENOENT' || code === 'ENOTDIR')) return {};
    throw new StartError(
      `cannot read the settings file ${file} (${code})`,
      'check the path and its permissions',
    );
  }
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const what = error.message.split('\n', 1)[0]?.replace(/^Invalid TOML document: /, '');
    throw new StartError(
      `the settings file ${file} is not valid TOML, line ${error.line}, column ${error.column}: ${what}`,
      'mend that line, or move the file away to start with the defaults',
    );
  }
}

/** A section of the file under what flags say; a section that is none stays as it is, to be refused. */
function underFlags(section: unknown = {}, flags: Record<string, unknown>): unknown {
  const given = Object.entries(flags).filter(([, value]) => value !== undefined);
  if (given.length === 0 || typeof section !== 'object' || section === null) return section;
  return { ...section, ...Object.fromEntries(given) };
}

function overlay(written: Record<string, unknown>, flags: SettingsFlags): Record<string, unknown> {
  const { port, httpPort, host, httpHost, trustProxy, log, origin } = flags;
  // As with --data and --config, a path on a command line begins where the command is run.
  const [certificate, key] = [flags.certificate, flags.key].map((path) => path && resolve(path));
  return {
    ...written,
    ...(log !== undefined && { log }),
    ...(origin !== undefined && {
      origins: Array.isArray(written['origins'] ?? [])
        ? [...((written['origins'] as string[] | undefined) ?? []), ...origin]
        : written['origins'],
    }),
    ...(trustProxy !== undefined && { trustProxy }),
    https: underFlags(written['https'], { port, host, certificate, key }),
    http: underFlags(written['http'], { port: httpPort, host: httpHost }),
  };
}

const KINDS: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  array: 'a list',
  object: 'a section',
};

/** What a value must be, in words that do not speak of schemas. */
function faultOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return `must be ${KINDS[issue.expected] ?? issue.expected}`;
  if (issue.code === 'too_small' && isNumber(issue.origin)) return `must be at least ${issue.minimum}`;
  if (issue.code === 'too_big' && isNumber(issue.origin)) return `must be at most ${issue.maximum}`;
  return issue.message;
}

const isNumber = (origin: string): boolean => origin === 'number' || origin === 'int';

function explain(error: z.ZodError, file: string): StartError {
  const issue = error.issues[0];
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys.join(', ') : undefined;
  const path = issue?.path.join('.') ?? '';
  return new StartError(
    unknown === undefined
      ? `the setting ${path} is not right: ${issue && faultOf(issue)}`
      : `there is no setting ${path && `${path}.`}${unknown}`,
    `look it up in docs/settings.md, then mend ${file} or the flag`,
  );
}
