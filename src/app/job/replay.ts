import { knownRows } from '../../collect/knownRows.ts';
import type { Look, ShardReading } from '../../collect/shard/ShardReading.ts';
import { missing } from '../../model/Fact.ts';
import type { AnswerName, RawAnswer, RawNode } from '../../model/raw.ts';
import { isDigested, type KnownRows, type ToldRows } from '../../parse/digest/KnownRows.ts';
import { ruleDumpNames } from '../../parse/rules/ruleDumps.ts';

/** What all shards' nodes have in common, with room for as much as each of them may tell. */
export const knownOf = (shards: number): KnownRows => knownRows(Math.max(1, shards));

/**
 * A shard's reading with what its nodes said in little understood, as the process understood it that asked them:
 * node by node in the order in which they were heard, for each was told what others had said before. What does not fit
 * is no answer.
 */
export function replayed({ looks, ...reading }: ShardReading, digests: KnownRows): ShardReading {
  const doubts = new Map<RawNode, Doubts>();
  let base: ToldRows['base'] = [];
  const inOrder = looks
    .flatMap(({ nodes }) => nodes)
    .flatMap((node) => (node.heard === undefined ? [] : [{ node, heard: node.heard }]))
    .toSorted((a, b) => a.heard.turn - b.heard.turn);
  for (const { node, heard } of inOrder) {
    const { lbDump, frontends } = node.answers;
    const words = [heard.nonce, ''] as const;
    const found: Doubts = new Map();
    if (isSaid(lbDump) && isDigested(lbDump.text)) {
      const read = digests.read(lbDump.text, { nonce: heard.nonce, words, base });
      if (!read.ok) found.set('lbDump', `in little, ${read.why}`);
      else if (base.length === 0) base = read.value.buckets;
    }
    if (isSaid(frontends)) addTo(found, 'frontends', digests.states.hear(frontends.text, { words }));
    for (const name of ruleDumpNames) {
      const dump = node.answers[name];
      if (isSaid(dump)) addTo(found, name, digests.rules.hear(name, dump.text, heard.nonce));
    }
    doubts.set(node, found);
  }
  const understood = (look: Look): Look => ({
    ...look,
    nodes: look.nodes.map((node) => without(node, doubts.get(node) ?? new Map())),
  });
  return { ...reading, looks: looks.map(understood) };
}

/** Why answers do not fit. */
type Doubts = Map<AnswerName, string>;

function addTo(doubts: Doubts, name: AnswerName, why: string | undefined): void {
  if (why !== undefined) doubts.set(name, why);
}

const isSaid = (answer: RawAnswer | undefined): answer is Extract<RawAnswer, { readonly text: string }> =>
  answer !== undefined && !('missing' in answer) && answer.exitCode === 0;

function without(node: RawNode, doubts: Doubts): RawNode {
  if (doubts.size === 0) return node;
  const none = [...doubts].map(([name, why]): [AnswerName, RawAnswer] => {
    const command = node.answers[name]?.command;
    return [name, { ...missing('unparsed', why), ...(command !== undefined && { command }) }];
  });
  return { ...node, answers: { ...node.answers, ...Object.fromEntries(none) } };
}
