import {
  COLLECTION_STYLE as collectionStyle,
  type Event,
  EVENT_ID as eventId,
  SCALAR_STYLE as scalarStyle,
  type ScalarEvent,
} from 'js-yaml';

/** What is wrong by the reader that Helm has, and at which offset. */
export interface RefusedForm {
  readonly message: string;
  readonly offset: number;
}

/**
 * The first thing that the library takes, and that Helm’s reader (of YAML 1.1) refuses or takes for something else;
 * undefined: there is none.
 */
export function refusedByHelm(source: string, events: readonly Event[]): RefusedForm | undefined {
  const directive = directiveIn(source);
  if (directive !== undefined) return directive;
  const isFlow: boolean[] = [];
  for (const event of events) {
    if (event.type === eventId.POP) isFlow.pop();
    else if (event.type === eventId.DOCUMENT) isFlow.push(false);
    else if (event.type === eventId.MAPPING || event.type === eventId.SEQUENCE)
      isFlow.push(event.style === collectionStyle.FLOW);
    else if (event.type === eventId.SCALAR && event.style === scalarStyle.PLAIN && isFlow.at(-1) === true) {
      const message = wrongInBrackets(source, event);
      if (message !== undefined) return { message, offset: event.valueStart };
    }
  }
  return undefined;
}

/** Of the first document: Helm reads no other. */
function directiveIn(source: string): RefusedForm | undefined {
  let offset = source.startsWith('\uFEFF') ? 1 : 0;
  while (offset < source.length) {
    const end = source.indexOf('\n', offset);
    const line = source.slice(offset, end === -1 ? undefined : end);
    if (line.startsWith('%') && !/^%YAML[ \t]+1\.1[ \t\r]*(?:#|$)/.test(line))
      return { message: 'Helm’s YAML is 1.1, without such lines: leave it out', offset };
    if (end === -1 || !/^(?:[ \t]*(?:#|\r?$)|%)/.test(line)) return undefined;
    offset = end + 1;
  }
  return undefined;
}

/** There a question mark ends a value, and a colon may begin none (`[::/0]`); behind one that ends a key is a blank. */
function wrongInBrackets(source: string, { valueStart, valueEnd }: ScalarEvent): string | undefined {
  if (valueStart === -1) return undefined;
  if (source[valueStart] === ':') return 'in brackets no value begins with a colon: put it in quotes';
  if (source.slice(valueStart, valueEnd).includes('?')) return 'in brackets no value holds a ?: put it in quotes';
  return /^:[,[\]{}]/.test(source.slice(valueEnd, valueEnd + 2))
    ? 'in brackets a value that ends with a colon is in quotes, and a key has a blank behind its colon'
    : undefined;
}
