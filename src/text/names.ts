/** For a sentence, `n1, n2 and 10 more`: all of up to three names, else the first two. */
export function listNames(names: readonly string[], all = false): string {
  const [first, second] = names;
  if (first === undefined) return '';
  if (all || names.length <= 3) {
    const last = names.at(-1) ?? first;
    return names.length === 1 ? first : `${names.slice(0, -1).join(', ')} and ${last}`;
  }
  return `${first}, ${second ?? ''} and ${names.length - 2} more`;
}

/** For a column or brackets, `k1, k2, k3 and 10 more`: a plain list that ends after `most`. */
export const listFirst = (names: readonly string[], most: number): string =>
  names.length > most ? `${names.slice(0, most).join(', ')} and ${names.length - most} more` : names.join(', ');

/** Numbers by their value: n2 before n10. */
export function byName(one: string, other: string): number {
  collator ??= new Intl.Collator('en', { numeric: true });
  return collator.compare(one, other);
}

/** Made once something is sorted: it takes 3 ms. */
let collator: Intl.Collator | undefined;
