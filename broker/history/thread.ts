import { performance } from 'node:perf_hooks';
import { parentPort, workerData, type Transferable } from 'node:worker_threads';
import { batchOver } from './batch.ts';
import { isDamage, moveAside } from './broken-file.ts';
import { HistoryFile } from './history-file.ts';
import { Keeper } from './keeper.ts';
import { gridFor } from './resolution.ts';
import { horizonsAt } from './retention.ts';
import { SteadyClock } from './steady-clock.ts';
import type { Answers, FromThread, Question, ThreadData, ToThread } from './thread-messages.ts';

/*
 * The history's own thread: what is slow, disks above all, is done here. It does what it is told, batch by batch and
 * tick by tick, and has no timers.
 */

/** Longest that moving samples into chunks, and rolling up, hold up questions in one tick, in ms. */
const FOLDING_MS = 25;
const ROLLING_MS = 15;

const { file: path, keep } = workerData as ThreadData;
const port = parentPort as NonNullable<typeof parentPort>;

const tell = (message: FromThread, transfer: readonly Transferable[] = []): void =>
  port.postMessage(message, transfer);

const within = (ms: number): (() => boolean) => {
  const end = performance.now() + ms;
  return () => performance.now() < end;
};

const steady = new SteadyClock();

let generation = 0;
let taken = 0;
let lost = 0;
let problem: string | undefined;
/** Samples that were received and not stored. */
let waiting = 0;
let utilization = performance.eventLoopUtilization();
let { file, keeper } = open();

function open(): { file: HistoryFile; keeper: Keeper } {
  let opened: { file: HistoryFile; keeper: Keeper };
  let moved: { to: string; reason: string } | undefined;
  try {
    opened = openFile();
  } catch (error) {
    if (!isDamage(error)) throw error;
    moved = { to: moveAside(path, Date.now()), reason: (error as Error).message };
    opened = openFile();
  }
  announce(opened.file, moved);
  return opened;
}

function openFile(): { file: HistoryFile; keeper: Keeper } {
  const opened = new HistoryFile(path);
  try {
    return { file: opened, keeper: new Keeper(opened, performance.now()) };
  } catch (error) {
    opened.close();
    throw error;
  }
}

function announce(opened: HistoryFile, moved: { to: string; reason: string } | undefined): void {
  generation += 1;
  const series = opened.series().map(({ id, device, pid }) => ({ id, device, pid }));
  tell({ kind: 'opened', generation, series, moved });
}

/** Begins with a new file where this one turned out to be damaged; what only memory had of it is lost. */
function beginAnew(reason: string): void {
  lost += waiting;
  taken += waiting;
  waiting = 0;
  file.close();
  const to = moveAside(path, Date.now());
  ({ file, keeper } = openFile());
  announce(file, { to, reason });
}

/** Does what may fail with the disk; what it is told then is why. */
function attempt(work: () => void): void {
  try {
    work();
    problem = undefined;
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error);
    if (isDamage(error)) beginAnew(problem);
  }
}

function store(hasTimeToFold?: () => boolean): void {
  const stored = keeper.store(performance.now(), hasTimeToFold);
  taken += stored;
  waiting -= stored;
}

function tick(now: number): void {
  attempt(() => {
    store(within(FOLDING_MS));
    const horizons = horizonsAt(steady.time(now, performance.now()), keep);
    keeper.retain(horizons, within(ROLLING_MS));
  });
  tellState();
}

function tellState(): void {
  const before = utilization;
  utilization = performance.eventLoopUtilization();
  const load = performance.eventLoopUtilization(utilization, before).utilization;
  const state = { taken, lost, samples: keeper.samples, bytes: file.bytes, load, problem };
  tell({ kind: 'state', state });
}

function storeAll(): void {
  while (!keeper.stored) store(within(FOLDING_MS));
  tellState();
}

function answer(question: Question): Answers[Question['kind']] {
  switch (question.kind) {
    case 'query': {
      attempt(() => store());
      const { series, from, to, points, now } = question;
      const grid = gridFor(from, to, points, horizonsAt(now, keep));
      return { grid, buckets: series.map((id) => keeper.query(id, grid)) };
    }
    case 'page':
      attempt(() => store());
      return keeper.page(question.series, question.from, question.to, question.resolution);
    case 'remove':
      keeper.remove(question.series);
      return null;
    case 'settle':
      storeAll();
      do keeper.retain(horizonsAt(question.now, keep), () => true);
      while (!keeper.retained);
      return null;
    case 'flush':
      storeAll();
      return null;
    case 'close':
      file.close();
      port.close();
      return null;
  }
}

function reply(id: number, question: Question): void {
  try {
    tell({ kind: 'answer', id, value: answer(question) });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    tell({ kind: 'refused', id, reason });
    if (isDamage(error)) attempt(() => beginAnew(reason));
  }
}

port.on('message', (message: ToThread) => {
  switch (message.kind) {
    case 'batch': {
      const { buffer, length, series } = message;
      if (message.generation === generation) {
        keeper.receive(series, batchOver(buffer, length));
        waiting += length;
      } else {
        taken += length;
        lost += length;
      }
      tell({ kind: 'buffer', buffer }, [buffer]);
      break;
    }
    case 'tick':
      tick(message.now);
      break;
    case 'ask':
      reply(message.id, message.question);
      break;
  }
});
