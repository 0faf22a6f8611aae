const plain = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));

/** The detail of an entry as a line for people: "role: viewer · name: Kim". Empty where it has none. */
export function describeDetail(detail: unknown): string {
  if (detail === undefined || detail === null) return '';
  if (typeof detail !== 'object' || Array.isArray(detail)) return plain(detail);
  return Object.entries(detail)
    .map(([key, value]) => `${key}: ${plain(value)}`)
    .join(' · ');
}
