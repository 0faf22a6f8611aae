import { ACK, CODE, COMMAND } from '#firmware-protocol';
import { ScriptedDevice } from './scripted-device.ts';
import { Trial } from './trial.ts';
import type { Verdict } from './verdict.ts';

const BOOT = 7;
const ON = new Map([[1, true]]);

/** Answers that come twice, contradict each other, come from another boot, or come late. */
export const strayAcks = (): Promise<Verdict> =>
  Trial.run({}, async (trial) => {
    const secrets = await trial.hub.addDevices({ id: 'lamp' });
    const device = await ScriptedDevice.connect(trial.hub, 'lamp', secrets.get('lamp') ?? '', BOOT);
    trial.undo(() => device.close());
    await trial.online('lamp');
    const sent = async (ttl: number): Promise<Uint8Array> => {
      const id = trial.ask('lamp', { vals: ON, ttl });
      await device.commanded(id);
      return id;
    };

    const twice = await sent(5_000);
    for (const st of [ACK.accepted, ACK.accepted, ACK.done, ACK.done]) await device.answer(twice, st);
    await device.answer(twice, ACK.failed, { code: CODE.aborted });

    const fromElsewhere = await sent(5_000);
    await device.answer(fromElsewhere, ACK.failed, { boot: BOOT + 1, code: CODE.aborted });
    await device.answer(fromElsewhere, ACK.done);
    await trial.told('lamp', fromElsewhere, COMMAND.done, COMMAND.failed);

    // What comes right after the last word is there before that is stored.
    const turnedRound = await sent(5_000);
    const word = device.answer(turnedRound, ACK.done);
    await device.answer(turnedRound, ACK.accepted);
    await word;

    const late = await sent(300);
    await trial.told('lamp', late, COMMAND.timedOut);
    await device.answer(late, ACK.done);
    await trial.told('lamp', late, COMMAND.done);

    const tooLate = await sent(300);
    await trial.told('lamp', tooLate, COMMAND.timedOut);
    await device.answer(tooLate, ACK.done, { boot: BOOT + 1 });

    // Whatever the hub made of the answers before is told before this.
    const last = await sent(5_000);
    await device.answer(last, ACK.done);
    await trial.told('lamp', last, COMMAND.done);

    const { accepted, created, done, sent: out, timedOut } = COMMAND;
    const expected = [
      ['answered twice', twice, [created, out, accepted, done]],
      ['answered by another boot as well', fromElsewhere, [created, out, done]],
      ['answered in the wrong order', turnedRound, [created, out, done]],
      ['answered late', late, [created, out, timedOut, done]],
      ['answered late by another boot', tooLate, [created, out, timedOut]],
    ] as const;
    for (const [what, id, steps] of expected) {
      const told = trial.steps('lamp', id);
      trial.must(
        `${told}` === `${steps}`,
        `the command that was ${what} went through ${told} and not ${steps}`,
      );
      trial.must(device.count(id) === 1, `the command that was ${what} was sent ${device.count(id)} times`);
    }
    trial.figures['answers'] = 12;
  });
