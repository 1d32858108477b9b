import type { Protocol } from '../../model/lb/address.ts';
import { type BackendKey, backendKey } from '../../model/lb/keys.ts';
import type { ProxyAnswer, ProxySource } from '../../model/lb/ProxyTable.ts';

/** For whom a rule is, and whether it is for all of their connections. */
export interface RuleCondition {
  /** undefined: for all. */
  readonly source: 'pod' | 'node' | undefined;
  /** A matter of chance, or of which connections came before. */
  readonly maybe: boolean;
  /** Stickiness that the rule stands for, in seconds; 0: none. */
  readonly affinity: number;
  /** Set when there is a match that is not known here: what it is. */
  readonly unknown: string | undefined;
}

export type Step = {
  readonly when: RuleCondition;
  readonly act:
    | { readonly kind: 'jump' | 'goto'; readonly target: string }
    | { readonly kind: 'backend'; readonly address: string; readonly port: number }
    | { readonly kind: 'reject' | 'drop' | 'accept' | 'return' };
};

/** Chains of either program, reduced to what decides where a connection goes. */
export type RuleGraph = ReadonlyMap<string, readonly Step[]>;

export interface Walk {
  readonly answer: ProxyAnswer;
  readonly affinityTimeout: number;
  readonly doubt: string | undefined;
}

/**
 * Where connections from `source` end that enter `chain`: follows jumps, not names and comments.
 * @param protocol of the frontend, which is its backends', too: chains name addresses and ports
 */
export function walkRules(graph: RuleGraph, chain: string, source: ProxySource, protocol: Protocol): Walk {
  const walker = new Walker(graph, source, protocol);
  const ended = walker.enter(chain);
  if (!ended && walker.backends.size > 0) walker.doubt ??= `some connections leave ${chain} without a backend`;
  return {
    answer:
      walker.backends.size > 0
        ? { kind: 'balance', backends: [...walker.backends].toSorted() }
        : { kind: walker.verdict ?? 'pass' },
    affinityTimeout: walker.affinity,
    doubt: walker.doubt,
  };
}

class Walker {
  readonly backends = new Set<BackendKey>();
  verdict: 'reject' | 'drop' | undefined;
  affinity = 0;
  doubt: string | undefined;
  readonly #graph: RuleGraph;
  readonly #source: ProxySource;
  readonly #protocol: Protocol;
  /**
   * Whether a chain ends every connection, once it was walked; undefined: the walk is in it. Each is walked once, so a
   * walk is linear.
   */
  readonly #ends = new Map<string, boolean | undefined>();

  constructor(graph: RuleGraph, source: ProxySource, protocol: Protocol) {
    this.#graph = graph;
    this.#source = source;
    this.#protocol = protocol;
  }

  /** Whether every connection that enters the chain ends in it or in one that it leads to. */
  enter(chain: string): boolean {
    if (this.#ends.has(chain)) {
      const ends = this.#ends.get(chain);
      if (ends === undefined) this.doubt ??= `the jumps to ${chain} do not end`;
      return ends ?? false;
    }
    this.#ends.set(chain, undefined);
    const ends = this.#walk(chain);
    this.#ends.set(chain, ends);
    return ends;
  }

  #walk(chain: string): boolean {
    const steps = this.#graph.get(chain);
    if (steps === undefined) {
      this.doubt ??= `there is no chain ${chain}`;
      return false;
    }
    for (const { when, act } of steps) {
      if (when.source !== undefined && when.source !== this.#source) continue;
      if (when.unknown !== undefined) this.doubt ??= `a match of ${chain} is not known: ${when.unknown}`;
      if (when.affinity > this.affinity) this.affinity = when.affinity;
      const certain = !when.maybe && when.unknown === undefined;
      switch (act.kind) {
        case 'backend':
          this.backends.add(backendKey(act.address, act.port, this.#protocol));
          if (certain) return true;
          break;
        case 'reject':
        case 'drop':
          this.verdict ??= act.kind;
          if (certain) return true;
          break;
        case 'jump':
          if (this.enter(act.target) && certain) return true;
          break;
        case 'goto': {
          const ended = this.enter(act.target);
          if (certain) return ended;
          break;
        }
        case 'accept':
          if (certain) return true;
          break;
        case 'return':
          if (certain) return false;
          break;
        default:
          return act satisfies never;
      }
    }
    return false;
  }
}
