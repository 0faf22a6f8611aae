interface Checked {
  safeParse(
    value: unknown,
  ): { success: true } | { success: false; error: { issues: readonly { message: string }[] } };
}

/** What the hub's contract has against a value, in its own words; undefined where it has nothing. */
export function problemOf(schema: Checked, value: unknown): string | undefined {
  const result = schema.safeParse(value);
  return result.success ? undefined : result.error.issues[0]?.message;
}
