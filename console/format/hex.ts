/** Bytes as lower-case hexadecimal digits, two each. */
export const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Three bytes of sRGB as a CSS colour, `#rrggbb`. */
export const toCssColour = (rgb: Uint8Array): string => `#${toHex(rgb.subarray(0, 3))}`;

/** The three bytes of a CSS colour written `#rrggbb`. */
export const fromCssColour = (colour: string): Uint8Array =>
  Uint8Array.from([1, 3, 5], (at) => Number.parseInt(colour.slice(at, at + 2), 16));

/** The bytes of hexadecimal digits, two each. */
export const fromHex = (digits: string): Uint8Array =>
  Uint8Array.from({ length: digits.length >> 1 }, (_, at) =>
    Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16),
  );
