/** Rows above and below the visible ones that are drawn as well, so that scrolling does not outrun them. */
const OVERSCAN = 6;

/** Which of `count` rows of equal height are to be drawn: from `first` up to and without `end`. */
export function visibleRange(
  count: number,
  rowHeight: number,
  scrollTop: number,
  viewportHeight: number,
): { first: number; end: number } {
  const top = Math.floor(scrollTop / rowHeight) - OVERSCAN;
  const bottom = Math.ceil((scrollTop + viewportHeight) / rowHeight) + OVERSCAN;
  const end = Math.max(0, Math.min(count, bottom));
  return { first: Math.max(0, Math.min(end, top)), end };
}

/** The row that a key leads to from the one at `index`, or undefined where the key leads nowhere. */
export function rowAfterKey(key: string, index: number, count: number, page: number): number | undefined {
  const last = count - 1;
  switch (key) {
    case 'ArrowDown':
      return Math.min(last, index + 1);
    case 'ArrowUp':
      return Math.max(0, index - 1);
    case 'PageDown':
      return Math.min(last, index + page);
    case 'PageUp':
      return Math.max(0, index - page);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return undefined;
  }
}
