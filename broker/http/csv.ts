export type Field = string | number | boolean;

/** One line of a CSV file (RFC 4180). */
export const csvLine = (row: readonly Field[]): string => `${row.map(csvField).join(',')}\r\n`;

/** Texts come from devices and from people, and a spreadsheet takes one that begins so for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

function csvField(field: Field): string {
  const text = typeof field === 'string' && FORMULA.test(field) ? `'${field}` : String(field);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
