import type { BatchRequest, ToldBatch } from '../../contract/batch.ts';
import type { ScheduleRequest, ToldSchedule } from '../../contract/schedule.ts';
import type { Log } from '../../log/log.ts';
import type { RunRecord, ScheduleStore } from '../../store/schedules.ts';
import { earliest } from '../earliest.ts';
import { RequestFault } from '../../contract/request-fault.ts';
import {
  batchIdOf,
  doneUntil,
  runEntries,
  toldSchedule,
  toSchedule,
  type Schedule,
} from './schedule-record.ts';
import type { Due } from './timing.ts';

/** Runs that are told with a schedule. */
const TOLD_RUNS = 20;
/** How soon a run that could not be stored is tried again, in ms. */
const TRY_AGAIN = 1_000;
/** A clock that was set back by more than this was wrong before, in ms: what it made happen was not due yet. */
const SET_RIGHT = 3_600_000;

const LATE =
  'it was not begun within 30 s of its time: the hub was not running, could not store it, or its clock jumped';

/** What schedules need of the world. */
export interface SchedulePorts {
  readonly store: ScheduleStore;
  readonly batches: {
    start(request: BatchRequest, who: string, now: number): Promise<ToldBatch>;
    /** Whether there is a batch of this id. */
    has(id: string): Promise<boolean>;
  };
  /** Why the hub may not command in somebody's name any longer, as a sentence, or undefined where it may. */
  refusal(who: string, now: number): Promise<string | undefined>;
  readonly log: Log;
  /** An id for a new schedule. */
  newId(): string;
  /** Asks for `run` to be called once this turn of the event loop is over. */
  wake(): void;
}

/** All schedules: begins their batches when they are due, and reports what was missed. Times are Unix ms. */
export class Schedules {
  readonly #ports: SchedulePorts;
  readonly #schedules = new Map<string, Schedule>();
  #under: Promise<void> | undefined;
  /** When a run could not be stored. */
  #failedAt: number | undefined;

  constructor(ports: SchedulePorts) {
    this.#ports = ports;
  }

  async load(): Promise<void> {
    for (const record of await this.#ports.store.schedules()) {
      try {
        this.#schedules.set(record.id, toSchedule(record));
      } catch (error) {
        this.#ports.log.error(`the schedule "${record.name}" (${record.id}) cannot be understood`, error);
      }
    }
    this.#ports.wake();
  }

