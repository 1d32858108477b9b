import { hash } from 'node:crypto';
import type { Look, ShardReading } from '../../collect/shard/ShardReading.ts';
import { missing } from '../../model/Fact.ts';
import type { RawAnswer, RawNode } from '../../model/raw.ts';
import { isDigested, KnownRows, type ToldRows } from '../../parse/digest/KnownRows.ts';

const sha256 = (text: string): string => hash('sha256', text, 'hex');

/** What all shards' nodes have in common, with room for as many forms of agents' tables as each of them may tell. */
export const knownOf = (shards: number): KnownRows => new KnownRows(sha256, 16 * Math.max(1, shards));

/**
 * The looks of a shard with what its nodes said in little understood, as the process understood it that asked them:
 * node by node in the order in which they were heard, for each was told what others had said before. What does not fit
 * is no answer.
 */
export function replayed({ looks }: ShardReading, digests: KnownRows): readonly Look[] {
  const doubts = new Map<RawNode, Doubts>();
  let base: ToldRows['base'] = [];
  const inOrder = looks
    .flatMap(({ nodes }) => nodes)
    .flatMap((node) => (node.heard === undefined ? [] : [{ node, heard: node.heard }]))
    .toSorted((a, b) => a.heard.turn - b.heard.turn);
  for (const { node, heard } of inOrder) {
    const { lbDump, frontends } = node.answers;
    const words = [heard.nonce, ''] as const;
    const found: Doubts = {};
    if (isSaid(lbDump) && isDigested(lbDump.text)) {
      const read = digests.read(lbDump.text, { nonce: heard.nonce, words, base });
      if (!read.ok) found.lbDump = `in little, ${read.why}`;
      else if (base.length === 0) base = read.value.buckets;
    }
    if (isSaid(frontends)) {
      const doubt = digests.states.hear(frontends.text, { words });
      if (doubt !== undefined) found.frontends = doubt;
    }
    doubts.set(node, found);
  }
  return looks.map((look) => ({ ...look, nodes: look.nodes.map((node) => without(node, doubts.get(node) ?? {})) }));
}

interface Doubts {
  lbDump?: string;
  frontends?: string;
}

const isSaid = (answer: RawAnswer | undefined): answer is Extract<RawAnswer, { readonly text: string }> =>
  answer !== undefined && !('missing' in answer) && answer.exitCode === 0;

function without(node: RawNode, { lbDump, frontends }: Doubts): RawNode {
  const none = (name: 'lbDump' | 'frontends', why: string | undefined): RawNode['answers'] => {
    const command = node.answers[name]?.command;
    return why === undefined
      ? {}
      : { [name]: { ...missing('unparsed', why), ...(command !== undefined && { command }) } };
  };
  return { ...node, answers: { ...node.answers, ...none('lbDump', lbDump), ...none('frontends', frontends) } };
}
