/** What is within another value. Text is in quotes, so that none looks like more than it is. */
function within(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? String(value);
  return Array.isArray(value) ? `[${value.map(within).join(', ')}]` : `(${pairs(value)})`;
}

const pairs = (value: object): string =>
  Object.entries(value)
    .map(([key, each]) => `${key} = ${within(each)}`)
    .join(', ');

/** When a schedule is due once, in Unix ms, as far as there are dates (ECMA-262, 21.4.1.1). */
const isTime = (at: unknown): at is number => typeof at === 'number' && Math.abs(at) <= 8.64e15;

function told(key: string, value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (key === 'when' && 'at' in value && isTime(value.at)) return new Date(value.at).toISOString();
  return Array.isArray(value) ? within(value) : pairs(value);
}

/**
 * The detail of an entry as a line for people: "role: viewer · name: Kim", "id: 01 · set: power = true, level = 5". Empty
 * where it has none.
 */
export function describeDetail(detail: unknown): string {
  if (detail === undefined || detail === null) return '';
  if (typeof detail !== 'object' || Array.isArray(detail)) return told('', detail);
  return Object.entries(detail)
    .map(([key, value]) => `${key}: ${told(key, value)}`)
    .join(' · ');
}
