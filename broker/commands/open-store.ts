import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DeviceAccess } from '../auth/devices.ts';
import { HubKeys } from '../auth/keys.ts';
import { DataFolder, RESTORING } from '../config/data-folder.ts';
import { loadSettings, type Settings, type SettingsFlags } from '../config/settings.ts';
import { StartError } from '../config/start-error.ts';
import { SqliteStore, STORE_FILE } from '../store/sqlite/sqlite-store.ts';

/** What a command works on: the same folder that a hub uses, which may be running meanwhile. */
export interface CommandContext extends DeviceAccess {
  readonly settings: Settings;
  readonly folder: DataFolder;
}

/**
 * Opens the data folder for one command, and closes it whatever happens.
 * @param options.mayMake whether a folder without a store gets one
 * @throws StartError where there is no store and none may be made; then the folder is as it was
 */
export async function withStore<T>(
  flags: SettingsFlags,
  work: (context: CommandContext) => Promise<T>,
  { mayMake = false } = {},
): Promise<T> {
  const settings = loadSettings(flags);
  if (!mayMake) requireStore(settings.data);
  const folder = new DataFolder(settings.data);
  const keys = await HubKeys.load(folder);
  const store = new SqliteStore(folder.file(STORE_FILE));
  try {
    return await work({ settings, tenant: settings.tenant, folder, store, keys });
  } finally {
    await store.close();
  }
}

/** A restore that was cut short may have left the folder without one, and is told as what it is. */
function requireStore(data: string): void {
  if (existsSync(join(data, STORE_FILE)) || existsSync(join(data, RESTORING))) return;
  throw noStoreIn(data);
}

export const noStoreIn = (data: string): StartError =>
  new StartError(`there is no store in ${data}`, 'name a data folder with --data');
