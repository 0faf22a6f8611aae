import type { DeviceRecord, GroupRecord, RegistryStore } from '../registry.ts';
import { credentialTable } from './credentials.ts';
import type { Database } from './database.ts';
import type { InSync } from './operations.ts';
import { Table } from './table.ts';

/** Tags are kept as a JSON list. */
type DeviceRow = Omit<DeviceRecord, 'tags'> & { readonly tags: string };

export function registryTables(db: Database): InSync<RegistryStore> {
  const device = new Table<DeviceRow>(
    db,
    'device',
    { id: true, name: true, place: true, tags: true, createdAt: true },
    ['id'],
  );
  const group = new Table<GroupRecord>(db, '"group"', { name: true, selection: true }, ['name']);
  const credential = credentialTable(db);
  const isThere = (id: string): boolean => db.one('SELECT 1 FROM device WHERE id = ?', id) !== undefined;

  return {
    devices: () => db.all<DeviceRow>(`SELECT ${device.columns} FROM device ORDER BY id`).map(fromRow),
    device(id) {
      const row = db.one<DeviceRow>(`SELECT ${device.columns} FROM device WHERE id = ?`, id);
      return row && fromRow(row);
    },
    createDevices(devices, credentials = []) {
      const taken = devices.map(({ id }) => id).filter(isThere);
      if (taken.length > 0) return taken;
      for (const each of devices) device.save({ ...each, tags: JSON.stringify(each.tags) });
      for (const each of credentials) credential.save(each);
      return [];
    },
    labelDevice(id, { name = null, place = null, tags }) {
      const row = db.one<Pick<DeviceRow, 'name' | 'place' | 'tags'>>(
        `UPDATE device SET name = coalesce(?, name), place = coalesce(?, place), tags = coalesce(?, tags)
          WHERE id = ? RETURNING name, place, tags`,
        name,
        place,
        tags ? JSON.stringify(tags) : null,
        id,
      );
      return row && fromRow(row);
    },
    removeDevice: (id) => db.run('DELETE FROM device WHERE id = ?', id) > 0,

    groups: () => db.all<GroupRecord>(`SELECT ${group.columns} FROM "group" ORDER BY name`),
    saveGroup: (record) => group.save(record),
    removeGroup: (name) => db.run('DELETE FROM "group" WHERE name = ?', name) > 0,
  };
}

const fromRow = <T extends { readonly tags: string }>(
  row: T,
): Omit<T, 'tags'> & Pick<DeviceRecord, 'tags'> => ({
  ...row,
  tags: JSON.parse(row.tags) as readonly string[],
});
