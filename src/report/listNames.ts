/** `n1, n2 and 10 more`: all of up to three names, else the first two. */
export function listNames(names: readonly string[], all = false): string {
  const [first, second] = names;
  if (first === undefined) return '';
  if (all || names.length <= 3) {
    const last = names.at(-1) ?? first;
    return names.length === 1 ? first : `${names.slice(0, -1).join(', ')} and ${last}`;
  }
  return `${first}, ${second ?? ''} and ${names.length - 2} more`;
}

/** `1 node`, `2 nodes`, `2 checks`. */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