  /** By name. */
  async list(): Promise<ToldSchedule[]> {
    const all = [...this.#schedules.values()].sort((a, b) => (a.record.name < b.record.name ? -1 : 1));
    return Promise.all(all.map((schedule) => this.#tell(schedule)));
  }

  /** @throws RequestFault where there is none */
  async get(id: string): Promise<ToldSchedule> {
    return this.#tell(this.#require(id));
  }

  /**
   * Makes a schedule. Nothing is due of it before now.
   * @throws RequestFault where it would never be due, StoreError where it could not be stored
   */
  async create(request: ScheduleRequest, who: string, now: number): Promise<ToldSchedule> {
    return this.#save(this.#ports.newId(), now, request, who, now);
  }

  /** Replaces a schedule. @throws RequestFault where there is none, and as for `create` */
  async replace(id: string, request: ScheduleRequest, who: string, now: number): Promise<ToldSchedule> {
    return this.#save(id, this.#require(id).record.createdAt, request, who, now);
  }

  /** @throws RequestFault where there is none, StoreError where it could not be removed */
  async remove(id: string): Promise<void> {
    this.#require(id);
    await this.#ports.store.removeSchedule(id);
    this.#schedules.delete(id);
  }

  /** The name of a schedule that is for a group and not over, or undefined where there is none. */
  forGroup(group: string): string | undefined {
    for (const { record, plan, timing } of this.#schedules.values()) {
      const over = timing.next(record.doneUntil) === undefined;
      if (!over && plan.batch.selection.group === group) return record.name;
    }
    return undefined;
  }

  /** Begins and reports what is due. Returns when to be called next, in Unix ms, or undefined. */
  run(now: number): number | undefined {
    if (this.#under) return undefined;
    for (const [id, schedule] of this.#schedules) {
      if (schedule.record.doneUntil - now > SET_RIGHT) this.#schedules.set(id, doneUntil(schedule, now));
    }
    const waiting = [...this.#schedules.values()].map(({ next }) => next);
    const next = earliest(waiting);
    if (next === undefined || next > now) return next;
    const since = now - (this.#failedAt ?? -Infinity);
    // Where the clock was set back, it would be tried after all that time again.
    if (since >= 0 && since < TRY_AGAIN) return now - since + TRY_AGAIN;
    this.#under = this.#runAll(now).finally(() => {
      this.#under = undefined;
      this.#ports.wake();
    });
    return undefined;
  }

  /** Waits for what is on its way to the store. */
  async idle(): Promise<void> {
    await this.#under;
  }

  async #runAll(now: number): Promise<void> {
    this.#failedAt = undefined;
    for (const schedule of this.#schedules.values()) {
      if (schedule.next === undefined || schedule.next > now) continue;
      try {
        await this.#runDue(schedule, schedule.timing.due(schedule.record.doneUntil, now), now);
      } catch (error) {
        this.#failedAt = now;
        this.#ports.log.error(`a run of the schedule "${schedule.record.name}" could not be stored`, error);
      }
    }
  }

  async #runDue(schedule: Schedule, due: Due, now: number): Promise<void> {
    const runs = await this.#reports(schedule, due);
    if (due.begin !== undefined) runs.push(await this.#begin(schedule, due.begin, now));
    const last = runs.at(-1);
    if (!last) return;
    // It may have been replaced or removed meanwhile.
    const current = this.#schedules.get(schedule.record.id) ?? schedule;
    const next = doneUntil(current, Math.max(current.record.doneUntil, last.due));
    const audit = runs.flatMap((run) => runEntries(schedule.record, run, now));
    await this.#ports.store.saveRuns(next.record, runs, audit);
    if (this.#schedules.get(schedule.record.id) === current) this.#schedules.set(schedule.record.id, next);
  }

  /** Where a run began and could not be noted, its batch tells. */
  async #reports({ record: { id, name } }: Schedule, { missed, more }: Due): Promise<RunRecord[]> {
    const runs: RunRecord[] = [];
    for (const due of missed) {
      const batch = batchIdOf(id, due);
      const began = await this.#ports.batches.has(batch);
      runs.push(
        began
          ? { schedule: id, due, outcome: 'started', batch, msg: null }
          : { schedule: id, due, outcome: 'missed', batch: null, msg: LATE },
      );
    }
    if (more) {
      const msg = `${more.atLeast ? 'more than ' : ''}${more.count} more were missed until then`;
      runs.push({ schedule: id, due: more.last, outcome: 'missed', batch: null, msg });
    }
    if (runs.length > 0) this.#ports.log.warn(`missed ${runs.length} runs of the schedule "${name}"`);
    return runs;
  }

  async #begin({ record, plan }: Schedule, due: number, now: number): Promise<RunRecord> {
    const { id: schedule, who, name } = record;
    const batch = batchIdOf(schedule, due);
    const failed = (msg: string): RunRecord => ({ schedule, due, outcome: 'failed', batch: null, msg });
    try {
      // One that began before the hub was killed is not taken back, whatever has become of its maker.
      if (!(await this.#ports.batches.has(batch))) {
        const refusal = await this.#ports.refusal(who, now);
        if (refusal !== undefined) return failed(refusal);
        const request = { ...plan.batch, name: plan.batch.name ?? name, id: batch };
        await this.#ports.batches.start(request, who, now);
      }
      return { schedule, due, outcome: 'started', batch, msg: null };
    } catch (error) {
      if (!(error instanceof RequestFault)) throw error;
      return failed(error.message);
    }
  }

  async #save(
    id: string,
    createdAt: number,
    request: ScheduleRequest,
    who: string,
    now: number,
  ): Promise<ToldSchedule> {
    const { name, enabled, plan } = request;
    const record = {
      id,
      name,
      who,
      enabled: enabled ? (1 as const) : (0 as const),
      plan: JSON.stringify(plan),
      createdAt,
      doneUntil: now,
    };
    const schedule = toSchedule(record);
    if (enabled && schedule.next === undefined) {
      const msg = 'at' in plan.when ? 'plan.when.at is in the past' : 'plan.when: it would never be due';
      throw new RequestFault('invalid', msg);
    }
    await this.#ports.store.saveSchedule(record);
    this.#schedules.set(id, schedule);
    this.#ports.wake();
    return this.#tell(schedule);
  }

  #require(id: string): Schedule {
    const schedule = this.#schedules.get(id);
    if (!schedule) throw new RequestFault('notFound', `there is no schedule ${id}`);
    return schedule;
  }

  async #tell(schedule: Schedule): Promise<ToldSchedule> {
    return toldSchedule(schedule, await this.#ports.store.runs(schedule.record.id, TOLD_RUNS));
  }
}
