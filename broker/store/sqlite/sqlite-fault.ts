import { StoreError, type StoreFault } from '../store-error.ts';

/** Primary result codes of SQLite (https://sqlite.org/rescode.html) that mean a fault of a kind of its own. */
const FAULTS = new Map<number, readonly [StoreFault, string]>([
  [5, ['busy', 'another process kept the store locked']],
  [6, ['busy', 'another process kept the store locked']],
  [8, ['readonly', 'the store cannot be written']],
  [10, ['other', 'the disk with the store failed']],
  [11, ['corrupt', 'the file of the store is damaged']],
  [13, ['full', 'the disk that holds the store is full']],
  [14, ['readonly', 'the store cannot be opened for writing']],
  [26, ['corrupt', 'the file of the store is damaged']],
]);

/** SQLITE_IOERR_SHMSIZE: there is no room for the index of the write-ahead log. */
const NO_ROOM_FOR_INDEX = 4_874;

/** What an error of node:sqlite means for whoever asked for something. */
export function storeError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const { errcode, message } = error as Error & { readonly errcode?: number };
  if (errcode === undefined) return new StoreError('other', `the store failed (${message})`);
  const code = errcode === NO_ROOM_FOR_INDEX ? 13 : errcode & 0xff;
  const [kind, problem] = FAULTS.get(code) ?? ['other', 'the store refused it'];
  return new StoreError(kind, `${problem} (SQLite ${errcode}: ${message})`);
}
