import { loadSettings, type SettingsFlags } from '../config/settings.ts';
import { DataFolder } from '../config/data-folder.ts';
import { startHub, type Hub } from '../hub.ts';
import { createLog, type Log } from '../log/log.ts';
import { SqliteStore, STORE_FILE } from '../store/sqlite/sqlite-store.ts';
import { ADDRESS_FILE, howToSignIn } from './console-address.ts';
import { firstSignInLink } from './people.ts';

/** How long an orderly end may take, in ms. */
const CLOSE_TIMEOUT = 10_000;

/** What a process that started the hub with an IPC channel is told once it serves. */
export interface HubReady {
  readonly type: 'ready';
  readonly httpsPort: number;
  readonly httpPort: number;
  /** Where people find the console. */
  readonly url: string;
  /** A link for the first administrator, who has no password yet. */
  readonly signInLink?: string;
  readonly ca: string;
}

/** Runs a hub until SIGINT or SIGTERM. */
export async function serve(flags: SettingsFlags): Promise<void> {
  const settings = loadSettings(flags);
  const log = createLog(settings.log);
  const hub = await startHub(settings, log);
  endOnSignal(hub, log);

  const folder = new DataFolder(settings.data);
  const url = `https://localhost:${hub.httpsPort}`;
  folder.write(ADDRESS_FILE, `${url}\n`, { secret: false });
  const link = await linkForTheFirst(folder.file(STORE_FILE), url);
  const ca = folder.file('ca.pem');
  if (process.send) {
    const ready: HubReady = {
      type: 'ready',
      httpsPort: hub.httpsPort,
      httpPort: hub.httpPort,
      url,
      ...(link !== undefined && { signInLink: link }),
      ca,
    };
    process.send(ready);
    return;
  }
  process.stdout.write(
    [
      '',
      `  Console    ${link ?? url}`,
      `             ${howToSignIn(link)}`,
      `  Devices    wss://localhost:${hub.httpsPort}/mqtt`,
      `  Plain      http://localhost:${hub.httpPort} and ws://localhost:${hub.httpPort}/mqtt, from this machine only`,
      `  Local CA   ${ca}`,
      '',
      '',
    ].join('\n'),
  );
}

async function linkForTheFirst(storeFile: string, url: string): Promise<string | undefined> {
  const store = new SqliteStore(storeFile);
  try {
    return await firstSignInLink(store, url, Date.now());
  } finally {
    await store.close();
  }
}

function endOnSignal(hub: Hub, log: Log): void {
  let ending = false;
  const end = (cause: string): void => {
    if (ending) return;
    ending = true;
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
  // A terminal signals the whole process group and a supervisor signals again: the second one changes nothing.
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  process.on('SIGHUP', end);
  process.on('disconnect', () => end('the process that started this hub has gone'));
}
