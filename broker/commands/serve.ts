import { loadSettings, type SettingsFlags } from '../config/settings.ts';
import { DataFolder } from '../config/data-folder.ts';
import { isLoopback } from '../config/network.ts';
import { startHub, type Hub } from '../hub.ts';
import { createLog, type Log } from '../log/log.ts';
import { SqliteStore, STORE_FILE } from '../store/sqlite/sqlite-store.ts';
import { ownFiles } from '../tls/certificate-source.ts';
import { CA } from '../tls/local-certificate.ts';
import { ADDRESS_FILE, howToSignIn } from './console-address.ts';
import { lastResort } from './last-resort.ts';
import { firstSignInLink } from './people.ts';

/** How long an orderly end may take, in ms. */
const CLOSE_TIMEOUT = 10_000;

/** What a process that started the hub with an IPC channel is told once it serves. */
export interface HubReady {
  readonly type: 'ready';
  readonly httpsPort: number;
  readonly httpPort: number;
  /** How this machine reaches the plain listener. */
  readonly plainHost: string;
  /** Where people find the console. */
  readonly url: string;
  /** A link for the first administrator, who has no password yet. */
  readonly signInLink?: string;
  /** File of the local authority, where the hub has one. */
  readonly ca?: string;
  /** SHA-256 of the authority's certificate, or of the one that the hub was given. */
  readonly fingerprint: string;
}

/** Runs a hub until SIGINT or SIGTERM. */
export async function serve(flags: SettingsFlags): Promise<void> {
  const settings = loadSettings(flags);
  const log = createLog(settings.log);
  const hub = await startHub(settings, log);
  const end = ending(hub, log);
  endOnSignal(end);
  lastResort(log, () => {
    process.exitCode = 1;
    end('there is no telling what is left undone');
  });

  const folder = new DataFolder(settings.data);
  const { url, httpsPort, httpPort } = hub;
  folder.write(ADDRESS_FILE, `${url}\n`, { secret: false });
  const link = await linkForTheFirst(folder.file(STORE_FILE), url);
  const plainHost = hostOfPlain(settings.http.host);
  const given = ownFiles(settings);
  if (process.send) {
    const ready: HubReady = {
      type: 'ready',
      httpsPort,
      httpPort,
      plainHost,
      url,
      fingerprint: hub.fingerprint,
      ...(link !== undefined && { signInLink: link }),
      ...(!given && { ca: folder.file(CA.cert) }),
    };
    process.send(ready);
    return;
  }
  const plain = `${plainHost}:${httpPort}`;
  const who = isLoopback(settings.http.host)
    ? 'from this machine only'
    : 'from this machine and trusted proxies';
  const [label, file] = given ? ['Certificate', given.certificate] : ['Local CA   ', folder.file(CA.cert)];
  process.stdout.write(
    [
      '',
      `  Console      ${link ?? url}`,
      `               ${howToSignIn(link, settings.data)}`,
      `  Devices      ${url.replace('https:', 'wss:')}/mqtt`,
      `  Plain        http://${plain} and ws://${plain}/mqtt, ${who}`,
      `  ${label}  ${file}`,
      `               SHA-256 ${hub.fingerprint}`,
      '',
      '',
    ].join('\n'),
  );
}

/** The name by which this machine reaches the plain listener. */
function hostOfPlain(host: string): string {
  if (host === '127.0.0.1' || host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

async function linkForTheFirst(storeFile: string, url: string): Promise<string | undefined> {
  const store = new SqliteStore(storeFile);
  try {
    return await firstSignInLink(store, url, Date.now());
  } finally {
    await store.close();
  }
}

/** Ends a hub in good order, once, whoever asks and how often. */
function ending(hub: Hub, log: Log): (cause: string) => void {
  let begun = false;
  return (cause) => {
    if (begun) return;
    begun = true;
    log.info(`${cause}: telling all links and closing the store`);
    const giveUp = setTimeout(() => {
      log.error(`not done after ${CLOSE_TIMEOUT / 1_000} s; leaving`);
      process.exit(1);
    }, CLOSE_TIMEOUT);
    hub.close().then(
      () => {
        clearTimeout(giveUp);
        log.info('closed');
        if (process.connected) process.disconnect();
      },
      (error: unknown) => {
        log.error('could not close in good order', error);
        process.exit(1);
      },
    );
  };
}

function endOnSignal(end: (cause: string) => void): void {
  // A terminal signals the whole process group and a supervisor signals again: the second one changes nothing.
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  process.on('SIGHUP', end);
  process.on('disconnect', () => end('the process that started this hub has gone'));
}
