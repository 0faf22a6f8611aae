import { item } from './field.ts';

/** `false` or `true` (SPEC.md 5.5). */
export const bool = item<boolean>({
  expected: 'must be true or false',
  read: (reader) => reader.simple(),
  accepts: (value) => typeof value === 'boolean',
  write: (writer, value) => writer.simple(value),
});
