import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ack,
  ACK,
  cmd,
  CODE,
  ctl,
  desc,
  desired,
  RESEND,
  state,
  status,
  STATUS,
  tele,
  type Ack,
  type Command,
  type UpChannel,
  type Value,
  type Values,
} from '#firmware-protocol';
import { DocumentedProgram } from '../support/documented-program.ts';
import { ScriptedHub, type Said } from '../support/scripted-hub.ts';
import { PID, WALL_LAMPS } from '../support/wall-lamps.ts';

const newId = () => new Uint8Array(randomBytes(8));
const vals = (...entries: [number, Value][]): Values => new Map(entries);

/** What the hub itself would refuse to pass on, and so only a scripted one can send. Clauses are those of SPEC.md. */
describe.each(WALL_LAMPS)('the device of the guide in %s', (_language, source) => {
  let hub: ScriptedHub;
  let lamp: DocumentedProgram;
  let env: Record<string, string>;

  beforeAll(async () => {
    hub = await ScriptedHub.start('my-lamp');
    lamp = new DocumentedProgram(source);
    const file = (name: string) => join(lamp.folder, name);
    env = { HUB_URL: hub.wss, HUB_CA: file('ca.pem'), SECRET: 'any', KEPT: file('kept.cbor') };
    writeFileSync(file('ca.pem'), hub.ca);
    lamp.start({ ...env, SENSOR: file('no-sensor') });
    await hub.subscribed(1);
  });
  afterAll(async () => {
    await lamp.remove();
    await hub.close();
  });

  const payloads = (channel: UpChannel): Uint8Array[] =>
    hub.said.filter((message) => message.channel === channel).map(({ payload }) => payload);
  const states = () => payloads('state').map((payload) => state.decode(payload));
  const statuses = () => payloads('status').map((payload) => status.decode(payload));
  const answersTo = (id: Uint8Array): Ack[] =>
    payloads('ack')
      .map((payload) => ack.decode(payload))
      .filter((answer) => Buffer.compare(answer.id, id) === 0);
  const lastState = () => hub.until(() => states().at(-1));
  const tellTime = (op?: number) => hub.tell('ctl', ctl.encode({ t: Date.now(), ...(op && { op }) }));

  /** Sends a command, and resolves with the answer. */
  async function order(command: Partial<Command>): Promise<Ack> {
    const id = newId();
    hub.tell('cmd', cmd.encode({ id, exp: Date.now() + 60_000, ...command } as Command));
    return hub.until(() => answersTo(id)[0]);
  }

  /** Sends something that gets an answer, and so shows that whatever was sent before has been dealt with. */
  const settle = () => order({ op: 1 });

  test('says status, description and state, in this order, and a reading that it could not take (8.3, 5.8)', async () => {
    await hub.until(() => payloads('tele')[0]);
    expect(hub.said.slice(0, 3).map(({ channel }) => channel)).toEqual(['status', 'desc', 'state']);
    const [payload = new Uint8Array()] = payloads('desc');
    const dhash = createHash('sha256').update(payload).digest().subarray(0, 8);
    expect(Buffer.from(statuses()[0]?.dhash ?? [])).toEqual(dhash);
    expect(desc.decode(payload).props).toHaveLength(4);
    expect(tele.decode(payloads('tele')[0] ?? payload).vals).toEqual(vals([PID.temperature, null]));
  });

  test('rejects a command while it does not know the time (11.3)', async () => {
    expect(await order({ vals: vals([PID.light, true]) })).toMatchObject({
      st: ACK.rejected,
      code: CODE.unavailable,
    });
  });

  test.each([
    ['nothing', 0, []],
    ['its status', RESEND.status, ['status']],
    ['its description', RESEND.desc, ['desc']],
    ['its state', RESEND.state, ['state']],
    ['all three', 7, ['desc', 'state', 'status']],
  ])('says again what the hub misses: %s (6.8)', async (_what, op, channels) => {
    await settle();
    const before = hub.said.length;
    tellTime(op);
    await settle();
    const said = hub.said.slice(before).map(({ channel }) => channel);
    expect(said.filter((channel) => channel !== 'tele' && channel !== 'ack').sort()).toEqual(channels);
  });

  test.each<[string, Partial<Command>, number]>([
    ['of an unknown property', { vals: vals([99, true]) }, CODE.notFound],
    ['to write a reading', { vals: vals([PID.temperature, 2_000]) }, CODE.invalid],
    ['to write what is persistent', { vals: vals([PID.period, 9]) }, CODE.invalid],
    ['with a number for a bool', { vals: vals([PID.light, 1]) }, CODE.invalid],
    ['with nothing for a bool', { vals: vals([PID.light, null]) }, CODE.invalid],
    ['with a bool for a number', { vals: vals([PID.brightness, true]) }, CODE.invalid],
    ['with text for a number', { vals: vals([PID.brightness, '80']) }, CODE.invalid],
    ['with a fraction', { vals: vals([PID.brightness, 80.5]) }, CODE.invalid],
    ['below the least value', { vals: vals([PID.brightness, 0]) }, CODE.range],
    ['above the greatest value', { vals: vals([PID.brightness, 101]) }, CODE.range],
    ['half of which is wrong', { vals: vals([PID.light, true], [PID.brightness, 101]) }, CODE.range],
    ['for an unknown action', { op: 240 }, CODE.unimplemented],
    ['that has expired', { vals: vals([PID.light, true]), exp: Date.now() - 60_000 }, CODE.expired],
    ['made for another state', { vals: vals([PID.light, true]), if: 4_000_000_000 }, CODE.precondition],
    ['too late for the wrong action', { op: 240, exp: 1 }, CODE.expired],
    ['for another state, and out of range', { vals: vals([PID.brightness, 0]), if: 9 }, CODE.precondition],
  ])('rejects a command %s, and changes nothing (11.3, 11.4)', async (_what, command, code) => {
    tellTime(RESEND.state);
    const before = await lastState();
    expect(await order(command)).toMatchObject({ st: ACK.rejected, code, ver: before.ver });
    tellTime(RESEND.state);
    await settle();
    expect(await lastState()).toMatchObject({ vals: before.vals, ver: before.ver });
  });

  test('answers a repeated command with its last answer, and does not run it again (11.2)', async () => {
    tellTime();
    const [id, exp] = [newId(), Date.now() + 60_000];
    const payload = cmd.encode({ id, exp, vals: vals([PID.brightness, 60]) });
    hub.tell('cmd', payload);
    await hub.until(() => answersTo(id)[0]);
    for (let others = 0; others < 14; others += 1) await settle();
    const later = await order({ vals: vals([PID.brightness, 61]) });
    hub.tell('cmd', payload);
    const [first, second] = await hub.until(() => (answersTo(id).length > 1 ? answersTo(id) : undefined));
    expect(second).toEqual({ ...first, seq: second?.seq, t: second?.t });
    expect(second?.seq).not.toBe(first?.seq);
    await settle();
    expect(await lastState()).toMatchObject({ ver: later.ver });
    expect((await lastState()).vals.get(PID.brightness)).toBe(61);
  });

  test('reports its state after its answer where it changed, and only then (11.7)', async () => {
    const done = await order({ vals: vals([PID.brightness, 30]) });
    const changed = await hub.until(() => states().find(({ ver }) => ver === done.ver));
    expect(changed.seq).toBeGreaterThan(done.seq);
    const count = states().length;
    expect(await order({ vals: vals([PID.brightness, 30]) })).toMatchObject({ st: ACK.done, ver: done.ver });
    await settle();
    expect(states()).toHaveLength(count);
  });

  test.each([
    ['a key of a later version (5.2)', 'a404a1021828064811111111111111110b1b000001ffffffffff183003', 40],
    ['a float without a fraction (5.6)', 'a304a102f95240064822222222222222220b1b000001ffffffffff', 50],
  ])('takes a command with %s', async (_what, hex, brightness) => {
    const payload = Buffer.from(hex, 'hex');
    hub.tell('cmd', payload);
    const id = cmd.decode(payload).id;
    const done = await hub.until(() => answersTo(id)[0]);
    expect(done).toMatchObject({ st: ACK.done, vals: vals([PID.brightness, brightness]) });
    const changed = await hub.until(() => states().find(({ ver }) => ver === done.ver));
    expect(changed.vals.get(PID.brightness)).toBe(brightness);
  });

  test.each([
    ['that is empty', 'cmd', ''],
    ['that is not CBOR', 'cmd', 'ff'],
    ['that is no map', 'cmd', '83010203'],
    ['without an id', 'cmd', 'a204a101f50b1b000001ffffffffff'],
    ['without a time to expire', 'cmd', 'a204a101f506481111111111111112'],
    ['with text for the wanted properties', 'desired', 'a20463616c6c051864'],
    ['without the time', 'ctl', 'a10d07'],
    ['on a channel of a later version (3.5)', 'weather', 'a10307'],
  ])('is not troubled by a message %s (16.1)', async (_what, channel, hex) => {
    tellTime(RESEND.state);
    await settle();
    const before = await lastState();
    hub.tell(channel, Buffer.from(hex, 'hex'));
    tellTime(RESEND.state);
    await settle();
    expect(await lastState()).toMatchObject({ vals: before.vals, ver: before.ver });
  });

  test('applies a wish with a float without a fraction (5.6)', async () => {
    hub.tell('desired', Buffer.from('a204a104f946000504', 'hex'));
    const applied = await hub.until(() => states().find(({ dver }) => dver === 4));
    expect(applied.vals.get(PID.period)).toBe(6);
  });

  test('applies what is right of a wish, and says why it does not apply the rest, from then on (12.2, 12.3)', async () => {
    const before = await lastState();
    const wish = vals([PID.light, true], [PID.period, 7], [77, 1]);
    hub.tell('desired', desired.encode({ vals: wish, ver: 5 }));
    const applied = await hub.until(() => states().find(({ dver }) => dver === 5));
    const errs = new Map([
      [PID.light, CODE.invalid],
      [77, CODE.notFound],
    ]);
    expect(applied).toMatchObject({ errs, ver: (before.ver + 1) % 2 ** 32 });
    expect(applied.vals).toEqual(new Map([...before.vals, [PID.period, 7]]));
    const done = await order({ vals: vals([PID.brightness, 31]) });
    await hub.until(() => states().find(({ ver, dver }) => ver === done.ver && dver === 5));
    expect(await lastState()).toMatchObject({ errs });
  });

  test('rejects a wish out of range, and lets what was wrong before go (12.2)', async () => {
    hub.tell('desired', desired.encode({ vals: vals([PID.period, 3_601]), ver: 6 }));
    const applied = await hub.until(() => states().find(({ dver }) => dver === 6));
    expect(applied.errs).toEqual(new Map([[PID.period, CODE.range]]));
    expect(applied.vals.get(PID.period)).toBe(7);
    hub.tell('desired', desired.encode({ vals: vals([PID.period, 8]), ver: 7 }));
    expect((await hub.until(() => states().find(({ dver }) => dver === 7))).errs).toBeUndefined();
  });

  test.each([7, 6])('ignores a wish that is not newer: version %i after 7 (12.1)', async (ver) => {
    const before = await lastState();
    hub.tell('desired', desired.encode({ vals: vals([PID.period, 9]), ver }));
    tellTime(RESEND.state);
    await settle();
    expect(await lastState()).toMatchObject({ vals: before.vals, ver: before.ver, dver: 7 });
  });

  test('numbers all that it said by ones, over all channels (9.1)', () => {
    const numbered = hub.said
      .filter(({ channel }) => channel !== 'status' && channel !== 'desc')
      .map(({ channel, payload }) => ({ state, ack, tele })[channel as 'state'].decode(payload).seq);
    const [first = 0] = numbered;
    expect(numbered).toEqual(numbered.map((_, at) => first + at));
  });

  test('says everything as a sender must encode it, also what came to it otherwise (4.4, 4.6)', () => {
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
    const encodedAnew = ({ channel, payload }: Said) => {
      const message = { ack, desc, state, status, tele }[channel as 'state'];
      return message.encode(message.decode(payload));
    };
    expect(hub.said.map(({ payload }) => hex(payload))).toEqual(
      hub.said.map((said) => hex(encodedAnew(said))),
    );
  });

  test('goes on with boot, seq and description, and counts the session, when its link is cut (8.2, 8.5, 9.1)', async () => {
    const descriptions = payloads('desc').length;
    const before = await lastState();
    hub.cut();
    await hub.subscribed(2);
    await settle();
    expect(payloads('desc')).toHaveLength(descriptions);
    expect(new Set(statuses().map(({ boot }) => boot)).size).toBe(1);
    const sessions = (presence: number) =>
      new Set(
        statuses()
          .filter(({ st }) => st === presence)
          .map(({ sess }) => sess),
      );
    expect(sessions(STATUS.lost)).toEqual(new Set([1]));
    expect(sessions(STATUS.online)).toEqual(new Set([1, 2]));
    expect((await lastState()).seq).toBeGreaterThan(before.seq);
  });

  test('keeps its setting, its version and what was wrong over a restart (12.1, 12.3)', async () => {
    hub.tell('desired', desired.encode({ vals: vals([PID.period, 10], [77, 1]), ver: 8 }));
    await hub.until(() => states().find(({ dver }) => dver === 8));
    const { boot } = await lastState();
    await lamp.end('SIGKILL');
    lamp.start(env);
    const again = await hub.until(() => states().find((later) => later.boot !== boot));
    expect(again).toMatchObject({ dver: 8, errs: new Map([[77, CODE.notFound]]) });
    expect(again.vals.get(PID.period)).toBe(10);
  });

  test('begins the version of its state elsewhere after a restart (6.3)', () => {
    const [first, ...later] = states();
    const again = later.find(({ boot }) => boot !== first?.boot);
    expect(again?.ver).toBeTypeOf('number');
    expect(again?.ver).not.toBe(first?.ver);
  });

  test('says that it leaves before it disconnects (8.6)', async () => {
    const before = statuses().length;
    expect(await lamp.end('SIGTERM')).toBe(0);
    await hub.until(() => statuses()[before]);
    expect(statuses().slice(before)).toMatchObject([{ st: STATUS.bye }]);
  });

  test.each([
    ['empty', ''],
    ['cut off', '820aa1181d'],
    ['not CBOR', 'ff'],
    ['without a version', '820aa0'],
    ['of another shape', 'a1010a'],
    ['out of range', '821a0000ffffa1181d08'],
  ])('begins anew when what it kept is %s, and says so (12.1)', async (_what, hex) => {
    await lamp.end('SIGKILL');
    writeFileSync(env['KEPT'] ?? '', Buffer.from(hex, 'hex'));
    const boots = new Set(states().map(({ boot }) => boot));
    lamp.start(env);
    await lamp.printed(/kept\.cbor: .+; waiting for the hub/);
    const anew = await hub.until(() => states().find(({ boot }) => !boots.has(boot)));
    expect([anew.dver, anew.errs]).toEqual([undefined, undefined]);
    expect(anew.vals.get(PID.period)).toBe(5);
    // The document that it had applied before is retained, and is news to it.
    const applied = await hub.until(() =>
      states().find(({ boot, dver }) => boot === anew.boot && dver === 8),
    );
    expect(applied.vals.get(PID.period)).toBe(10);
  });
});
