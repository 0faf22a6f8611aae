import { expect } from 'vitest';
import { ACK, CODE, COMMAND, isOver, type Command, type CommandDelta } from '#firmware-protocol';
import type { CommandRecord } from '#broker/store/commands.ts';
import { FleetBench } from '../fleet-bench.ts';
import { hex, lampPayload } from '../builders.ts';
import type { Happening } from './happening.ts';
import { ModelDevice, type Told } from './model-device.ts';

const { created, accepted, progress, done, failed, rejected, sent, expired, timedOut, unknown, cancelled } =
  COMMAND;
const HEARD = [done, failed, rejected];
const OUTCOMES = [...HEARD, unknown];

/** Which states may be told after which: SPEC.md 11.11 and 12.7, steps left out where a hub was killed in between. */
const FOLLOW: Readonly<Record<number, readonly number[]>> = {
  [created]: [sent, accepted, progress, expired, timedOut, cancelled, ...OUTCOMES],
  [sent]: [accepted, progress, timedOut, cancelled, ...OUTCOMES],
  [accepted]: [progress, ...OUTCOMES],
  [progress]: OUTCOMES,
  [timedOut]: HEARD,
  [unknown]: HEARD,
};

const LAMP = 'lamp';
const DAY = 24 * 3_600_000;

/** A hub, its store, its device and what lies between them; all that is promised is checked as it happens. */
export class World {
  #bench!: FleetBench;
  readonly #device = new ModelDevice();
  readonly #told = new Map<string, CommandDelta>();
  #linked = false;
  /** A clock that nobody sets, in ms. */
  #at = 0;

  static async begin(): Promise<World> {
    const world = new World();
    world.#take(await FleetBench.with(LAMP));
    await world.happens({ what: 'comes' });
    return world;
  }

  async happens(happening: Happening): Promise<void> {
    await this.#perform(happening);
    await this.#bench.run();
    this.#deliver();
  }

