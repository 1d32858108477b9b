/** Text of at most `most` UTF-16 units; one that is longer ends in `…`, and never in half a character. */
export const truncate = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1).replace(halfAtEnd, '')}…` : text;

/** The same for paths and names, of which the end says most: `…` takes the place of the middle. */
export function truncateMiddle(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = Math.floor((most - 1) / 3);
  return `${text.slice(0, most - 1 - end).replace(halfAtEnd, '')}…${text.slice(-end).replace(halfAtStart, '')}`;
}

const halfAtEnd = /[\uD800-\uDBFF]$/;
const halfAtStart = /^[\uDC00-\uDFFF]/;

/** What others wrote, in full as far as a person could want it; where there is less room, the page shortens it. */
export const quoted = (text: string): string => truncate(text, 4000);
