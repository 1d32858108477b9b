import { canonicalAddress } from '../model/lb/address.ts';
import type { NodeFactName } from '../model/NodeFacts.ts';
import type { ClusterFactName } from '../model/Snapshot.ts';
import { grepFor } from './grepFor.ts';

/** What was seen and how to see it again. */
export interface Evidence {
  readonly node?: string;
  /** Shows the lines again, among others where it does not end in a `grep` for them. */
  readonly command: string;
  /** At most a few, as the program printed them; text from the cluster, not yet safe for a terminal. */
  readonly lines: readonly string[];
  /** Which of the lines decides, from 0; absent: no single one does. */
  readonly decides?: number;
}

/** A text of one or more lines, or lines of which one decides. */
export type Seen = string | SeenLines;

export interface SeenLines {
  readonly lines: readonly string[];
  /** Index in `lines`. */
  readonly decides?: number;
  /** Names of the objects of the API that the lines are about: by these the command finds them again. */
  readonly of?: readonly string[];
  /** The command that showed them, where the fact is put together of what several showed. */
  readonly command?: string;
  /** Which of the places that a probe tried the lines are about: its command tries one of them. */
  readonly at?: ProbedPlace | undefined;
}

interface ProbedPlace {
  readonly address: string;
  readonly port: number;
}

/** @param source the command behind the fact; empty: none is known */
export function evidenceOf(fact: ClusterFactName | NodeFactName, source: string, seen: Seen, node?: string): Evidence {
  const { lines, decides, of, at, command = commandAt(source, at) } = typeof seen === 'string' ? linesOf(seen) : seen;
  return {
    ...(node === undefined ? {} : { node }),
    command: grepFor(command, fact, { lines, decides, of }),
    lines,
    ...(decides === undefined ? {} : { decides }),
  };
}

function commandAt(source: string, at: ProbedPlace | undefined): string {
  const address = canonicalAddress(at?.address ?? '');
  return address === undefined ? source : source.replace(/<\/dev\/tcp\/\S+/, () => `</dev/tcp/${address}/${at?.port}`);
}

const linesOf = (text: string): SeenLines => ({ lines: text.trimEnd() === '' ? [] : text.trimEnd().split('\n') });