  /** Everything works again, and time passes: all that was asked for must have come to an end, and a right one. */
  async ends(): Promise<void> {
    await this.happens({ what: 'store', does: 'let go' });
    await this.happens({ what: 'store', does: 'work' });
    for (let round = 0; round < 60; round += 1) {
      await this.happens({ what: 'comes' });
      await this.happens({ what: 'handles', outcome: 'done' });
      await this.happens({ what: 'works', st: ACK.done });
      await this.happens({ what: 'answers', count: 100, copies: 1 });
      await this.happens({ what: 'time', ms: 1_000 });
    }
    await this.happens({ what: 'time', ms: 61_000 });
    for (let day = 0; day < 8; day += 1) await this.#bench.pass(DAY);
    expect(this.#bench.commandsTold(), 'everything ends').toEqual([]);
    for (const record of this.#bench.store.all()) this.#endedWell(record);
    await this.#audited();
  }

  async #perform(happening: Happening): Promise<void> {
    const bench = this.#bench;
    switch (happening.what) {
      case 'command':
        return bench.ask(happening.last, happening.fields);
      case 'wish':
        return bench.wish({ 3: happening.value }, happening.last);
      case 'cancel':
        return bench.cancel(happening.last);
      case 'comes':
        return this.#comes();
      case 'goes':
        return this.#goes();
      case 'reboots':
        this.#goes();
        return this.#device.reboot();
      case 'reports':
        return this.#reports();
      case 'handles':
        if (this.#linked && this.#device.handle(happening.outcome, this.#at)) this.#reports();
        return;
      case 'works':
        return this.#device.work(happening.st);
      case 'answers':
        return this.#answers(happening.count, happening.copies);
      case 'time':
        return this.#passes(happening.ms);
      case 'clock':
        return bench.setClock(happening.by);
      case 'store':
        return this.#store(happening.does);
      case 'restart':
        this.#goes();
        return this.#take(await bench.restarted(happening.stillDone));
    }
  }

  #take(bench: FleetBench): void {
    this.#bench = bench;
    bench.onTold = (step) => this.#isTold(step);
    bench.onSent = (_device, command) => this.#isSent(command);
  }

  async #comes(): Promise<void> {
    if (this.#linked) return;
    const { boot } = this.#device;
    const sess = ++this.#device.sess;
    this.#linked = true;
    this.#bench.fleet.connected(LAMP, this.#bench.now, { address: '192.0.2.1', birth: { boot, sess } });
    this.#bench.fleet.listening(LAMP, this.#bench.now);
    this.#bench.status({ boot, sess });
    this.#bench.fleet.received(LAMP, 'desc', lampPayload(), this.#bench.now);
    const { want, wver } = this.#bench.fleet.device(LAMP) ?? {};
    if (want && wver !== undefined) this.#device.hear({ channel: 'desired', vals: want, ver: wver });
    this.#reports();
  }

  #goes(): void {
    if (!this.#linked) return;
    this.#linked = false;
    this.#bench.fleet.disconnected(LAMP, this.#bench.now);
    this.#device.unlinked();
  }

  #reports(): void {
    const { boot, dver } = this.#device;
    if (this.#linked) this.#bench.state({}, { boot, ...(dver > 0 && { dver }) });
  }

  #answers(count: number, copies: number): void {
    if (!this.#linked) return;
    const { boot, answers } = this.#device;
    for (const { id, ...answer } of answers.splice(0, count)) {
      for (let copy = 0; copy < copies; copy += 1)
        this.#bench.ack(id[7] ?? 0, answer.st, { boot, ...answer });
    }
  }

  async #passes(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 1_000) {
      const step = Math.min(left, 1_000);
      this.#at += step;
      await this.#bench.pass(step);
      this.#deliver();
    }
  }

  #store(does: 'fail' | 'work' | 'hold' | 'let go'): void {
    const { store } = this.#bench;
    if (does === 'fail') store.breakDown();
    else if (does === 'work') store.mend();
    else if (does === 'hold') store.hold();
    else store.letGo();
  }

  #deliver(): void {
    for (const message of this.#bench.takeSent()) if (this.#linked) this.#device.hear(message as Told);
  }

  #isTold(step: CommandDelta): void {
    const id = hex(step.id);
    if (step.st === rejected && step.code === CODE.internal) {
      this.#told.delete(id);
      return;
    }
    const before = this.#told.get(id);
    if (before && before.st !== step.st) {
      expect(FOLLOW[before.st] ?? [], `${id} is told to be ${step.st} after ${before.st}`).toContain(step.st);
    }
    if (step.wver !== undefined && step.st === done) {
      expect(this.#device.dver, `${id} is applied when that is told`).toBeGreaterThanOrEqual(step.wver);
    }
    this.#told.set(id, step);
    const steps = JSON.parse(this.#bench.store.stored(LAMP, id)?.steps ?? '[]') as [number, number][];
    const stored = steps.some(([st, t]) => st === step.st && (t === step.t || st === progress));
    expect(stored, `${id} is stored as ${step.st} when that is told`).toBe(true);
  }

  #isSent({ id, exp }: Command): void {
    const records = this.#bench.store.all().filter(({ wish }) => wish === 0);
    const record = this.#bench.store.stored(LAMP, hex(id));
    expect(record?.boot, `${hex(id)} is stored as sent to this boot when it is sent`).toBe(this.#device.boot);
    expect(this.#bench.now, `${hex(id)} is sent before its end`).toBeLessThan(exp);
    const out = records.filter(({ st }) => st === sent).map((each) => each.id);
    expect(out.length, `${out.join()} are out and unanswered`).toBeLessThanOrEqual(1);
  }

  /** What was asked for stands in the audit, each once, and nothing else does. */
  async #audited(): Promise<void> {
    const { store } = this.#bench;
    const entries = await store.audit({ limit: 10_000 });
    const idsOf = (...actions: string[]) =>
      entries
        .filter(({ action }) => actions.includes(action))
        .map(({ detail }) => (JSON.parse(detail) as { id: string }).id)
        .toSorted();
    const asked = store.all().map(({ id }) => id);
    expect(idsOf('command', 'wish'), 'all that was asked for is in the audit').toEqual(asked.toSorted());
    const withdrawn = store.all().filter(({ msg }) => msg === 'withdrawn by @bob');
    expect(idsOf('withdraw'), 'so is what was withdrawn').toEqual(withdrawn.map(({ id }) => id).toSorted());
  }

  #endedWell({ id, st, wish, wver }: CommandRecord): void {
    expect(isOver(st), `${id} has ended, at ${st}`).toBe(true);
    const times = this.#device.carriedOut.get(id) ?? 0;
    expect(times, `${id} was carried out at most once`).toBeLessThanOrEqual(1);
    if (wish && st === done) expect(this.#device.dver).toBeGreaterThanOrEqual(wver ?? Infinity);
    if (wish) return;
    if (st === done) expect(times, `${id} is done`).toBe(1);
    if (([rejected, expired, cancelled] as number[]).includes(st)) expect(times, `${id} is ${st}`).toBe(0);
  }
}
