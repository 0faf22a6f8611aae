/** The tags that somebody wrote with commas between them, each once. */
export function tagsFrom(written: string): string[] {
  const each = written.split(',').map((tag) => tag.trim());
  return [...new Set(each.filter(Boolean))];
}
