import { describe, expect, it } from 'vitest';
import { CODE } from '#firmware-protocol';
import { drift } from '#console/fleet/desired.ts';
import { device } from './samples.ts';

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
