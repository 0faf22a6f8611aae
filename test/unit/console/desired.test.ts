import { describe, expect, it } from 'vitest';
import { CODE, COMMAND } from '#firmware-protocol';
import { takeCommandDelta } from '#console/fleet/command.ts';
import { propertyState } from '#console/fleet/control-state.ts';
import { drift, followDesired } from '#console/fleet/desired.ts';
import { command, commandDelta, device, NOON } from './samples.ts';

const asked = command({ path: 'desired', want: new Map([[3, 20]]) });
const before = device({ wver: 1, dver: 1, want: new Map([[3, 10]]), vals: new Map([[3, 10]]) });
const taken = { ...before, wver: 2, want: new Map([[3, 20]]) };

describe('a request to the desired document', () => {
  it('is with the device once the document holds it', () => {
    expect(followDesired([asked], before, taken, NOON + 50)[0]).toMatchObject({ stage: 'sent', version: 2 });
  });

  it('is done once the device has applied that version', () => {
    const sent = followDesired([asked], before, taken, NOON + 50);
    expect(followDesired(sent, taken, { ...taken, seen: NOON + 60 }, NOON + 60)).toBe(sent);
    const applied = followDesired(sent, taken, { ...taken, dver: 2 }, NOON + 70);
    expect(applied[0]).toMatchObject({ stage: 'done', at: NOON + 70 });
  });

  it('is not pending any more where the device applied it and reports another value', () => {
    const applied = { ...taken, dver: 2, vals: new Map([[3, 15]]) };
    const done = followDesired([asked], before, applied, NOON + 50);
    expect(propertyState(applied, done, 3, NOON + 60)).toEqual({ kind: 'idle' });
    expect(drift(applied, 3)).toBe(20);
  });

  it('is done at once where both come in one change', () => {
    expect(followDesired([asked], before, { ...taken, dver: 2 }, NOON + 50)[0]?.stage).toBe('done');
  });

  it('fails with the reason that the device gives for its property', () => {
    const refusing = { ...taken, dver: 2, errs: new Map([[3, CODE.range]]) };
    expect(followDesired([asked], before, refusing, NOON)[0]).toMatchObject({
      stage: 'failed',
      code: CODE.range,
    });
  });

  it('is not taken for one of somebody else', () => {
    const other = { ...before, wver: 2, want: new Map([[3, 30]]) };
    const commands = [asked];
    expect(followDesired(commands, before, other, NOON)).toBe(commands);
  });

  it('leaves commands alone', () => {
    const commands = [command({ want: new Map([[3, 20]]) })];
    expect(followDesired(commands, before, { ...taken, dver: 2 }, NOON)).toBe(commands);
  });

  it('is refused by a step of the command feed', () => {
    const refused = takeCommandDelta(asked, commandDelta({ st: COMMAND.rejected, msg: 'out of range' }));
    expect(refused).toMatchObject({ path: 'desired', stage: 'rejected', msg: 'out of range' });
  });
});

describe('drift', () => {
  const settled = device({ want: new Map([[3, 20]]), wver: 2, dver: 2, vals: new Map([[3, 20]]) });

  it('is a value that changed although the document was applied', () => {
    expect(drift(settled, 3)).toBeUndefined();
    expect(drift({ ...settled, vals: new Map([[3, 25]]) }, 3)).toBe(20);
  });

  it('is not a document on its way, nor one that failed, nor a property outside it', () => {
    const other = { ...settled, vals: new Map([[3, 25]]) };
    expect(drift({ ...other, dver: 1 }, 3)).toBeUndefined();
    expect(drift({ ...other, errs: new Map([[3, CODE.range]]) }, 3)).toBeUndefined();
    expect(drift(other, 4)).toBeUndefined();
  });
});
