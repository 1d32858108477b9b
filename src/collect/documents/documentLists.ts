import { missing, type Missing } from '../../model/Fact.ts';
import { documentNames, type DocumentName, type RawDocument, type RawDocuments } from '../../model/raw.ts';
import { namedAs } from './namedAs.ts';

export const notCollected: Missing = missing('notCollected', 'no check of this run needs it');
export const leftOut = (): RawDocuments =>
  Object.fromEntries(documentNames.map((name) => [name, notCollected])) as RawDocuments;

/** These documents alone: to read all of a large cluster takes 100 ms. */
export const onlyDocuments = <N extends DocumentName>(
  documents: Pick<RawDocuments, N>,
  names: readonly N[],
): RawDocuments => ({
  ...leftOut(),
  ...Object.fromEntries(names.map((name) => [name, documents[name]])),
});

/** What is missing now, as it was before. */
export function withEarlier(before: RawDocuments | undefined, now: RawDocuments): RawDocuments {
  if (before === undefined) return now;
  const lacking = documentNames.filter((name) => 'missing' in now[name]);
  return { ...now, ...Object.fromEntries(lacking.map((name) => [name, before[name]])) };
}

export const isList = (document: RawDocument): document is ListDocument =>
  !('missing' in document) && Array.isArray(document.value);

interface ListDocument {
  readonly value: readonly unknown[];
  readonly source: string;
}

/** A list without what is in these namespaces. */
export const without = ({ value, source }: ListDocument, namespaces: ReadonlySet<string>): RawDocument => ({
  value: value.filter((object) => !namespaces.has(namedAs(object).namespace)),
  source,
});

/** Several lists as one, each object once; what one of them lacks, the union lacks. */
export function union(documents: readonly RawDocument[]): RawDocument {
  const lacking = documents.find((document) => 'missing' in document);
  if (lacking !== undefined) return lacking;
  const lists = documents.filter(isList);
  const objects = new Map(lists.flatMap(({ value }) => value.map((object) => [namedAs(object).key, object])));
  return { value: [...objects.values()], source: lists[0]?.source ?? '' };
}
