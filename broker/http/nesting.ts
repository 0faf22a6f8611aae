const [QUOTE, BACKSLASH] = ['"', '\\'].map((char) => char.charCodeAt(0));
const OPENING = new Set(['[', '{'].map((char) => char.charCodeAt(0)));
const CLOSING = new Set([']', '}'].map((char) => char.charCodeAt(0)));

/**
 * Whether JSON nests deeper than so many levels. It is looked at before it is parsed: of half a megabyte that does nothing
 * but nest, the parser makes a fifth of a second.
 */
export function nestsDeeper(json: string, levels: number): boolean {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < json.length; at += 1) {
    const char = json.charCodeAt(at);
    if (char === QUOTE) isInString = !isInString;
    else if (isInString) at += char === BACKSLASH ? 1 : 0;
    else if (OPENING.has(char)) depth += 1;
    else if (CLOSING.has(char)) depth -= 1;
    if (depth > levels) return true;
  }
  return false;
}
