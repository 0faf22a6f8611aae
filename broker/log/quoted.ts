/** Longer texts of others say nothing more, in characters. */
const MOST = 100;

/**
 * What somebody else wrote, as a log line may hold it: in quotes, in printable ASCII, and cut. A terminal that shows the
 * log then takes none of it as an order, and nobody writes lines of their own.
 */
export function quoted(text: string): string {
  const shown = JSON.stringify(text.slice(0, MOST)).replaceAll(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return text.length > MOST ? `${shown}…` : shown;
}
