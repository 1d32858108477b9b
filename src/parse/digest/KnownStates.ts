import type { FrontendState } from '../../model/NodeFacts.ts';
import { OwnStrings } from '../OwnStrings.ts';
import { type Parsed, parsed } from '../Parsed.ts';
import { parseFrontendStates } from '../parseFrontendStates.ts';
import { readTable } from '../readTable.ts';

/** Digits of a digest that travel; all of them, with the nonce, are proved. */
const shortLength = 16;
/** Nodes differ while things change; more forms of the same table than that are not told to them. */
const maxTold = 16;
/** Types of frontends that agents of all nodes have alike. */
const commonTypes: ReadonlySet<string> = new Set(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalIPs']);

/** What a node that is asked now is told. */
export interface ToldStates {
  readonly words: readonly [nonce: string, known: string];
}

/** The rows of an agent's table of frontends that are done, and nothing else is to be said of them. */
interface DoneRows {
  readonly digest: string;
  readonly states: readonly FrontendState[];
}

/**
 * Rows of agents' tables of frontends that nodes have in common, learnt from those that say all (docs/digests.md): what
 * frontendsDigest.pl leaves out is put back.
 */
export class KnownStates {
  readonly #sha256: (text: string) => string;
  readonly #most: number;
  readonly #byShort = new Map<string, DoneRows>();
  readonly #common = new WeakSet<readonly FrontendState[]>();
  readonly #strings = new OwnStrings();

  /**
   * @param sha256 of a text in UTF-8, in 64 digits
   * @param shards as many processes learnt, each for itself
   */
  constructor(sha256: (text: string) => string, shards = 1) {
    this.#sha256 = sha256;
    this.#most = maxTold * shards;
  }

  /** @param nonce of this exec alone */
  known(nonce: string): ToldStates {
    return { words: [nonce, [...this.#byShort.keys()].slice(0, maxTold).join('')] };
  }

  /** Learns what an answer says; why it is not to be believed, undefined: it is. */
  hear(text: string, { words: [nonce] }: ToldStates): string | undefined {
    const said = saidKnown(text);
    if (said === undefined) {
      if (this.#byShort.size < this.#most) this.#learn(text);
      return undefined;
    }
    const rows = this.#byShort.get(said.short);
    if (rows === undefined) return 'it speaks of frontends that are not known';
    return this.#sha256(`${nonce} ${rows.digest}\n`) === said.proof
      ? undefined
      : 'the digest of its frontends is not that of this question';
  }

  /** As `parseFrontendStates`, of an answer that was heard. */
  read(text: string): Parsed<readonly FrontendState[]> {
    const said = saidKnown(text);
    const rows = said === undefined ? undefined : this.#byShort.get(said.short);
    if (said === undefined || rows === undefined) return parseFrontendStates(text);
    const others = parseFrontendStates(text.replace(said.line, ''));
    if (!others.ok) return others;
    const all = others.value.length === 0 ? rows.states : [...rows.states, ...others.value];
    this.#common.add(all);
    return parsed(all);
  }

  /** Whether these are made of rows that are held once. */
  isShared(states: readonly FrontendState[]): boolean {
    return this.#common.has(states);
  }

  #learn(text: string): void {
    const table = readTable(text, ['Address', 'Type', 'ServiceName', 'Status', 'Error']);
    const read = table.ok ? parseFrontendStates(text) : table;
    if (!table.ok || !read.ok || table.value.length !== read.value.length) return;
    const lines: string[] = [];
    const states: FrontendState[] = [];
    for (const [at, row] of table.value.entries()) {
      const state = read.value[at];
      if (state === undefined || state.status !== 'Done' || state.error !== '' || !commonTypes.has(state.type))
        continue;
      lines.push(`${row.cell('Address')} ${state.type} ${state.service}\n`);
      states.push(state);
    }
    const digest = this.#sha256(lines.toSorted().join(''));
    this.#byShort.set(digest.slice(0, shortLength), { digest, states: this.#strings.own(states) });
  }
}

function saidKnown(
  text: string,
): { readonly line: string; readonly short: string; readonly proof: string } | undefined {
  const [line, short, proof] = /^known ([0-9a-f]{16}) ([0-9a-f]*)\n/m.exec(text.slice(0, 4096)) ?? [];
  return line === undefined || short === undefined || proof === undefined ? undefined : { line, short, proof };
}
