const LONGEST = 32;

/** The id that a name suggests, such as "kitchen-lamp" for "Kitchen lamp"; empty where it suggests none. */
export function idFrom(name: string): string {
  const plain = name.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return plain
    .replaceAll(/[^a-z0-9_]+/g, '-')
    .replace(/^[-_]+/, '')
    .slice(0, LONGEST)
    .replace(/-$/, '');
}
