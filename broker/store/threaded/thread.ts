import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { StartError } from '../../config/start-error.ts';
import { Database } from '../sqlite/database.ts';
import { MIGRATIONS } from '../sqlite/migrations.ts';
import { operations } from '../sqlite/operations.ts';
import { commitTogether } from './group-commit.ts';
import { CLOSE, type Call, type Opening, type Request, type ThreadData } from './messages.ts';

/** The store's own thread: where the hub waits for the disk, so that its event loop does not. */

const port = parentPort as MessagePort;
const { file } = workerData as ThreadData;

const db = open();
if (db) serve(db);

function open(): Database | undefined {
  try {
    const database = new Database(file, MIGRATIONS);
    port.postMessage({ opened: true } satisfies Opening);
    return database;
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    const { message, remedy } = error;
    port.postMessage({ opened: false, problem: message, remedy } satisfies Opening);
    return undefined;
  }
}

function serve(database: Database): void {
  const tables = operations(database) as unknown as Record<string, (...args: readonly unknown[]) => unknown>;
  const perform = ({ operation, args }: Call): unknown => tables[operation]?.(...args);

  port.on('message', (first: Request) => {
    const waiting = [first, ...rest()];
    const calls = waiting.filter((request) => request !== CLOSE);
    if (calls.length > 0) port.postMessage(commitTogether(database, perform, calls));
    if (calls.length === waiting.length) return;
    database.close();
    port.close();
  });
}

/** All that has come meanwhile: it shares the wait for the disk. */
function* rest(): Generator<Request> {
  for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
    yield next.message as Request;
  }
}
