/** `1 node`, `2 nodes`, `0 addresses`. */
export const count = (number: number, noun: string): string => `${number} ${plural(number, noun)}`;

/** The regular plural of a noun, or the noun itself for exactly one. */
export function plural(number: number, noun: string): string {
  if (number === 1) return noun;
  if (/(?:s|x|z|ch|sh)$/.test(noun)) return `${noun}es`;
  return /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}
