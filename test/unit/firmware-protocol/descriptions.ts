import { FLAG, TYPE, type Description, type Property, type Value, type Values } from '#firmware-protocol';

/** A description with these properties. Ids count from 1, and a name follows from the id. */
export function describing(...props: (Partial<Property> & Pick<Property, 'type'>)[]): Description {
  return {
    proto: [1, 0],
    model: 'test',
    fw: '1',
    props: props.map((property, at) => ({ pid: at + 1, key: `p${at + 1}`, ...property })),
  };
}

export const values = (entries: Record<number, Value>): Values =>
  new Map(Object.entries(entries).map(([pid, value]) => [Number(pid), value]));

export const commanded = FLAG.writable;
export const persistent = FLAG.writable | FLAG.persistent;

/** One property of each type, writable by `cmd`, with ids in the order of `TYPE`. */
export const oneOfEach = describing(
  { pid: 0, type: TYPE.bool, flags: commanded },
  { pid: 1, type: TYPE.int, flags: commanded },
  { pid: 2, type: TYPE.float, flags: commanded },
  { pid: 3, type: TYPE.enum, flags: commanded, enum: ['off', 'slow', 'fast'] },
  { pid: 4, type: TYPE.text, flags: commanded },
  { pid: 5, type: TYPE.bytes, flags: commanded },
  { pid: 6, type: TYPE.rgb, flags: commanded },
);
