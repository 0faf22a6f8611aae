import type { ClaimRecord, CredentialRecord, CredentialStore, ServiceRecord } from '../credentials.ts';
import type { RegistryStore } from '../registry.ts';
import type { Database } from './database.ts';
import type { InSync } from './operations.ts';
import { signInCodeTable } from './sign-in-codes.ts';
import { Table, type Columns } from './table.ts';

/** Lists are kept as JSON. */
type ServiceRow = Omit<ServiceRecord, 'publish' | 'subscribe'> & {
  readonly publish: string;
  readonly subscribe: string;
};
type ClaimRow = Omit<ClaimRecord, 'tags'> & { readonly tags: string };

const CREDENTIAL: Columns<CredentialRecord> = {
  device: true,
  secretMac: true,
  publicKey: true,
  disabled: true,
  generation: true,
  changedAt: true,
  claim: true,
  model: true,
};

const SERVICE: Columns<ServiceRow> = {
  id: true,
  name: true,
  tokenMac: true,
  publish: true,
  subscribe: true,
  role: true,
  expiresAt: true,
  disabled: true,
  generation: true,
  createdAt: true,
  changedAt: true,
};

const CLAIM: Columns<ClaimRow> = {
  id: true,
  name: true,
  tokenMac: true,
  uses: true,
  left: true,
  expiresAt: true,
  model: true,
  place: true,
  tags: true,
  createdAt: true,
  createdBy: true,
};

/** The table of devices' credentials, which are made together with devices. */
export const credentialTable = (db: Database): Table<CredentialRecord> =>
  new Table<CredentialRecord>(db, 'credential', CREDENTIAL, ['device']);

export function credentialTables(
  db: Database,
  { createDevices }: Pick<InSync<RegistryStore>, 'createDevices'>,
): InSync<CredentialStore> {
  const credential = credentialTable(db);
  const service = new Table<ServiceRow>(db, 'service', SERVICE, ['id']);
  const claim = new Table<ClaimRow>(db, 'claim', CLAIM, ['id']);
  const codes = signInCodeTable(db);

  const credentialOf = (device: string): CredentialRecord | undefined =>
    db.one<CredentialRecord>(`SELECT ${credential.columns} FROM credential WHERE device = ?`, device);
  const serviceOf = (id: string): ServiceRecord | undefined => {
    const row = db.one<ServiceRow>(`SELECT ${service.columns} FROM service WHERE id = ?`, id);
    return row && serviceFromRow(row);
  };
  const mayBeClaimedAgain = (device: string, by: string): boolean =>
    db.one(
      `SELECT 1 FROM credential LEFT JOIN twin USING (device)
        WHERE device = ? AND claim = ? AND disabled = 0 AND seenAt IS NULL
          AND (secretMac IS NOT NULL OR publicKey IS NOT NULL)`,
      device,
      by,
    ) !== undefined;

  return {
    credential: credentialOf,
    standings: (devices) =>
      db.all(
        `SELECT device, generation, disabled FROM credential
          WHERE device IN (SELECT value FROM json_each(?))`,
        JSON.stringify(devices),
      ),
    changeCredential(device, change) {
      const known = credentialOf(device);
      if (!known) return false;
      const { disabled = known.disabled } = change;
      credential.save({ ...known, ...change.credential, disabled, generation: known.generation + 1 });
      return true;
    },

    services: () =>
      db.all<ServiceRow>(`SELECT ${service.columns} FROM service ORDER BY id`).map(serviceFromRow),
    service: serviceOf,
    createService: (record) =>
      !db.one('SELECT 1 FROM person WHERE id = ?', record.id) && service.create(serviceToRow(record), 'id'),
    changeService(id, change) {
      const known = serviceOf(id);
      if (!known) return undefined;
      const given = Object.entries(change).filter(([, value]) => value !== undefined);
      const isCalledOtherwiseOnly = given.every(([field]) => field === 'name');
      const generation = known.generation + (isCalledOtherwiseOnly ? 0 : 1);
      const changed: ServiceRecord = { ...known, ...Object.fromEntries(given), generation };
      service.save(serviceToRow(changed));
      if (changed.role !== 'admin' || changed.disabled === 1) codes.withdrawMadeBy(id);
      return changed;
    },
    removeService(id) {
      const removed = db.run('DELETE FROM service WHERE id = ?', id);
      if (removed > 0) codes.withdrawMadeBy(id);
      return removed > 0;
    },

    claims: () =>
      db.all<ClaimRow>(`SELECT ${claim.columns} FROM claim ORDER BY createdAt, id`).map(claimFromRow),
    claim(id) {
      const row = db.one<ClaimRow>(`SELECT ${claim.columns} FROM claim WHERE id = ?`, id);
      return row && claimFromRow(row);
    },
    createClaim: (record) => claim.save({ ...record, tags: JSON.stringify(record.tags) }),
    removeClaim: (id) => db.run('DELETE FROM claim WHERE id = ?', id) > 0,
    useClaim(id, device, made, now) {
      if (!db.one('SELECT 1 FROM claim WHERE id = ? AND expiresAt > ?', id, now)) return 'spent';
      if (mayBeClaimedAgain(device.id, id)) {
        const { generation = 0 } = credentialOf(device.id) ?? {};
        credential.save({ ...made, generation: generation + 1 });
        return 'again';
      }
      if (db.one('SELECT 1 FROM device WHERE id = ?', device.id)) return 'taken';
      if (db.run('UPDATE claim SET left = left - 1 WHERE id = ? AND left > 0', id) === 0) return 'spent';
      createDevices([device], [made]);
      return 'made';
    },
  };
}

const serviceToRow = (record: ServiceRecord): ServiceRow => ({
  ...record,
  publish: JSON.stringify(record.publish),
  subscribe: JSON.stringify(record.subscribe),
});

const serviceFromRow = (row: ServiceRow): ServiceRecord => ({
  ...row,
  publish: JSON.parse(row.publish) as readonly string[],
  subscribe: JSON.parse(row.subscribe) as readonly string[],
});

const claimFromRow = (row: ClaimRow): ClaimRecord => ({
  ...row,
  tags: JSON.parse(row.tags) as readonly string[],
});
