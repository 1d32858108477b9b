/** Nobody mistypes what is longer. */
const longestWord = 100;

/** The known word that somebody probably meant; undefined when none is near. */
export function suggest(typed: string, known: readonly string[]): string | undefined {
  if (typed.length > longestWord) return undefined;
  const most = (word: string): number => Math.max(1, Math.floor(Math.min(word.length, typed.length) / 4));
  const near = known
    .filter((word) => Math.abs(word.length - typed.length) <= most(word))
    .map((word) => ({ word, distance: distance(typed.toLowerCase(), word.toLowerCase()) }))
    .filter(({ word, distance }) => distance <= most(word))
    .toSorted((a, b) => a.distance - b.distance);
  return (
    near[0]?.word ??
    (typed.length >= 3 ? known.find((word) => word.toLowerCase().startsWith(typed.toLowerCase())) : undefined)
  );
}

/** Letters to insert, remove or replace, two neighbours swapped counting as one. */
function distance(from: string, to: string): number {
  let before: number[] = [];
  let above = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const change = from[i - 1] === to[j - 1] ? 0 : 1;
      let best = Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + change);
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1])
        best = Math.min(best, (before[j - 2] ?? 0) + 1);
      row.push(best);
    }
    before = above;
    above = row;
  }
  return above[to.length] ?? 0;
}
