import {
  COLLECTION_STYLE as collectionStyle,
  EVENT_ID as eventId,
  type Event,
  SCALAR_STYLE as scalarStyle,
} from 'js-yaml';

/**
 * Where a line begins with a tab and holds nothing else than a comment, outside of brackets and quotes: the library
 * passes it over, and Helm refuses it. undefined: there is none that is certain.
 */
export function tabLine(source: string, events: readonly Event[]): number | undefined {
  const lines = Array.from(source.matchAll(/^\t[ \t]*(?:#.*)?\r?$/gm), ({ index }) => index);
  // What stands behind the end of a document is nobody's.
  if (lines.length === 0 || events.some((one) => one.type === eventId.DOCUMENT && one.explicitEnd)) return undefined;
  let [at, allowedTo] = [0, 0];
  const open: boolean[] = [];
  for (const event of events) {
    if (event.type === eventId.POP) {
      open.pop();
      continue;
    }
    if (event.type !== eventId.DOCUMENT) {
      for (const start = startOf(event); (lines[at] ?? start) < start; at += 1)
        if ((lines[at] ?? 0) >= allowedTo) return lines[at];
      allowedTo = endOf(event, open.includes(true));
    }
    if (event.type !== eventId.SCALAR && event.type !== eventId.ALIAS)
      open.push(event.type !== eventId.DOCUMENT && event.style === collectionStyle.FLOW);
  }
  return lines.slice(at).find((line) => line >= allowedTo);
}

type Placed = Exclude<Event, { readonly type: typeof eventId.POP | typeof eventId.DOCUMENT }>;

const startOf = (event: Placed): number =>
  event.type === eventId.SCALAR ? event.valueStart : event.type === eventId.ALIAS ? event.anchorStart : event.start;

/** Up to where such lines may be within it: where brackets close is not told, so up to what comes behind them. */
function endOf(event: Placed, isWithinBrackets: boolean): number {
  const isFlow = 'style' in event && event.type !== eventId.SCALAR && event.style === collectionStyle.FLOW;
  if (isWithinBrackets || isFlow) return Number.POSITIVE_INFINITY;
  if (event.type !== eventId.SCALAR) return 0;
  const isQuoted = event.style === scalarStyle.SINGLE_QUOTED || event.style === scalarStyle.DOUBLE_QUOTED;
  return isQuoted ? event.valueEnd : 0;
}
