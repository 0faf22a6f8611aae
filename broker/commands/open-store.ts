import { loadKeys, type HubKeys } from '../auth/keys.ts';
import { DataFolder } from '../config/data-folder.ts';
import { loadSettings, type Settings, type SettingsFlags } from '../config/settings.ts';
import { SqliteStore, STORE_FILE } from '../store/sqlite/sqlite-store.ts';
import type { Store } from '../store/store.ts';

/** What a command works on: the same folder that a hub uses, which may be running meanwhile. */
export interface CommandContext {
  readonly settings: Settings;
  readonly folder: DataFolder;
  readonly store: Store;
  readonly keys: HubKeys;
}

/** Opens the data folder for one command, and closes it whatever happens. */
export async function withStore<T>(
  flags: SettingsFlags,
  work: (context: CommandContext) => Promise<T>,
): Promise<T> {
  const settings = loadSettings(flags);
  const folder = new DataFolder(settings.data);
  const keys = loadKeys(folder);
  const store = new SqliteStore(folder.file(STORE_FILE));
  try {
    return await work({ settings, folder, store, keys });
  } finally {
    await store.close();
  }
}
