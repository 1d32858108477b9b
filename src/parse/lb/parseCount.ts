/** A decimal number of up to ten digits; undefined: something else. */
export function parseCount(text: string): number | undefined {
  const length = text.length;
  if (length < 1 || length > 10) return undefined;
  let value = 0;
  for (let i = 0; i < length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}
