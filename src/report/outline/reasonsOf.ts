import { listNames } from '../../text/names.ts';
import { count } from '../../text/plural.ts';
import { withoutOwn } from '../../text/withoutOwn.ts';
import type { UnknownReport } from '../ReportDocument.ts';
import type { UnknownDetail } from './Outline.ts';

/** What is not known for one reason, once, with the nodes of which it is not. */
export function detailsOf(unknown: readonly UnknownReport[]): readonly UnknownDetail[] {
  const nodesOf = new Map<string, Set<string>>();
  for (const { node, detail } of unknown) {
    const text = node === null ? detail : withoutOwn(detail, [node]);
    const nodes = nodesOf.get(text) ?? new Set();
    nodesOf.set(text, node === null ? nodes : nodes.add(node));
  }
  return [...nodesOf].map(([text, nodes]) => ({ text, nodes: [...nodes] }));
}

/** Reasons that are told apart; the others are counted. */
const mostReasons = 3;

/** What befell most nodes first; of several reasons the nodes are counted, so that none hides behind another. */
export function reasonsOf(details: readonly UnknownDetail[]): readonly string[] {
  const sorted = details.toSorted((one, other) => other.nodes.length - one.nodes.length);
  if (sorted.length < 2) return sorted.map((one) => detailText(one, false));
  const left = sorted.length - mostReasons;
  return [
    ...sorted
      .slice(0, mostReasons)
      .map(({ text, nodes }) =>
        nodes.length > 1 ? `${count(nodes.length, 'node')}: ${text}` : detailText({ text, nodes }, false),
      ),
    ...(left > 0 ? [count(left, 'other reason')] : []),
  ];
}

export const detailText = ({ text, nodes }: UnknownDetail, all: boolean): string =>
  `${nodes.length === 0 ? '' : `${listNames(nodes, all)}: `}${text}`;
